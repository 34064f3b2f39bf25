"""Who sees a record hears of it, and who hears of it sees it: for every record of the month and all of the cast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import select

from bmu.changes.work import By
from bmu.extensions import db
from bmu.i18n import Month
from bmu.monthly_tax import service
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.realtime.subscriptions import SUBSCRIBE
from tests.conftest import FIVE, MONTH, STRANGER, Colleague, events

SignIn = Callable[[str], Colleague]
CAST = (*FIVE.values(), STRANGER, "AC00032", "admin")
READS_ALL = {"admin": "*", "AC00008": "*"}


def records_of(month: Month) -> list[str]:
    where = (MonthlyTaxData.tax_year == month.year, MonthlyTaxData.tax_month == month.month)
    return list(db.session.scalars(select(MonthlyTaxData.id).where(*where)))


def heard(sockets: dict[str, Any]) -> set[str]:
    return {name for name, socket in sockets.items() if events(socket)}


def test_who_sees_a_row_hears_of_it_and_nobody_else(app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        ids = records_of(MONTH)
        assert len(ids) > 30
    people = {name: sign_in(name) for name in CAST}
    sockets = {name: one.listen(employeeId=READS_ALL.get(name, one.employee_id)) for name, one in people.items()}
    admin, silent = people["admin"], set(CAST)
    for record_id in ids:
        sees = {name for name, one in people.items() if one.get(record_id).status_code == 200}
        saved = admin.put(record_id, {"sourcePage": "taxStatus", "wht_response": "ข่าวใหม่"})
        assert saved.status_code == 200
        told = heard(sockets)
        assert told == sees, f"{saved.json['data']['build']}: hear but do not see {told - sees}, or see and do not hear"
        silent -= told
    assert not silent, f"nobody told {silent} of anything: this test would not notice a leak"


def test_the_list_of_a_page_holds_what_one_hears_of_in_that_role(app: Flask, sign_in: SignIn) -> None:
    """A row on one's own page is one of those that one's room tells of."""
    who, socket = sign_in("AC00024"), sign_in("AC00024").listen()
    listed = {row["id"] for row in who.get(limit=100, year=MONTH.year, month=MONTH.month).json["data"]}
    page = who.get("/tax-status", month=str(MONTH), limit=100).text
    shown = {record_id for record_id in listed if f'data-id="{record_id}"' in page}
    assert shown
    for record_id in shown:
        sign_in("admin").put(record_id, {"sourcePage": "taxStatus", "wht_response": "ข่าวใหม่"})
        assert [data["id"] for _, data in events(socket)] == [record_id]


def test_who_may_read_everything_hears_everything(app: Flask, sign_in: SignIn) -> None:
    sockets = {name: sign_in(name).listen(employeeId="*") for name in READS_ALL}
    with app.app_context():
        for record_id in records_of(MONTH.plus(-1))[:10]:
            service.hand_over(By("tests"), record_id, {"document_entry_responsible": "AC00033"})
            assert heard(sockets) == set(READS_ALL)


def test_no_other_room_lets_one_in(sign_in: SignIn) -> None:
    stranger = sign_in(STRANGER).socket()
    for person in ("AC00024", "*", "admin", "AC00001", "ac00040", f"{STRANGER}|tax-status|th", f" {STRANGER}"):
        answer = stranger.emit(SUBSCRIBE, {"employeeId": person}, callback=True)
        assert answer["ok"] is False, person
    assert stranger.emit(SUBSCRIBE, {"employeeId": STRANGER}, callback=True)["ok"] is True
