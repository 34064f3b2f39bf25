"""What the tests of the wire share: a saved record, and other writers on the same database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask

from bmu.changes.work import By, committed
from bmu.monthly_tax import service
from bmu.realtime import broadcast, presence, presence_events
from tests.conftest import Colleague
from tests.realtime.standing import Clock


@pytest.fixture
def touch(sign_in: Callable[[str], Colleague], record: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """Saves another text on build 018 as the administrator; answers the record."""
    count = 0

    def save(**values: Any) -> dict[str, Any]:
        nonlocal count
        count += 1
        body = {"sourcePage": "taxStatus", **(values or {"wht_response": f"ข่าว {count}"})}
        answer = sign_in("admin").put(record["id"], body)
        assert answer.status_code == 200, answer.text
        return answer.json["data"]

    return save


@pytest.fixture
def hand_over(app: Flask) -> Callable[..., dict[str, Any]]:
    """Puts other people in charge of a record."""

    def give(record: dict[str, Any], **people: str | None) -> dict[str, Any]:
        with app.app_context():
            return dict(service.hand_over(By("tests"), record["id"], people).data)

    return give


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that presence goes by, which only `later` turns."""
    made = Clock()
    monkeypatch.setattr(presence_events, "monotonic", made)
    return made


@pytest.fixture
def later(app: Flask, clock: Clock) -> Callable[[float], None]:
    """Lets seconds pass, and the sweep come by."""

    def wait(seconds: float) -> None:
        clock.now += seconds
        presence.sweep(clock.now)

    return wait


def meanwhile(work: Callable[[], Any]) -> Any:
    """Does `work` in another thread, as another request does: with a session and a snapshot of its own."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


@contextmanager
def elsewhere() -> Iterator[None]:
    """What is committed meanwhile is committed by another process: this one does not hear of it."""
    committed.disconnect(broadcast.hear)
    try:
        yield
    finally:
        committed.connect(broadcast.hear, weak=False)
