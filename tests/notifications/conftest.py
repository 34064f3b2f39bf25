"""What these tests share: build 018, ready to be saved, and everybody's list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete

from bmu.changes.work import transaction
from bmu.notifications.models import Notification
from tests.conftest import Colleague

SignIn = Callable[[str], Colleague]
Save = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def quiet(app: Flask) -> None:
    """Nobody has been told anything yet."""
    with app.app_context(), transaction() as work:
        work.session.execute(delete(Notification))


@pytest.fixture
def save(sign_in: SignIn, record: dict[str, Any]) -> Save:
    """Saves fields of build 018: `save("AC00024", "taxStatus", pnd_status="paid")`; the record after it."""

    def put(who: str, page: str, **values: Any) -> dict[str, Any]:
        answer = sign_in(who).save(record, page, version=0, **values)
        assert answer.status_code == 200, answer.text
        data: dict[str, Any] = answer.json["data"]
        return data

    return put


def listed(who: Colleague, **query: Any) -> list[dict[str, Any]]:
    """Somebody's notifications, as the API lists them."""
    answer = who.get("/api/notifications", **query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["data"]
    return found
