"""How far back the log can be believed: who comes from before the horizon reads anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select, update

from bmu.changes import horizon
from bmu.changes.models import ChangeAudience, ChangeLog
from bmu.changes.work import last_seq, transaction
from bmu.extensions import db
from tests.conftest import Colleague

SignIn = Callable[[str], Colleague]
YEAR = timedelta(days=365)


def age(until: int) -> None:
    """Let the changes up to a place be two years old."""
    with transaction() as work:
        work.session.execute(update(ChangeLog).where(ChangeLog.seq <= until).values(at=work.now - 2 * YEAR))


def trim(most: int = 1000) -> int:
    with transaction() as work:
        return horizon.trim(work, work.now - YEAR, most)


def test_what_is_old_goes_with_all_that_belongs_to_it(app: Flask) -> None:
    with app.app_context():
        whole = db.session.scalar(select(func.count()).select_from(ChangeLog))
        age(30)
        assert (trim(20), trim(20), trim(20)) == (20, 10, 0)
        assert db.session.scalar(select(func.count()).select_from(ChangeLog)) == (whole or 0) - 30
        assert db.session.scalar(select(func.min(ChangeLog.seq))) == 31 == horizon.horizon() + 1
        assert (db.session.scalar(select(func.min(ChangeAudience.seq))) or 0) > 30


def test_a_change_that_is_not_old_yet_keeps_all_that_came_after_it(app: Flask) -> None:
    """The log is trimmed from its beginning only: a clock that once stood wrong makes no hole in it."""
    with app.app_context():
        age(30)
        with transaction() as work:
            work.session.execute(update(ChangeLog).where(ChangeLog.seq == 11).values(at=work.now))
        trim()
        assert db.session.scalar(select(func.min(ChangeLog.seq))) == 11


def test_who_comes_from_before_the_horizon_reads_anew(app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        newest = last_seq()
        age(newest - 3)
        assert trim(10_000) == newest - 3
    who = sign_in("admin")
    behind = who.get("changes", since=newest - 4).json["data"]
    assert (behind.get("reset"), behind["missed"]) == (True, [])
    assert "reset" not in who.get("changes", since=newest - 3).json["data"]


def test_a_log_of_which_nothing_is_left_is_behind_nobody(app: Flask, sign_in: SignIn, record: dict[str, Any]) -> None:
    with app.app_context():
        newest = last_seq()
        age(newest)
        trim(10_000)
        assert horizon.horizon() == newest == last_seq()
    who = sign_in("AC00024")
    assert "reset" not in who.get("changes", since=newest).json["data"]
    who.save(record, "taxStatus", wht_response="ต่อไป")
    assert len(who.get("changes", since=newest).json["data"]["missed"]) == 1


def test_the_horizon_never_goes_back(app: Flask) -> None:
    with app.app_context():
        for place in (50, 20, 60):
            with transaction() as work:
                horizon.raise_to(work, place)
        assert horizon.horizon() == 60
