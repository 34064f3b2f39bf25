"""Obligations on the sheet of the clients: out, and in again; an empty cell says nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from bmu.changes.models import ChangeLog
from bmu.clients.models import Client
from bmu.extensions import db
from tests.conftest import MONTH, Colleague
from tests.papers.conftest import GOOD, HEAD, send, workbook

SignIn = Callable[[str], Colleague]
COLUMNS = [*HEAD, "แบบที่ต้องยื่น", "มีผลตั้งแต่เดือนภาษี"]
OURS = ["018", "บริษัท สยามตัวอย่าง เทรดดิ้ง จำกัด", "รายเดือน"]


def schedule(app: Flask, build: str) -> dict[str, list[str]]:
    with app.app_context():
        found = db.session.scalar(select(Client).where(Client.build == build))
        return found.obligations if found else {}


def bring(who: Colleague, *lines: list[Any]) -> Any:
    return send(who, "clients", workbook(COLUMNS, *lines), "import")


def test_new_and_known_clients_bring_their_obligations(app: Flask, sign_in: SignIn) -> None:
    before = schedule(app, "018")
    bring(sign_in("admin"), [*GOOD, "ภ.พ.30, ภ.ง.ด.3", "2026-03"], [*OURS, "-", "09/2570"])
    assert schedule(app, "901") == {"2026-03": ["pnd_3", "pp30"]}
    assert schedule(app, "018") == before | {"2027-09": []}
    with app.app_context():
        lines = db.session.scalars(select(ChangeLog).order_by(ChangeLog.seq.desc()).limit(2))
        assert all("obligations" in line.fields for line in lines)


def test_without_a_month_it_holds_from_the_tax_month_on(app: Flask, sign_in: SignIn) -> None:
    bring(sign_in("admin"), [*GOOD, "pp30", ""])
    assert schedule(app, "901") == {str(MONTH): ["pp30"]}


def test_an_empty_cell_and_what_holds_already_change_nothing(app: Flask, sign_in: SignIn) -> None:
    bring(sign_in("admin"), [*OURS, "pnd_3", str(MONTH)])
    before = schedule(app, "018")
    answer = bring(sign_in("admin"), [*OURS, "", ""])
    assert answer.status_code == 200 and schedule(app, "018") == before
    bring(sign_in("admin"), [*OURS, "ภ.ง.ด. 3", str(MONTH)])
    assert schedule(app, "018") == before and before[str(MONTH)] == ["pnd_3"]


@pytest.mark.parametrize(
    ("forms", "since", "cell"), [("ภ.ง.ด.99", "2026-03", "D2"), ("pp30", "เร็วๆ นี้", "E2"), ("", "2026-03", "E2")]
)
def test_what_is_wrong_names_its_cell(sign_in: SignIn, forms: str, since: str, cell: str) -> None:
    answer = bring(sign_in("admin"), [*GOOD, forms, since])
    assert answer.status_code == 422 and f'data-cell="{cell}"' in answer.text


def test_what_was_taken_out_can_be_brought_in_again_as_it_is(app: Flask, sign_in: SignIn) -> None:
    admin = sign_in("admin")
    file = admin.get("/clients/export.xlsx").data
    with app.app_context():
        before = db.session.scalar(select(ChangeLog.seq).order_by(ChangeLog.seq.desc()).limit(1))
    assert send(admin, "clients", file, "import").status_code == 200
    with app.app_context():
        assert db.session.scalar(select(ChangeLog.seq).order_by(ChangeLog.seq.desc()).limit(1)) == before
