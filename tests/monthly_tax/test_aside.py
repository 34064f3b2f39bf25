"""What may be much is read beside the event loop, and reads the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from bmu import database
from tests import databases
from tests.conftest import MONTH, Colleague

pytestmark = databases.sqlite_only


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that went to a real thread."""
    seen: list[str] = []

    def offload(execute: Callable[..., Any], statement: str, parameters: Any) -> Any:
        seen.append(statement)
        return execute(statement, parameters)

    monkeypatch.setattr(database, "offload", offload)
    return seen


def test_lists_and_figures_of_all_months_do_not_hold_up_the_loop(app: Flask, beside: list[str]) -> None:
    admin = Colleague(app, "admin")
    assert admin.get(limit=5, sortBy="company_name", search="ก").json["data"]
    assert len(beside) == 2
    assert admin.get("summary", year=MONTH.year).json["data"]
    assert len(beside) == 3


def test_what_a_page_asks_all_day_takes_the_short_way(app: Flask, beside: list[str]) -> None:
    admin, month = Colleague(app, "admin"), {"year": MONTH.year, "month": MONTH.month}
    assert admin.get(limit=5, **month).json["data"] and admin.get("summary", **month).json["data"]
    assert admin.get("/tax-status").status_code == 200
    assert not beside
