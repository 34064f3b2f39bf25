"""A month, its records, and ways to put people in charge of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from bmu.assignments import service
from bmu.assignments.service import Cell
from bmu.changes.models import ChangeLog
from bmu.changes.work import By
from bmu.extensions import db
from bmu.monthly_tax import queries
from bmu.monthly_tax.fields import PEOPLE
from bmu.monthly_tax.filters import Filters
from bmu.monthly_tax.queries import Sort
from bmu.notifications.models import Notification
from tests.conftest import MONTH, NOW

BOOKS, CHECKS, KEYS, WHT, VAT = PEOPLE
BY = By("AC00001", "สมชาย(ชาย)")
WHY = "ลาพักร้อน"
Records = Callable[..., list[dict[str, Any]]]
Assign = Callable[..., list[str]]


@pytest.fixture
def records(app: Flask) -> Records:
    """The records of a month as JSON, in the order of their builds; `anyone`: only those of this person."""

    def read(month: Any = MONTH, **which: Any) -> list[dict[str, Any]]:
        with app.app_context():
            rows = queries.records(queries.ids(Filters(*month, **which), Sort()))
            return [queries.to_json(row) | {"is_vat": row["is_vat"]} for row in rows]

    return read


@pytest.fixture
def assign(app: Flask) -> Assign:
    """Puts people in charge: `assign((id, role, who), …, reason=…)`; answers the ids that changed."""

    def put(*cells: tuple[Any, ...], reason: str = WHY) -> list[str]:
        with app.app_context():
            return service.assign(BY, [Cell(*cell) for cell in cells], reason, NOW)

    return put


def told(app: Flask, after: int = 0) -> list[tuple[str, str, dict[str, Any]]]:
    """Who was told what since the log's place `after`: (topic, event, facts)."""
    with app.app_context():
        found = db.session.scalars(select(Notification).where(Notification.seq > after))
        return [(one.topic, one.event, one.facts) for one in found]


def newest(app: Flask) -> int:
    """The log's newest place."""
    with app.app_context():
        return int(db.session.scalar(select(ChangeLog.seq).order_by(ChangeLog.seq.desc()).limit(1)) or 0)
