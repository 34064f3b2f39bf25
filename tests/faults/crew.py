"""Who works there: everybody signed in, whose records they share, and hand-overs by a process beside the servers."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bmu import create_app
from bmu.accounts import sessions
from bmu.accounts.models import User
from bmu.accounts.rules import Actor
from bmu.changes.work import By, transaction
from bmu.config import Config
from bmu.extensions import db
from bmu.i18n import Month, tax_month
from bmu.monthly_tax import applies, service
from bmu.monthly_tax.fields import PEOPLE, PND
from bmu.monthly_tax.models import MonthlyTaxData
from tests.faults.shapes import SECRET, Shape

CLERK = "document_entry_responsible"


@dataclass(frozen=True)
class Record:
    """A record of the month: its id, and who is responsible, by role column."""

    id: str
    people: dict[str, str]


class Crew:
    """Everybody who works in a shape's firm. Asks and writes its database from this process."""

    def __init__(self, shape: Shape) -> None:
        day = timedelta(days=1)
        lifetimes = {"access_lifetime": day, "refresh_idle": day, "session_lifetime": day}
        self.app: Flask = create_app(Config(shape.database, shape.folder, SECRET, log_level="CRITICAL", **lifetimes))
        self.month: Month = tax_month(datetime.now(UTC))
        self.tokens: dict[str, str] = {}
        self.actors: dict[str, Actor] = {}
        with self.open():
            self._sign_in()
            self.records = self._records()

    @contextmanager
    def open(self) -> Iterator[None]:
        """The app's context; no connection stays open behind it."""
        with self.app.app_context():
            try:
                yield
            finally:
                db.session.remove()
                db.engine.dispose()

    def _sign_in(self) -> None:
        with transaction() as work:
            users = list(db.session.scalars(select(User).where(User.status == "active")))
            opened = {user.username: sessions.open_session(work, user.id, "127.0.0.1", "faults") for user in users}
        found = sessions.still_good([session for session, _ in opened.values()])
        for name, (session, tokens) in opened.items():
            self.tokens[name], self.actors[name] = tokens.access, found[session]

    def _records(self) -> list[Record]:
        # Whose client files this form at all: the writers save its status.
        ours = select(MonthlyTaxData.id).select_from(applies.JOINED).where(~applies.AWAY[PND.key])
        month = select(MonthlyTaxData).filter_by(tax_year=self.month.year, tax_month=self.month.month)
        rows = db.session.scalars(month.where(MonthlyTaxData.id.in_(ours)))
        teams = [Record(row.id, {role: who for role, who in row.people().items() if who}) for row in rows]
        return [team for team in teams if len(team.people) == len(PEOPLE)]

    def of_role(self, role: str) -> list[str]:
        """Who holds a role on the records, the busiest first."""
        held = [record.people[role] for record in self.records]
        return sorted(set(held), key=lambda one: (-held.count(one), one))

    def hand_over(self, dice: random.Random) -> bool:
        """Give some record to another clerk: a commit that no server makes, so that all hear of it by the log.

        False when the database could not be written now.
        """
        record, clerk = dice.choice(self.records), dice.choice(self.of_role(CLERK))
        try:
            with self.open():
                service.hand_over(By(None, "faults"), record.id, {CLERK: clerk})
        except SQLAlchemyError:
            time.sleep(0.1)
            return False
        return True
