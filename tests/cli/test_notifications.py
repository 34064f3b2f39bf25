"""`flask notifications prune`."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select, update

from bmu.changes.work import transaction
from bmu.extensions import db
from bmu.notifications.models import Notification


def count() -> int:
    return db.session.execute(select(func.count()).select_from(Notification)).scalar_one()


def test_it_deletes_what_is_older_and_says_how_many(app: Flask) -> None:
    with app.app_context():
        with transaction() as work:
            some = list(db.session.scalars(select(Notification.id).limit(3)))
            aged = update(Notification).where(Notification.id.in_(some))
            work.session.execute(aged.values(created_at=work.now - timedelta(days=61)))
        before = count()
        db.session.remove()
    assert before > 3 == len(some)
    done = app.test_cli_runner().invoke(args=["notifications", "prune"])
    assert done.exit_code == 0 and "3 notifications" in done.output
    with app.app_context():
        assert count() == before - 3
    done = app.test_cli_runner().invoke(args=["notifications", "prune", "--days", "0"])
    assert f"{before - 3} notifications" in done.output


def test_a_number_of_days_that_is_none_is_refused(app: Flask) -> None:
    assert app.test_cli_runner().invoke(args=["notifications", "prune", "--days", "-1"]).exit_code == 2
