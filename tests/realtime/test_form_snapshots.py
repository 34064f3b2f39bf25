"""Open forms: what they hear is what a freshly drawn page would show, in the reader's language."""

from __future__ import annotations

import re
from html import escape
from itertools import product
from typing import Any

import pytest
from flask import Flask

from bmu.extensions import socketio
from bmu.monthly_tax.table import BY_PAGE
from tests.conftest import MONTH
from tests.monthly_tax.formpage import FormPage
from tests.realtime.formsockets import WORKERS, Record, SignIn, ask, open_form, page_of, told


@pytest.mark.parametrize(("at", "lang"), list(product(WORKERS, ("th", "en"))))
def test_event_answer_and_api_say_the_same_in_the_readers_language(
    app: Flask, sign_in: SignIn, record: Record, at: str, lang: str
) -> None:
    who = sign_in(WORKERS[at]).speaking(lang)
    browser = who.browser()
    browser.set_cookie("bmu_language", lang)
    socket = socketio.test_client(app, flask_test_client=browser)
    assert ask(socket, record, at)["ok"]
    headers = {"X-Table": BY_PAGE[at].name, "X-Form": "1"}
    code = next(code for code in ("paid", "received_receipt") if code != record["pnd_status"])
    answer = who.save(record, at, headers=headers, pnd_status=code).json["data"]["form"]
    assert told(socket) == [answer] == [who.get(f"{record['id']}/form", page=at).json["data"]]
    said = answer["fields"]["pnd_status"]["html"]
    assert any("ก" <= sign <= "๛" for sign in said) == (lang == "th")


def test_two_languages_hear_each_their_own(app: Flask, sign_in: SignIn, record: Record, touch: Any) -> None:
    browser = sign_in("AC00024").browser()
    browser.set_cookie("bmu_language", "en")
    english = socketio.test_client(app, flask_test_client=browser)
    assert ask(english, record, "taxStatus")["ok"]
    thai = open_form(sign_in("AC00024"), record)
    touch(pnd_status="paid")
    one, other = (told(socket)[0]["fields"]["pnd_status"]["html"] for socket in (thai, english))
    assert "ชำระแล้ว" in one and "Paid" in other


@pytest.mark.parametrize(("at", "lang"), list(product(WORKERS, ("th", "en"))))
def test_a_snapshot_is_the_fresh_page_to_the_character(
    sign_in: SignIn, record: Record, touch: Any, at: str, lang: str
) -> None:
    """One definition of how a field reads: every field and part that the page shows, and none that it does not."""
    texts = {
        "wht_response": 'ก <b>"&"</b>\nบรรทัดสอง',
        "pp30_payment_status": "has_payment",
        "pp30_payment_amount": 1234.5,
    }
    touch(**texts, document_received_date="2026-11-05", income_confirmed="waiting_customer")
    who = sign_in("admin").speaking(lang)
    page = page_of(who, record, at)
    found = who.get(f"{record['id']}/form", page=at).json["data"]
    shown = FormPage(page)
    assert set(found["fields"]) == set(shown.fields)
    assert set(found["parts"]) == shown.parts
    for name, html in found["parts"].items():
        assert f'data-part="{name}">{html}</' in page, name
    for key, told_of in found["fields"].items():
        field = page.split(f'data-field="{key}" data-state')[1].split(f'id="f-{key}-error"')[0]
        _is_as_told(field, told_of, bool(shown.fields[key].control))
    head = {name: re.search(rf'data-{name}="([^"]+)"', page)[1] for name in ("version", "seq", "shape")}  # type: ignore[index]
    assert head == {name: str(found[name]) for name in ("version", "seq", "shape")}


def _is_as_told(field: str, told_of: dict[str, str], has_control: bool) -> None:
    if not has_control:
        assert f'<output class="shown">{told_of["html"]}</output>' in field
        return
    assert f'data-was="{escape(told_of["entry"]).replace("&quot;", "&#34;")}"' in field
    if "<select" in field:
        assert f'data-tone="{told_of["tone"]}"' in field
        chosen = re.findall(r'<option value="([^"]*)"[^>]* selected', field)
        assert chosen == [told_of["entry"]]


def test_the_newest_lines_of_the_history_come_along(sign_in: SignIn, record: Record, touch: Any) -> None:
    socket = open_form(sign_in("AC00024"), record)
    for _ in range(4):
        touch()
    newest = told(socket)[-1]["lines"]
    page = page_of(sign_in("AC00024"), record, "taxStatus")
    history = page.split("data-history>")[1].split("</ol>")[0]
    drawn = [line.strip() for line in re.split(r"\n(?=<li data-version)", history) if line.strip()]
    assert newest == drawn[: len(newest)] and len(newest) == 3


def test_a_client_without_vat_has_no_vat_in_its_form(sign_in: SignIn) -> None:
    who = sign_in("admin")
    listed = who.get(limit=100, year=MONTH.year, month=MONTH.month).json["data"]
    record = next(row for row in listed if row["tax_registration_status"] != "จดภาษีมูลค่าเพิ่ม")
    found = who.get(f"{record['id']}/form", page="taxStatus").json["data"]
    shown = FormPage(page_of(who, record, "taxStatus"))
    assert set(found["fields"]) == set(shown.fields) and "pp30_status" not in found["fields"]
    assert set(found["parts"]) == shown.parts


def test_the_answer_to_a_conflict_has_the_form_too(sign_in: SignIn, record: Record, touch: Any) -> None:
    touch(wht_response="เขียนก่อน")
    headers = {"X-Table": "tax-status", "X-Form": "1"}
    refused = sign_in("AC00024").save(record, "taxStatus", headers=headers, wht_response="เขียนทับ")
    assert refused.status_code == 409
    current = sign_in("AC00024").get(f"{record['id']}/form", page="taxStatus").json["data"]
    assert refused.json["data"]["form"] == current
    assert current["fields"]["wht_response"]["entry"] == "เขียนก่อน"


def test_no_form_where_none_is_asked_for_or_the_page_is_not_theirs(sign_in: SignIn, record: Record) -> None:
    who = sign_in("AC00024")
    for headers in ({}, {"X-Form": "1"}, {"X-Table": "tax-status"}, {"X-Table": "tax-inspection", "X-Form": "1"}):
        saved = who.save(record, "taxStatus", version=0, headers=headers, wht_response="ใหม่")
        assert saved.status_code == 200 and "form" not in saved.json["data"]


@pytest.mark.parametrize("asked", ["", "tax-status", "x", "taxstatus"])
def test_the_api_asks_for_a_page_that_there_is(sign_in: SignIn, record: Record, asked: str) -> None:
    assert sign_in("AC00024").get(f"{record['id']}/form", page=asked).status_code == 422
