"""How late the event loop comes, and what /metrics tells of the real-time side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from prometheus_client import REGISTRY

from bmu.realtime import lines, pulse, wire
from bmu.realtime.listeners import listeners
from bmu.realtime.sockets import MOST_SOCKETS
from tests.conftest import Colleague

SignIn = Callable[[str], Colleague]


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def beats(*times: float) -> pulse.Pulse:
    made = pulse.Pulse()
    for time in times:
        made.beat(time)
    return made


def test_a_beat_in_time_is_not_late() -> None:
    beats(10.0, 10.0 + pulse.EVERY, 10.0 + 2 * pulse.EVERY)
    assert value("bmu_hub_lag_worst_seconds") == pytest.approx(0, abs=1e-6)


def test_the_worst_is_remembered_for_a_minute() -> None:
    beat = beats(10.0, 10.5 + pulse.EVERY, 11.0)
    assert value("bmu_hub_lag_worst_seconds") == pytest.approx(0.5)
    beat.beat(69.0)
    assert value("bmu_hub_lag_worst_seconds") == pytest.approx(58 - pulse.EVERY)
    for second in range(70, 131):
        beat.beat(second)
    assert value("bmu_hub_lag_worst_seconds") == pytest.approx(1 - pulse.EVERY)


def test_each_beat_is_counted_by_how_late_it_was() -> None:
    before = value("bmu_hub_lag_seconds_bucket", le="0.05"), value("bmu_hub_lag_seconds_count")
    beats(10.0, 10.01 + pulse.EVERY, 10.2 + 2 * pulse.EVERY)
    after = value("bmu_hub_lag_seconds_bucket", le="0.05"), value("bmu_hub_lag_seconds_count")
    assert (after[0] - before[0], after[1] - before[1]) == (1, 2)


def test_the_worker_feels_the_pulse_and_sees_strangers_off(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(pulse.background, "start", lambda _app, name, *_: started.append(name))
    for start in app.extensions["bmu.background"]:
        start()
    assert {"tail", "doorkeeper", "pulse", "doormat"} <= set(started)


def test_saves_conflicts_refusals_catch_ups_and_rooms_are_counted(sign_in: SignIn, record: dict[str, Any]) -> None:
    def counted() -> list[float]:
        return [
            value("bmu_saves_total", entity="monthly_tax_data", action="update"),
            value("bmu_conflicts_total"),
            value("bmu_doors_refused_total", door="monthly_tax_api.put_record", status="404"),
            value("bmu_requests_total", door="monthly_tax_api.put_record", status="200"),
            value("bmu_catchups_total", found="some"),
            value("bmu_rooms_open"),
        ]

    before, admin = counted(), sign_in("admin")
    page = {"sourcePage": "taxStatus", "version": record["version"]}
    assert admin.put(record["id"], page | {"wht_response": "x"}).status_code == 200
    assert admin.put(record["id"], page | {"wht_response": "y"}).status_code == 409
    assert sign_in("AC00040").put(record["id"], page | {"wht_response": "y"}).status_code == 404
    sign_in("AC00024").listen(since=record["seq"])
    assert [after - old for after, old in zip(counted(), before, strict=True)] == [1, 1, 1, 1, 1, 2]


class Quiet:
    """A socket server whose lines nobody has come in by."""

    def __init__(self, *lines: str) -> None:
        self.eio, self.manager, self.cut = self, self, list[str]()
        self.sockets = dict.fromkeys(lines)

    def sid_from_eio_sid(self, line: str, _namespace: str) -> str | None:
        return None if line.startswith("new") else f"sid of {line}"


def test_who_does_not_come_in_or_is_not_known_is_seen_off(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    house, cut = Quiet("new", "new2", "forgotten"), list[tuple[str, str]]()
    monkeypatch.setattr(wire, "server", lambda: house)
    monkeypatch.setattr(wire, "hang_up", lambda line, why: cut.append((line, why)))
    doormat = lines.Doormat()
    doormat.sweep(100.0)
    doormat.sweep(100.0 + lines.COME_IN_WITHIN - 1)
    assert not cut
    del house.sockets["new2"]  # came in, or left
    doormat.sweep(100.0 + lines.COME_IN_WITHIN)
    assert cut == [("new", "stranger"), ("forgotten", "stranger")]


def test_an_account_opens_only_so_many_sockets(app: Flask, sign_in: SignIn) -> None:
    who = sign_in("AC00024")
    assert all(who.socket().is_connected() for _ in range(MOST_SOCKETS))
    assert not who.socket().is_connected() and sign_in("AC00012").socket().is_connected()
    assert len(listeners.everyone()) == MOST_SOCKETS + 1
