"""Lines of a log, records they tell of, and the story of one, for the tests of the story."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bmu.extensions import db
from bmu.monthly_tax import queries, story
from bmu.monthly_tax.fields import FIELDS
from bmu.monthly_tax.story import Line

Record = dict[str, Any]
THEN = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)


def line(version: int, by: str = "วิภา(ภา)", action: str = "update", **fields: list[Any]) -> Line:
    """A line of the log, a minute after the one before."""
    at = THEN + timedelta(minutes=version)
    return Line(version, version + 100, at, by[:4], by, action, "taxStatus", fields)


def blank(**values: Any) -> Record:
    """A record of a VAT client with nothing filled in but `values`."""
    return dict.fromkeys(FIELDS) | {"id": "x", "is_vat": True} | values


def told(record: Record, page: str = "taxStatus") -> story.Story:
    """The story of a record on a page, as the database has it now."""
    db.session.rollback()
    row = queries.record(record["id"])
    assert row is not None
    return story.story(page, row)
