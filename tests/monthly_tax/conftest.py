"""A firm with the corners that lists have, and all its records for the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from bmu import create_app
from bmu.changes.work import transaction
from bmu.clients.models import Client
from bmu.extensions import db
from bmu.i18n import BANGKOK
from bmu.monthly_tax import queries
from bmu.monthly_tax.filters import Filters
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.monthly_tax.sorting import Sort
from tests import databases
from tests.conftest import MONTH, close, config_for

# A Bangkok day in the middle of the month's work, and the moments around its two midnights.
DAY = datetime(*MONTH.plus(1), 10, tzinfo=BANGKOK)
MS = timedelta(milliseconds=1)
EDGES = (DAY - MS, DAY, DAY + timedelta(hours=17), DAY + timedelta(days=1) - MS, DAY + timedelta(days=1))
NAMES = ("100% รับเหมา_ก่อสร้าง", "100 เปอร์เซ็นต์ รับเหมา ก่อสร้าง", r"A\B/C Trading", "น้ำทิพย์ ABC จำกัด")


@pytest.fixture(scope="module")
def lists(firm: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app on a firm with odd names and with records sent for review around midnight. For reading."""
    folder = tmp_path_factory.mktemp("lists")
    app = create_app(config_for(databases.copy(firm, folder), folder))
    with app.app_context():
        ids = queries.ids(Filters(*MONTH), Sort())
        builds = [row["build"] for row in queries.records(ids)]
        with transaction() as work:
            for client, name in zip(builds[3:], NAMES, strict=False):
                found = work.session.execute(db.select(Client).where(Client.build == client)).scalar_one()
                found.company_name = name
            for record_id, edge in zip(ids, EDGES, strict=False):
                sent = {"pnd_sent_for_review_date": edge.astimezone(UTC), "pp30_sent_for_review_date": edge}
                work.session.execute(update(MonthlyTaxData).where(MonthlyTaxData.id == record_id).values(sent))
        db.session.remove()
    yield app
    close(app)


@pytest.fixture(scope="module")
def everything(lists: Flask) -> list[dict[str, Any]]:
    """Every record of the firm, as JSON."""
    with lists.app_context():
        return [queries.to_json(row) for row in queries.records(queries.ids(Filters(), Sort()))]


@pytest.fixture
def inside(app: Flask) -> Iterator[Flask]:
    """The app, inside a request."""
    with app.test_request_context():
        yield app
