"""A small demo, made once and read once; nobody writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bmu import create_app
from bmu.accounts.models import User
from bmu.changes.models import ChangeAudience, ChangeLog
from bmu.changes.work import last_seq
from bmu.cli.seed import Size, sow
from bmu.clients.models import Client
from bmu.clients.obligations import in_force
from bmu.config import Config
from bmu.extensions import db
from bmu.i18n import Month
from bmu.monthly_tax.fields import PP30, SIDES, Side
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.notifications.models import Notification

Values = dict[str, Any]


@dataclass(frozen=True)
class Demo:
    """60 clients × 3 months as they stand at `now`. `lines`: the log by record id; `heard`: who was told, by seq."""

    records: list[Values]
    lines: dict[str, list[ChangeLog]]
    heard: dict[int, set[str]]
    clients: dict[str, Client]
    obligations: dict[str, dict[str, list[str]]]
    users: dict[str, User]
    last_seq: int
    notifications: list[Notification]
    now: datetime = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)  # a Monday, 12:30 in Bangkok

    @property
    def newest(self) -> list[Values]:
        return [record for record in self.records if self.month_of(record) == Month(2026, 10)]

    def month_of(self, record: Values) -> Month:
        return Month(record["tax_year"], record["tax_month"])

    def is_vat(self, record: Values) -> bool:
        return self.clients[record["build"]].is_vat

    def forms(self, record: Values) -> tuple[str, ...]:
        """What the record's client has to file in its month."""
        return in_force(self.obligations[record["build"]], self.month_of(record)) or ()

    def sides(self, record: Values) -> tuple[Side, ...]:
        forms = self.forms(record)
        return tuple(side for side in SIDES if ("pp30" in forms if side is PP30 else set(forms) - {"pp30"}))


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    app = create_app(_config(tmp_path_factory.mktemp("demo")))
    # Read and closed before the tests: an open app context would be the one that everybody else's commands take.
    with app.app_context():
        db.create_all()
        sow(Size(clients=60, months=3), Demo.now)
        found = _read()
        db.session.remove()
        db.engine.dispose()
    return found


def _config(folder: Path) -> Config:
    url = f"sqlite:///{folder / 'bmu.sqlite'}"
    return Config(url, folder, "a secret of the tests, 32 letters or more", testing=True, log_level="WARNING")


def _read() -> Demo:
    rows = db.session.execute(select(MonthlyTaxData.__table__)).mappings()
    lines: dict[str, list[ChangeLog]] = {}
    for line in db.session.scalars(select(ChangeLog).order_by(ChangeLog.seq)):
        lines.setdefault(line.entity_id, []).append(line)
    heard: dict[int, set[str]] = {}
    for told in db.session.scalars(select(ChangeAudience)):
        heard.setdefault(told.seq, set()).add(told.employee_id)
    clients = {client.build: client for client in db.session.scalars(select(Client))}
    users = {user.employee_id or "": user for user in db.session.scalars(select(User))}
    told = list(db.session.scalars(select(Notification).order_by(Notification.seq, Notification.id)))
    obligations = {build: client.obligations for build, client in clients.items()}
    return Demo([dict(row) for row in rows], lines, heard, clients, obligations, users, last_seq(), told)
