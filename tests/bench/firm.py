"""Firms to measure on: a database of a given size in a folder of its own, and people of it who are signed in."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from bmu import create_app
from bmu.accounts import sessions
from bmu.accounts.models import User
from bmu.accounts.rules import Actor
from bmu.changes.work import last_seq, transaction
from bmu.cli.seed import Size, sow
from bmu.config import Config, database_url
from bmu.extensions import db
from bmu.i18n import Month, tax_month
from bmu.monthly_tax.desk import open_desk
from bmu.monthly_tax.fields import PEOPLE
from bmu.monthly_tax.models import MonthlyTaxData

NOW = datetime.now(UTC)
SECRET = "a secret of the bench, 32 letters or more"
EMPLOYEES = 180  # of whom a hundred have tables open
# What the holder of each role has open all day.
DESKS = {
    "accounting_responsible": "tax-status",
    "tax_inspection_responsible": "tax-inspection",
    "wht_filer_current_employee_id": "tax-filing",
    "vat_filer_current_employee_id": "tax-filing",
    "document_entry_responsible": "tax-status",
}


@dataclass(frozen=True)
class Team:
    """A record and who is responsible for it, by role column."""

    record: str
    version: int
    pnd_status: str | None
    people: dict[str, str]


@dataclass(frozen=True)
class Guest:
    """Somebody signed in, with the table they have open and the view it shows (Desk.view)."""

    person: str
    token: str
    table: str
    view: str


class Firm:
    """A firm whose database lies in `folder`, or at the URL `database`."""

    def __init__(self, folder: Path, database: str = "") -> None:
        self.folder, self.database = folder, database

    @cached_property
    def app(self) -> Flask:
        """The app on this firm's database, to be asked in this process."""
        url = database_url(self.database or f"sqlite:///{self.folder / 'bmu.sqlite'}")
        return create_app(Config(url, self.folder, SECRET, log_level="ERROR"))

    @contextmanager
    def open(self) -> Iterator[None]:
        """The app's context; no connection stays open behind it."""
        with self.app.app_context():
            try:
                yield
            finally:
                db.session.remove()
                db.engine.dispose()

    def count(self) -> int:
        """How many records it has."""
        with self.open():
            return db.session.scalar(select(func.count()).select_from(MonthlyTaxData)) or 0

    def seq(self) -> int:
        """The newest place in its log."""
        with self.open():
            return last_seq()

    def signed_in(self) -> dict[str, tuple[str, Actor]]:
        """A session for everybody who works there: bearer token and who it is, by user name."""
        with self.open():
            with transaction() as work:
                users = list(db.session.scalars(select(User).where(User.status == "active")))
                opened = {user.username: sessions.open_session(work, user.id, "127.0.0.1", "bench") for user in users}
            found = sessions.still_good([session for session, _ in opened.values()])
            return {name: (tokens.access, found[session]) for name, (session, tokens) in opened.items()}

    def crew(self, size: int) -> tuple[list[Guest], list[Team]]:
        """`size` people at their tables, and the records that belong to five different ones of them."""
        known = self.signed_in()
        desks: dict[str, str] = {}
        teams = []
        for team in self._teams():
            theirs = {person: DESKS[role] for role, person in team.people.items()}
            open_all = all(known[person][1].opens(table) for person, table in theirs.items())
            if len(theirs) == len(PEOPLE) and open_all and len(desks | theirs) <= size:
                desks = theirs | desks
                teams.append(team)
        desks |= dict(islice(_others(known, desks), size - len(desks)))
        with self.open():
            return [_guest(*known[person], table) for person, table in desks.items()], teams

    def _teams(self) -> list[Team]:
        """The records of the newest month that have all five people, and ภ.ง.ด. under way: not all clients file it."""
        month = tax_month(NOW)
        wanted = select(MonthlyTaxData).filter_by(tax_year=month.year, tax_month=month.month)
        with self.open():
            rows = list(db.session.scalars(wanted.order_by(MonthlyTaxData.build)))
            teams = [Team(row.id, row.version, row.pnd_status, _holders(row)) for row in rows]
        return [team for team in teams if len(team.people) == len(PEOPLE) and team.pnd_status]


def _others(known: dict[str, tuple[str, Actor]], desks: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Who else has a table open, and which: people of no record that is saved."""
    for person, (_, actor) in known.items():
        table = next((table for table in DESKS.values() if actor.opens(table)), None)
        if table and person == actor.employee_id and person not in desks:
            yield person, table


def _holders(row: MonthlyTaxData) -> dict[str, str]:
    return {role: person for role, person in row.people().items() if person}


def found(folder: Path, clients: int, months: int, copies: int = 0, database: str = "") -> Firm:
    """Found a firm as `flask seed demo` does, and put `copies` of its oldest month before it (SQLite only)."""
    folder.mkdir(parents=True)
    firm = Firm(folder, database)
    with firm.open():
        upgrade()
        sow(Size(clients, months, EMPLOYEES), NOW)
    if copies:
        _copy_months(folder / "bmu.sqlite", tax_month(NOW).plus(1 - months), copies)
    return firm


def _guest(token: str, actor: Actor, table: str) -> Guest:
    view = open_desk(table, {}, actor, NOW).view
    return Guest(actor.employee_id or "", token, table, view)


def _copy_months(file: Path, oldest: Month, copies: int) -> None:
    """Put `copies` of the month `oldest`, with its log, before it: drawing so many would take minutes."""
    with closing(sqlite3.connect(file)) as base:
        base.execute("PRAGMA synchronous = OFF")
        (last,) = base.execute("SELECT value FROM counters").fetchone()
        for ago in range(1, copies + 1):
            month = oldest.plus(-ago)
            place = {"seq": f"seq + {ago * last}"}
            here = {"id": another_id("id", ago), "tax_year": str(month.year), "tax_month": str(month.month)}
            ours = f"tax_year = {oldest.year} AND tax_month = {oldest.month}"
            copy_rows(base, "monthly_tax_data", here | place, ours)
            theirs = f"seq <= {last} AND entity_id IN (SELECT id FROM monthly_tax_data WHERE {ours})"
            copy_rows(base, "change_log", {"entity_id": another_id("entity_id", ago)} | place, theirs)
        base.execute(f"UPDATE counters SET value = {(copies + 1) * last}")
        base.commit()


def another_id(column: str, number: int) -> str:
    """SQL for another id made of the one in `column`, of the same length, that no UUID can be."""
    return f"printf('copy-%03d-', {number}) || substr({column}, 10)"


def copy_rows(base: sqlite3.Connection, table: str, other: dict[str, str], where: str) -> None:
    """Copy the rows of `table` that `where` (SQL) describes; `other`: SQL of the columns that shall differ."""
    columns = [row[1] for row in base.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(other.get(column, column) for column in columns)
    base.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} WHERE {where}")
