"""Work beside the requests: chores are done when they are due, by one process, and whatever fails is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from prometheus_client import REGISTRY
from sqlalchemy import text
from structlog.testing import capture_logs

from bmu import background
from bmu.background import Chore, Chores, Lock
from bmu.extensions import db
from tests.databases import SERVER, sqlite_only

on_postgres = pytest.mark.skipif(not SERVER, reason="is about PostgreSQL: see BMU_TEST_POSTGRES in tests/README.md")


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "PAUSE", 0)


@pytest.fixture
def locks(app: Flask) -> Iterator[tuple[Lock, Lock]]:
    """Two processes that would both do the chores."""
    with app.app_context():
        pair = Lock(), Lock()
        pair[0].me, pair[1].me = "bmu chores one:1", "bmu chores two:2"
        yield pair
        for lock in pair:
            lock.release()


@pytest.fixture
def chores(app: Flask) -> Iterator[Callable[..., Chores]]:
    """Makes chores whose lock is let go of afterwards."""
    made: list[Chores] = []

    def make(*some: Chore) -> Chores:
        made.append(Chores(list(some)))
        return made[-1]

    with app.app_context():
        yield make
        for one in made:
            one.lock.release()


def metric(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


def test_a_chore_is_asked_until_nothing_is_left(chores: Callable[..., Chores]) -> None:
    left = [7, 7, 3, 0]
    chores(Chore("sweeping", 3600, lambda: left.pop(0))).step()
    assert left == []
    assert metric("bmu_chore_rows_total", chore="sweeping") == 17


def test_a_chore_is_done_again_only_when_it_is_due(chores: Callable[..., Chores]) -> None:
    left = [0, 0]
    seldom = Chore("seldom", 3600, left.pop)
    mine = chores(seldom)
    mine.step()
    mine.step()
    assert len(left) == 1
    seldom.due = 0.0
    mine.step()
    assert not left


def test_a_chore_that_fails_is_seen_and_keeps_no_other_from_being_done(chores: Callable[..., Chores]) -> None:
    def fail() -> int:
        raise ZeroDivisionError

    left = [0]
    with capture_logs() as logs:
        chores(Chore("failing", 1, fail), Chore("next", 1, left.pop)).step()
    assert [line["chore"] for line in logs if line["event"] == "chore_failed"] == ["failing"]
    assert metric("bmu_chore_errors_total", chore="failing") == 1
    assert metric("bmu_chore_last_run", chore="failing") and not left


@sqlite_only
def test_on_sqlite_the_one_process_does_the_chores(app: Flask) -> None:
    with app.app_context():
        assert Lock().held()


@on_postgres
def test_one_process_of_all_does_the_chores(locks: tuple[Lock, Lock]) -> None:
    one, two = locks
    assert (one.held(), two.held(), one.held(), two.held()) == (True, False, True, False)
    assert one.holder() == two.holder() == one.me


@on_postgres
def test_another_takes_over_when_the_holder_lets_go(locks: tuple[Lock, Lock]) -> None:
    one, two = locks
    assert one.held() and not two.held()
    one.release()
    assert two.held() and not one.held()
    assert one.holder() == two.me


@on_postgres
def test_who_lost_the_line_to_the_database_has_lost_the_lock(locks: tuple[Lock, Lock]) -> None:
    one, two = locks
    assert one.held()
    # With a time: without one it only asks, and the lock is free a moment later.
    cut = text("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE application_name = :me")
    with db.engine.connect() as connection:
        connection.execute(cut, {"me": one.me})
    assert two.held()
    with pytest.raises(Exception, match=r"terminat|closed"):
        one.held()
    assert not one.held()


@on_postgres
def test_the_lock_leaves_no_transaction_open(locks: tuple[Lock, Lock]) -> None:
    one, _ = locks
    assert one.held()
    state = text("SELECT state FROM pg_stat_activity WHERE application_name = :me")
    with db.engine.connect() as connection:
        assert connection.scalar(state, {"me": one.me}) == "idle"


def test_the_process_that_does_the_chores_says_so(chores: Callable[..., Chores]) -> None:
    mine = chores()
    mine.step()
    assert metric("bmu_chores_mine") == 1
    assert metric("bmu_chores_holder", holder=mine.lock.holder()) == 1
