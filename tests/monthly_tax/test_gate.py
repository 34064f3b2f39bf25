"""What others wrote is acknowledged over HTTP: by the API, and at the gate, a page that needs no script."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from tests.conftest import MONTH, STRANGER, Colleague

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]
HERS, HIS, FILERS = "AC00024", "AC00008", "AC00012"
QUIET = {"sourcePage": "taxStatus", "word": "yes"}


@pytest.fixture
def asked(sign_in: SignIn, record: Record) -> Record:
    """Build 018 after the inspector asked the accountant something."""
    saved: Record = sign_in(HIS).save(record, "taxInspection", wht_inquiry="ขอ <b>ใบแนบ</b>\nอีกใบ").json["data"]
    return saved


def hash_for(who: Colleague, record: Record, page: str = "taxStatus") -> str:
    """The hash of the texts as they are now: what a program asks for by a wrong one."""
    body = {**QUIET, "sourcePage": page, "hash": "?"}
    answer = who.call("POST", f"{record['id']}/acknowledgements", json=body)
    assert (answer.status_code, answer.json["code"]) == (409, "conflict")
    return str(answer.json["reading"]["hash"])


def test_the_api_keeps_an_acknowledgement_and_lists_it(sign_in: SignIn, asked: Record) -> None:
    hers, path = sign_in(HERS), f"{asked['id']}/acknowledgements"
    answer = hers.call("POST", path, json={**QUIET, "hash": hash_for(hers, asked)})
    assert answer.status_code == 200
    [kept] = sign_in("admin").get(path).json["data"]
    assert kept.keys() == {"employee_id", "name", "sourcePage", "version", "hash", "at"}
    assert (kept["employee_id"], kept["version"]) == (HERS, asked["version"]) and kept["at"].endswith("Z")
    assert sign_in(HERS).get(path).json["data"] == [kept] and sign_in(HIS).get(path).json["data"] == []


@pytest.mark.parametrize(
    ("who", "page", "wanted"),
    [
        (HERS, "taxStatus", 409),
        (HERS, "taxInspection", 403),
        (HIS, "taxInspection", 409),
        (FILERS, "taxFiling", 409),
        ("AC00031", "taxStatus", 403),
        (STRANGER, "taxStatus", 404),
        ("admin", "taxFiling", 409),
        (HERS, "elsewhere", 422),
    ],
)
def test_the_api_by_role(sign_in: SignIn, asked: Record, who: str, page: str, wanted: int) -> None:
    body = {**QUIET, "sourcePage": page, "hash": "?"}
    assert sign_in(who).call("POST", f"{asked['id']}/acknowledgements", json=body).status_code == wanted


def test_a_wrong_word_is_told_at_its_field(sign_in: SignIn, asked: Record) -> None:
    hers = sign_in(HERS)
    body = {**QUIET, "hash": hash_for(hers, asked), "word": "ok"}
    answer = hers.call("POST", f"{asked['id']}/acknowledgements", json=body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["word"])


# The page, without a script


def post(who: Colleague, values: dict[str, str], query: str = "") -> Any:
    form = {"csrf_token": who.csrf, **values}
    return who.browser().post(f"/tax-status/018/{MONTH}/acknowledge{query}", data=form)


def gate(who: Colleague) -> str:
    """The gate's HTML, as it comes back for a word that is none."""
    answer = post(who, {"hash": "?", "word": ""})
    assert answer.status_code == 409
    return str(answer.text)


def hidden(html: str, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]*)"', html)
    assert found
    return found[1]


def test_the_gate_shows_the_texts_as_text_and_what_is_empty_as_empty(sign_in: SignIn, asked: Record) -> None:
    html = gate(sign_in(HERS))
    assert "ขอ &lt;b&gt;ใบแนบ&lt;/b&gt;\nอีกใบ" in html and "<b>ใบแนบ" not in html
    for words in ("กรุณาอ่านและยืนยัน", "(ไม่มีข้อมูล)", "พิมพ์ yes เพื่อยืนยัน", "ยืนยันและเปิดฟอร์ม", "ยกเลิก"):
        assert words in html


def test_the_gate_claims_to_be_neither_live_nor_on_its_way(sign_in: SignIn, asked: Record) -> None:
    """Nothing on it changes by itself: what changed meanwhile is told by the answer."""
    html = gate(sign_in(HERS))
    assert 'id="live"' not in html
    assert 'id="live"' in sign_in(HIS).browser().get(f"/tax-inspection/018/{MONTH}").text


def test_the_address_of_the_form_shows_the_gate_first(sign_in: SignIn, asked: Record) -> None:
    hers, address = sign_in(HERS), f"/tax-status/018/{MONTH}?pnd=paid"
    html = hers.browser().get(address).text
    assert "data-gate" in html and "data-form" not in html
    assert post(hers, {"hash": hidden(html, "hash"), "word": "yes"}).status_code == 303
    html = hers.browser().get(address).text
    assert "data-form" in html and "data-gate" not in html


def test_the_gate_leads_to_the_form_and_keeps_the_query(sign_in: SignIn, asked: Record) -> None:
    hers = sign_in(HERS)
    values = {"hash": hidden(gate(hers), "hash"), "word": "Yes"}
    answer = post(hers, values, "?pnd=pending_review&page=2")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/tax-status/018/{MONTH}?pnd=pending_review&page=2"


def test_a_wrong_word_is_said_in_the_same_page_and_the_query_stays(sign_in: SignIn, asked: Record) -> None:
    hers = sign_in(HERS)
    answer = post(hers, {"hash": hidden(gate(hers), "hash"), "word": "ok"}, "?pnd=paid&page=2")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text and 'role="alert"' in answer.text
    assert f'action="/tax-status/018/{MONTH}/acknowledge?pnd=paid&page=2"' in unescape(answer.text)


def test_texts_that_changed_come_back_fresh_in_the_page(sign_in: SignIn, asked: Record) -> None:
    hers = sign_in(HERS)
    old = hidden(gate(hers), "hash")
    sign_in(HIS).save(asked, "taxInspection", wht_inquiry="คำถามใหม่")
    answer = post(hers, {"hash": old, "word": "yes"})
    assert answer.status_code == 409 and "คำถามใหม่" in answer.text and hidden(answer.text, "hash") != old


def test_the_gate_answers_only_forms_of_this_session(sign_in: SignIn, asked: Record) -> None:
    answer = post(sign_in(HERS), {"csrf_token": sign_in(HIS).csrf, "hash": "?", "word": "yes"})
    assert answer.status_code == 403


@pytest.mark.parametrize(("where", "wanted"), [("018/2026-13", 404), ("999/2026-10", 404), ("abc/2026-10", 404)])
def test_a_record_that_is_not_there_has_no_gate(sign_in: SignIn, where: str, wanted: int) -> None:
    hers = sign_in(HERS)
    answer = hers.browser().post(f"/tax-status/{where}/acknowledge", data={"csrf_token": hers.csrf})
    assert answer.status_code == wanted
