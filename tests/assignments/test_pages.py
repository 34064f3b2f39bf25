"""The grid and a record's own page, without a browser: what they say, and that plain forms suffice."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask

from bmu.assignments.table import GRID
from bmu.i18n import LANGUAGES
from bmu.monthly_tax import queries
from bmu.monthly_tax.fields import PEOPLE
from bmu.monthly_tax.filters import Filters
from bmu.monthly_tax.queries import Sort
from bmu.tables.render import row_html
from tests.assignments.conftest import BOOKS, VAT, WHT, WHY, Records
from tests.conftest import MONTH, STRANGER, Colleague

SignIn = Callable[[str], Colleague]
NEXT = MONTH.plus(1)


def post(who: Colleague, path: str, **form: Any) -> Any:
    return who.browser().post(path, data={"csrf_token": who.csrf, **form})


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_row_of_the_grid_comes_from_its_macro(app: Flask, sign_in: SignIn, lang: str) -> None:
    shown = sign_in("admin").speaking(lang).get("/assignments", month=str(MONTH)).text
    with app.app_context():
        rows = queries.records(queries.ids(Filters(*MONTH), Sort()))
        drawn = "\n".join(str(row_html(GRID, row, lang)) for row in rows)
    assert len(rows) > 30
    assert shown.split("<tbody>")[-1].split("</tbody>")[0].strip() == drawn


@pytest.mark.parametrize(
    ("username", "status"), [("admin", 200), ("AC00008", 200), ("AC00024", 403), ("AC00012", 403), ("AC00031", 403)]
)
def test_the_page_is_for_administrators_and_auditors(sign_in: SignIn, username: str, status: int) -> None:
    for path in ("/assignments", f"/assignments/018/{MONTH}", "/assignments/statistics"):
        assert sign_in(username).get(path).status_code == status, path


def builds(page: str) -> list[str]:
    return re.findall(r'data-build="([^"]+)"', page)


def test_the_filters_narrow_the_grid(sign_in: SignIn, records: Records) -> None:
    admin = sign_in("admin")
    mine = [one["build"] for one in records(anyone="AC00024", roles=(BOOKS,))]
    assert builds(admin.get("/assignments", person="AC00024", role=BOOKS).text) == mine
    assert builds(admin.get("/assignments", q="018").text) == ["018"]
    assert builds(admin.get("/assignments", gaps="1").text) == []
    post(admin, f"/assignments/018/{MONTH}", **{WHT: "", f"was:{WHT}": "AC00012", "reason": WHY})
    assert builds(admin.get("/assignments", gaps="1").text) == ["018"]


def test_nonsense_in_the_address_is_at_its_default(sign_in: SignIn, records: Records) -> None:
    answer = sign_in("admin").get("/assignments", month="x", role="boss", sort="password", order="up", gaps="x")
    assert builds(answer.text) == [one["build"] for one in records()]


def test_a_button_opens_a_month_without_a_script(sign_in: SignIn, records: Records) -> None:
    admin = sign_in("admin")
    assert "ยังไม่ได้เปิดเดือน" in admin.get("/assignments", month=str(NEXT)).text
    answer = post(admin, "/assignments", month=str(NEXT), open="1")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/assignments?month={NEXT}")
    assert builds(admin.get("/assignments", month=str(NEXT)).text) == [one["build"] for one in records(NEXT)] != []


def test_a_button_fills_what_is_empty_without_a_script(
    sign_in: SignIn, records: Records, record: dict[str, Any]
) -> None:
    admin = sign_in("admin")
    post(admin, f"/assignments/018/{MONTH}", **{WHT: "", f"was:{WHT}": "AC00012", "reason": WHY})
    assert records(build="018")[0][WHT] is None
    assert post(admin, "/assignments", month=str(MONTH), copy="1").status_code == 303
    assert records(build="018")[0][WHT] == "AC00012"


def test_a_plain_form_puts_somebody_in_charge(sign_in: SignIn, records: Records, record: dict[str, Any]) -> None:
    five = {role: record[role] for role in PEOPLE} | {f"was:{role}": record[role] for role in PEOPLE}
    answer = post(sign_in("AC00008"), f"/assignments/018/{MONTH}", **{**five, BOOKS: STRANGER, "reason": WHY})
    assert answer.status_code == 303
    now = records(build="018")[0]
    assert {role: now[role] for role in PEOPLE} == {role: record[role] for role in PEOPLE} | {BOOKS: STRANGER}


def test_what_is_refused_comes_back_with_what_was_typed(
    sign_in: SignIn, records: Records, record: dict[str, Any]
) -> None:
    answer = post(sign_in("admin"), f"/assignments/018/{MONTH}", **{BOOKS: STRANGER, f"was:{BOOKS}": "AC00024"})
    assert answer.status_code == 422
    assert "กรุณาระบุเหตุผลที่เปลี่ยนผู้รับผิดชอบ" in answer.text
    assert re.search(rf'<option value="{STRANGER}" selected>', answer.text)
    assert records(build="018")[0]["version"] == record["version"]


def test_somebody_elses_change_meanwhile_is_said_at_the_field(sign_in: SignIn, record: dict[str, Any]) -> None:
    answer = post(
        sign_in("admin"), f"/assignments/018/{MONTH}", **{BOOKS: STRANGER, f"was:{BOOKS}": "AC00003", "reason": WHY}
    )
    assert answer.status_code == 409
    assert f'id="{BOOKS}-fault">มีผู้อื่นเปลี่ยนช่องนี้ไปแล้ว' in answer.text


def test_a_client_without_vat_offers_no_vat_filer(sign_in: SignIn, records: Records) -> None:
    plain = next(one for one in records() if not one["is_vat"])
    page = sign_in("admin").get(f"/assignments/{plain['build']}/{MONTH}").text
    assert f'name="{BOOKS}"' in page and f'name="{VAT}"' not in page


def test_the_form_resets_a_record_once_it_is_confirmed(
    sign_in: SignIn, records: Records, record: dict[str, Any]
) -> None:
    admin, path = sign_in("admin"), f"/assignments/018/{MONTH}"
    asked = {"reset": "1", "version": record["version"], "reason": WHY}
    refused = post(admin, path, **asked, confirm="19")
    assert refused.status_code == 422 and "พิมพ์ 018 เพื่อยืนยัน" in unescape(refused.text)
    assert records(build="018")[0]["version"] == record["version"]
    assert post(admin, path, **asked, confirm="018").status_code == 303
    assert records(build="018")[0]["pnd_status"] is None
    assert 'name="reset"' not in sign_in("AC00008").get(path).text


def test_a_record_that_is_not_there_is_not_there(sign_in: SignIn) -> None:
    for path in (
        f"/assignments/999/{MONTH}",
        "/assignments/018/2001-01",
        f"/assignments/x/{MONTH}",
        "/assignments/018/x",
    ):
        assert sign_in("admin").get(path).status_code == 404, path


def test_the_notice_of_what_is_no_longer_ones_own_ends_kindly(sign_in: SignIn, record: dict[str, Any]) -> None:
    inspector, accountant, stranger = (sign_in(one) for one in ("AC00008", "AC00024", STRANGER))
    assert inspector.save(record, "taxInspection", wht_inquiry="ขอเอกสารเพิ่ม").status_code == 200
    told = accountant.get("/api/notifications").json["data"]
    there = next(one["action_url"] for one in told if one["related_entity_id"] == record["id"])
    cell = {"id": record["id"], "role": "accounting_responsible", "employee_id": "AC00025"}
    sign_in("admin").call("PATCH", "/api/assignments", json={"cells": [cell], "reason": "ลาออก"})
    gone, unknown = accountant.get(there), stranger.get(there)
    assert (gone.status_code, unknown.status_code) == (404, 404)
    assert "ไม่อยู่ในความรับผิดชอบของคุณแล้ว" in gone.text
    assert "ไม่อยู่ในความรับผิดชอบ" not in unknown.text, "who was never told may not know that it is there"
