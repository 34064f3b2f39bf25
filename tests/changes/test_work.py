"""The unit of work: all or nothing, in one order, and the world is told after it."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from bmu.accounts.models import Employee
from bmu.changes.models import ChangeAudience, ChangeLog, Counter, UtcDateTime
from bmu.changes.work import By, Change, committed, last_seq, transaction
from bmu.extensions import db
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.realtime import wire
from tests.conftest import FIVE, Colleague, events

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]


@pytest.fixture
def told(app: Flask) -> Iterator[list[list[Change]]]:
    """What the signal told, as it came."""
    found: list[list[Change]] = []

    def hear(changes: list[Change]) -> None:
        found.append(list(changes))

    committed.connect(hear)
    yield found
    committed.disconnect(hear)


def of(record: Record) -> MonthlyTaxData:
    return db.session.get_one(MonthlyTaxData, record["id"])


def test_a_block_that_raises_leaves_nothing_behind(app: Flask, record: Record, told: list[Any]) -> None:
    with app.app_context():
        before = last_seq()
        with pytest.raises(ZeroDivisionError), transaction(By("x")) as work:
            work.edit(of(record), {"wht_response": "ไม่ควรอยู่"})
            work.number()
            raise ZeroDivisionError
        assert (last_seq(), of(record).wht_response) == (before, record["wht_response"])
    assert told == []


def test_a_rolled_back_save_emits_nothing(
    app: Flask, sign_in: SignIn, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bmu.changes import idempotency

    def fail(*_: Any) -> None:
        raise RuntimeError("disk full")

    socket = sign_in("AC00024").listen()
    monkeypatch.setattr(idempotency, "remember", fail)
    failed = sign_in("AC00024").save(record, "taxStatus", wht_response="x")
    assert (failed.status_code, events(socket)) == (500, [])
    monkeypatch.undo()
    assert sign_in("AC00024").get(record["id"]).json["data"] == record
    assert sign_in("AC00024").save(record, "taxStatus", wht_response="x").status_code == 200
    assert len(events(socket)) == 1


@pytest.mark.parametrize("broken", ["emit", "records", "row_html"])
def test_telling_badly_never_fails_the_save(
    sign_in: SignIn, record: Record, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    from bmu.realtime import broadcast

    def fail(*_: Any, **__: Any) -> None:
        raise OSError("nobody there")

    socket = sign_in("AC00008").listen(table="tax-inspection")
    parts = {
        "emit": (wire, "emit", fail),
        "records": (broadcast, "queries", SimpleNamespace(records=fail)),
        "row_html": (broadcast, "row_html", fail),
    }
    with monkeypatch.context() as patch:
        patch.setattr(*parts[broken])
        saved = sign_in("AC00024").save(record, "taxStatus", wht_response="x")
    assert saved.status_code == 200
    assert sign_in("AC00024").get(record["id"]).json["data"]["wht_response"] == "x"
    assert events(socket) == []


def test_a_listener_that_fails_keeps_nobody_else_from_hearing(app: Flask, sign_in: SignIn, record: Record) -> None:
    def fail(_changes: Any) -> None:
        raise ValueError("a listener of somebody's")

    socket = sign_in("AC00008").listen()
    committed.connect(fail)
    try:
        saved = sign_in("AC00024").save(record, "taxStatus", wht_response="x")
    finally:
        committed.disconnect(fail)
    assert (saved.status_code, len(events(socket))) == (200, 1)


def test_the_signal_comes_once_after_the_commit_with_all_changes(
    app: Flask, record: Record, told: list[list[Change]]
) -> None:
    with app.app_context():
        with transaction(By("AC00001")) as work:
            first = work.edit(of(record), {"wht_response": "หนึ่ง"})
            second = work.edit(of(record), {"pp30_response": "สอง"})
            assert told == []
        assert first is not None and second is not None
    assert [[change.seq for change in changes] for changes in told] == [[first.seq, second.seq]]
    assert second.seq == first.seq + 1 and second.version == first.version + 1


def test_nothing_that_differs_is_nothing_that_happened(app: Flask, record: Record, told: list[Any]) -> None:
    with app.app_context():
        before = last_seq()
        with transaction() as work:
            assert work.edit(of(record), {"wht_response": record["wht_response"]}) is None
        assert last_seq() == before
    assert told == []


def test_a_change_knows_the_people_before_and_after(app: Flask, record: Record) -> None:
    with app.app_context(), transaction() as work:
        change = work.edit(of(record), {"accounting_responsible": "AC00040"})
        assert change is not None
        assert change.before == set(FIVE.values())
        assert change.after == {*FIVE.values(), "AC00040"} - {"AC00024"}


def test_the_log_keeps_old_and_new_and_whom_it_was_for(app: Flask, sign_in: SignIn, record: Record) -> None:
    saved = sign_in("AC00024").save(record, "taxStatus", document_received_date="2026-11-09", bank_impact=None)
    with app.app_context():
        line = db.session.get_one(ChangeLog, saved.json["data"]["seq"])
        assert line.fields["document_received_date"] == [record["document_received_date"], "2026-11-09"]
        assert (line.entity_id, line.version) == (record["id"], saved.json["data"]["version"])
        assert (line.actor, line.page, line.action) == ("AC00024", "taxStatus", "update")
        heard = select(ChangeAudience.employee_id).where(ChangeAudience.seq == line.seq)
        assert set(db.session.scalars(heard)) == set(FIVE.values())


def test_the_order_of_the_log_is_the_order_of_commits(app: Flask, sign_in: SignIn, record: Record) -> None:
    """Writers at once: every place once and without a gap, every record's versions one after the other."""
    others = [one["id"] for one in sign_in("admin").get(limit=6).json["data"]]
    with app.app_context():
        first = last_seq()

    def write(number: int) -> None:
        with app.app_context():
            for turn in range(4):
                with transaction(By(f"w{number}")) as work:
                    for record_id in sorted({others[(number + turn) % len(others)], record["id"]}):
                        row = work.session.get_one(MonthlyTaxData, record_id, with_for_update=True)
                        work.edit(row, {"wht_response": f"{number}-{turn}"})

    threads = [threading.Thread(target=write, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        lines = list(db.session.scalars(select(ChangeLog).where(ChangeLog.seq > first).order_by(ChangeLog.seq)))
        assert [line.seq for line in lines] == list(range(first + 1, last_seq() + 1))
        assert len(lines) > 30
        _chained(lines)


def test_versions_of_the_demo_are_chained_too(app: Flask) -> None:
    with app.app_context():
        _chained(list(db.session.scalars(select(ChangeLog).order_by(ChangeLog.seq))))


def _chained(lines: list[ChangeLog]) -> None:
    """Each record's versions follow each other, the last one is the record's, and so is its place in the log."""
    chains: defaultdict[tuple[str, str], list[ChangeLog]] = defaultdict(list)
    for line in lines:
        chains[line.entity, line.entity_id].append(line)
    for (entity, row_id), chain in chains.items():
        versions = [line.version for line in chain]
        assert versions == list(range(versions[0], versions[0] + len(chain)))
        newest: dict[str, Any] = {}
        for name, (old, new) in [one for line in chain for one in line.fields.items()]:
            assert newest.get(name, old) == old
            newest[name] = new
        if entity == MonthlyTaxData.entity:
            row = db.session.get_one(MonthlyTaxData, row_id)
            assert (row.version, row.seq) == (versions[-1], chain[-1].seq)


def test_naive_times_never_reach_the_database() -> None:
    from datetime import UTC, datetime, timedelta, timezone

    column: Any = UtcDateTime()
    with pytest.raises(ValueError):
        column.process_bind_param(datetime(2026, 11, 1), None)  # noqa: DTZ001
    bangkok = datetime(2026, 11, 1, 6, tzinfo=timezone(timedelta(hours=7)))
    stored = column.process_bind_param(bangkok, None)
    assert stored.isoformat() == "2026-10-31T23:00:00"
    assert column.process_result_value(stored, None) == bangkok
    assert column.process_result_value(stored, None).tzinfo is UTC


def test_two_first_saves_at_once_both_get_a_place(app: Flask) -> None:
    with app.app_context(), transaction() as work:
        work.session.execute(delete(Counter))
        work.session.execute(delete(ChangeLog))
    start = threading.Barrier(2)

    def save(name: str) -> None:
        with app.app_context(), transaction(By(name)) as work:
            row = Employee(id=name, employee_id=name, first_name=name)
            work.session.connection()
            work.add(row, {})
            if work.session.get_bind().dialect.name == "postgresql":
                start.wait(30)  # SQLite lets in one writer at a time

    threads = [threading.Thread(target=save, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert sorted(db.session.scalars(select(ChangeLog.seq))) == [1, 2]
