"""The log's end in memory: it answers what the log would answer, and nobody misses what it does not know."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, event

from bmu.changes.horizon import raise_to
from bmu.changes.models import ChangeLog, Counter
from bmu.changes.work import By, Change, last_seq, transaction
from bmu.extensions import db
from bmu.realtime import recent as memory
from bmu.realtime.catchup import missed
from bmu.realtime.recent import recent
from bmu.realtime.subscriptions import SUBSCRIBE
from bmu.realtime.tail import Tail
from tests.conftest import MONTH, STRANGER, Colleague
from tests.realtime.conftest import elsewhere

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]
HER = "AC00024"


@pytest.fixture
def step(app: Flask) -> Callable[[], None]:
    """Reads the tail once; the memory begins where it stands now."""
    tail = Tail()

    def read() -> None:
        with app.app_context():
            tail.step()

    read()
    return read


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """What the database is asked from now on."""
    asked: list[str] = []
    with app.app_context():
        engine = db.engine

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    yield asked
    event.remove(engine, "before_cursor_execute", hear)


def ids(app: Flask, person: str, since: int) -> list[tuple[str, int]]:
    with app.app_context():
        return [(item["id"], item["version"]) for item in missed(person, since).items]


def test_who_missed_nothing_costs_no_statement(app: Flask, step: Any, touch: Any, statements: list[str]) -> None:
    newest = touch()["seq"]
    statements.clear()
    with app.app_context():
        found = missed(STRANGER, newest)
        assert (found.seq, found.items, missed(STRANGER, newest - 1).items) == (newest, [], [])
    assert not statements


def test_what_was_missed_is_found_without_reading_the_log(
    app: Flask, step: Any, touch: Any, statements: list[str]
) -> None:
    since = recent.frontier
    saved = touch()
    statements.clear()
    assert ids(app, HER, since) == [(saved["id"], saved["version"])]
    assert statements and not any("change_log" in one or "counters" in one for one in statements)


def test_before_the_tail_has_begun_the_log_is_asked(app: Flask, sign_in: SignIn, record: Record, touch: Any) -> None:
    saved = touch()
    assert recent.after(saved["seq"] - 1) is None
    assert ids(app, HER, saved["seq"] - 1) == [(saved["id"], saved["version"])]


def test_what_is_committed_while_the_memory_begins_is_in_it(app: Flask, touch: Any) -> None:
    with app.app_context():
        seen = last_seq()
    saved = touch()
    recent.begin(seen)
    assert recent.frontier == saved["seq"]


def test_behind_a_line_of_another_process_nothing_is_confirmed(app: Flask, step: Any, touch: Any) -> None:
    """It is still to be told, so nobody may believe to have seen it. What is ours behind it is told all the same."""
    since = recent.frontier
    with elsewhere():
        touch()
    ours = touch()
    with app.app_context():
        found = missed(HER, since)
    assert (found.seq, [item["version"] for item in found.items]) == (since, [ours["version"]])
    step()
    assert recent.frontier == ours["seq"]


def test_ours_and_theirs_in_any_order_are_answered_as_by_the_log(app: Flask, step: Any, touch: Any) -> None:
    dice, since = random.Random(7), recent.frontier
    for _ in range(12):
        if dice.random() < 0.5:
            touch()
        else:
            with elsewhere():
                touch()
        if dice.random() < 0.5:
            step()
    step()
    remembered = [
        (person, place, ids(app, person, place)) for person in (HER, STRANGER, "*") for place in (since, since + 5)
    ]
    recent.forget()
    assert remembered == [(person, place, ids(app, person, place)) for person, place, _ in remembered]
    assert any(found for _, _, found in remembered)


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """From where the log was read back."""
    found: list[int] = []
    read = memory.read
    monkeypatch.setattr(memory, "read", lambda since, most: found.append(since) or read(since, most))
    return found


def test_one_reading_of_the_log_serves_all_who_were_away_before_we_began(
    app: Flask, touch: Any, readings: list[int]
) -> None:
    first, second = touch(), touch()
    recent.forget()  # as in a process that was started just now
    with app.app_context():
        Tail().step()
        assert [item["id"] for item in missed(HER, first["seq"] - 1).items] == [first["id"]]
        assert missed(STRANGER, second["seq"] - 1).items == []
    assert len(readings) == 1


def test_a_log_with_a_hole_is_not_remembered(app: Flask, touch: Any, readings: list[int]) -> None:
    places = [touch()["seq"] for _ in range(3)]
    recent.forget()
    with app.app_context():
        Tail().step()
        with transaction() as work:
            work.session.execute(delete(ChangeLog).where(ChangeLog.seq == places[1]))
        for _ in range(2):
            recent.reach(places[0] - 1)
            assert recent.floor == places[2]
        assert len(readings) == 1


def test_nobody_catches_up_from_before_the_horizon(app: Flask, touch: Any) -> None:
    saved = touch()
    recent.forget()
    with app.app_context():
        with transaction() as work:
            raise_to(work, saved["seq"])
        Tail().step()
        assert missed(HER, saved["seq"] - 1).reset


def test_after_a_restored_backup_the_memory_begins_anew(app: Flask, step: Any, touch: Any) -> None:
    undone = touch()
    with app.app_context(), transaction() as work:
        work.session.get_one(Counter, "seq").value += 1_000_000
        raise_to(work, undone["seq"] + 1_000_000)
    step()
    with app.app_context():
        assert missed(HER, undone["seq"] - 1).reset


def test_the_memory_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST_KEPT", 10)
    made, now = memory.Recent(), datetime.now(UTC)
    made.begin(0)
    for seq in range(1, 100):
        made.note([Change("x", "x", 1, "update", None, By(None), now, {}, frozenset(), frozenset(), seq)])
    assert len(made._lines) <= 20
    assert (made.after(50), made.frontier, len(made.after(94) or [])) == (None, 99, 5)


def test_a_list_is_not_read_again_for_what_others_save(
    app: Flask, step: Any, sign_in: SignIn, touch: Any, statements: list[str]
) -> None:
    asked = {"employeeId": STRANGER, "table": "tax-status", "view": f"month={MONTH}&scope=mine"}
    first = sign_in(STRANGER).socket().emit(SUBSCRIBE, asked, callback=True)
    seq, second = touch()["seq"], sign_in(STRANGER).socket()
    statements.clear()
    answer = second.emit(SUBSCRIBE, {**asked, "since": first["seq"]}, callback=True)
    assert (answer["view"], answer["seq"]) == (first["view"], seq)
    assert [one for one in statements if "monthly_tax_data" in one] == []
