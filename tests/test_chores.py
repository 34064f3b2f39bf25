"""What is tidied up: listed once, started with the worker, and the log only when the firm asks for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from bmu import background, chores
from bmu.changes.models import ChangeLog
from bmu.changes.work import transaction
from bmu.config import Config
from bmu.extensions import db


def config_of(app: Flask) -> Config:
    config: Config = app.extensions["bmu.config"]
    return config


def test_they_are_among_the_work_that_the_worker_starts(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(background, "start", lambda _app, name, *_: started.append(name))
    for start in app.extensions["bmu.background"]:
        start()
    assert "chores" in started and "tail" in started
    assert {"sessions", "idempotent_answers", "notifications"} <= {
        one.name for one in app.extensions["bmu.chores"].chores
    }


def test_all_of_them_can_be_done(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "PAUSE", 0)
    kept = chores.of(replace(config_of(app), log_kept=timedelta(days=400)))
    with app.app_context():
        assert [one.step() for one in kept.chores] == [0] * len(kept.chores)


def test_the_log_is_kept_whole_unless_the_firm_says_otherwise(app: Flask) -> None:
    assert "change_log" not in {one.name for one in chores.of(config_of(app)).chores}


def test_a_log_that_is_kept_for_so_long_loses_what_is_older(app: Flask) -> None:
    kept = chores.of(replace(config_of(app), log_kept=timedelta(days=400)))
    trim = next(one for one in kept.chores if one.name == "change_log")
    with app.app_context():
        with transaction() as work:
            aged = update(ChangeLog).where(ChangeLog.seq <= 250)
            work.session.execute(aged.values(at=work.now - timedelta(days=401)))
        assert [trim.step(), trim.step(), trim.step()] == [chores.PORTION, 250 - chores.PORTION, 0]
        assert db.session.scalar(select(func.min(ChangeLog.seq))) == 251
