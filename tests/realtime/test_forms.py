"""Open forms: who has a record's form open hears each save of it, as a freshly drawn page would show it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from itertools import product
from typing import Any

import pytest
from flask import Flask

from bmu.extensions import socketio
from bmu.monthly_tax.table import BY_PAGE
from bmu.realtime import broadcast, forms
from bmu.realtime.forms import CLOSE, OPEN, UPDATED
from bmu.realtime.tail import Tail
from tests.conftest import FIVE, MONTH, STRANGER, Colleague, events
from tests.monthly_tax.formpage import FormPage
from tests.realtime.conftest import elsewhere

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]
# Who works on which page of build 018.
WORKERS = {"taxStatus": "AC00024", "taxInspection": "AC00008", "taxFiling": "AC00012"}


def ask(socket: Any, record: Record, at: Any, **more: Any) -> Any:
    return socket.emit(OPEN, {"id": record["id"], "page": at, **more}, callback=True)


def open_form(who: Colleague, record: Record, at: str = "taxStatus") -> Any:
    """A socket that has the form open, and listens to nothing else."""
    socket = who.socket()
    assert ask(socket, record, at)["ok"]
    return socket


def told(socket: Any) -> list[Record]:
    return [data for name, data in events(socket) if name == UPDATED]


def page_of(who: Colleague, record: Record, at: str) -> str:
    """The record's page, once what others wrote is acknowledged."""
    address = f"/{BY_PAGE[at].name}/{record['build']}/{MONTH}"
    html = who.get(address).text
    if read := re.search(r'name="hash" value="(\w+)"', html):
        body = {"sourcePage": at, "hash": read[1], "word": "yes"}
        assert who.call("POST", f"{record['id']}/acknowledgements", json=body).status_code == 200
        html = who.get(address).text
    return str(html)


# Opening


@pytest.mark.parametrize(("at", "username"), WORKERS.items())
def test_who_opens_a_form_gets_it_as_it_is(sign_in: SignIn, record: Record, at: str, username: str) -> None:
    answer = ask(sign_in(username).socket(), record, at)
    assert answer == {"ok": True, "form": sign_in(username).get(f"{record['id']}/form", page=at).json["data"]}


def test_who_has_this_version_gets_none(sign_in: SignIn, record: Record, touch: Any) -> None:
    socket = sign_in("AC00024").socket()
    assert ask(socket, record, "taxStatus", version=record["version"]) == {"ok": True}
    touch()
    assert [one["version"] for one in told(socket)] == [record["version"] + 1]
    assert ask(socket, record, "taxStatus", version=record["version"])["form"]["version"] == record["version"] + 1


def test_a_record_one_may_not_know_of_is_not_found(sign_in: SignIn, record: Record, touch: Any) -> None:
    stranger = sign_in(STRANGER).socket()
    for record_id in (record["id"], "nobody", "x" * 36):
        assert ask(stranger, {"id": record_id}, "taxStatus")["error"]["code"] == "not_found"
    reader = open_form(sign_in("AC00024"), record)
    touch()
    assert told(reader) and not events(stranger)


@pytest.mark.parametrize(("username", "at"), [("AC00024", "taxInspection"), ("AC00012", "taxInspection")])
def test_a_page_that_ones_role_does_not_open_is_refused(
    sign_in: SignIn, record: Record, touch: Any, username: str, at: str
) -> None:
    socket, reader = sign_in(username).socket(), open_form(sign_in("AC00008"), record, at)
    assert ask(socket, record, at)["error"]["code"] == "forbidden"
    touch()
    assert told(reader) and not events(socket)


@pytest.mark.parametrize(
    "junk",
    [
        *(None, 1, "x", [], {}, {"page": "taxStatus"}, {"id": None, "page": "taxStatus"}),
        *({"id": 7, "page": "taxStatus"}, {"id": ["x"], "page": "taxStatus"}, {"id": {}, "page": "taxStatus"}),
        *({"id": "x" * 37, "page": "taxStatus"}, {"id": "x", "page": "tax-status"}, {"id": "x", "page": None}),
        *({"id": "x", "page": ["taxStatus"]}, {"id": "x", "page": {}}, {"id": "x", "page": 1}),
    ],
)
def test_junk_is_answered(sign_in: SignIn, junk: Any) -> None:
    answer = sign_in("AC00024").socket().emit(OPEN, junk, callback=True)
    assert (answer["ok"], answer["error"]["code"]) == (False, "invalid"), answer
    assert answer["error"]["message"]


@pytest.mark.parametrize("version", ["x", "", -1, 2**53, None, 1.5, False])
def test_a_version_that_is_none_is_no_version(sign_in: SignIn, record: Record, version: Any) -> None:
    assert "form" in ask(sign_in("AC00024").socket(), record, "taxStatus", version=version)


def test_who_is_refused_another_form_hears_of_none(sign_in: SignIn, record: Record, touch: Any) -> None:
    socket = open_form(sign_in("AC00024"), record)
    assert ask(socket, {"id": "nobody"}, "taxStatus")["ok"] is False
    touch()
    assert not events(socket)


# Who hears


def test_all_who_have_it_open_hear_once_and_nobody_else(sign_in: SignIn, record: Record, touch: Any) -> None:
    opened = [open_form(sign_in(username), record, at) for at, username in WORKERS.items()]
    opened += [open_form(sign_in("AC00024"), record), open_form(sign_in("admin"), record, "taxFiling")]
    both = sign_in("AC00008").listen(employeeId="*", table="tax-inspection")
    ask(both, record, "taxInspection")
    ask(both, record, "taxInspection")
    silent = [sign_in(FIVE["document_entry_responsible"]).listen(), sign_in("AC00012").socket()]
    silent.append(sign_in(STRANGER).listen())
    saved = touch()
    assert [[one["seq"] for one in told(socket)] for socket in (*opened, both)] == [[saved["seq"]]] * 6
    assert not any(told(socket) for socket in silent)


def test_each_hears_in_the_form_of_their_page(sign_in: SignIn, record: Record, touch: Any) -> None:
    sockets = {at: open_form(sign_in(username), record, at) for at, username in WORKERS.items()}
    touch()
    for at, username in WORKERS.items():
        assert told(sockets[at]) == [sign_in(username).get(f"{record['id']}/form", page=at).json["data"]]


def test_another_record_is_not_told(sign_in: SignIn, record: Record) -> None:
    socket, who = open_form(sign_in("AC00024"), record), sign_in("admin")
    other = next(row for row in who.get(accounting_responsible="AC00024").json["data"] if row["id"] != record["id"])
    for one in (other, record):
        assert who.save(one, "taxStatus", version=0, wht_response="ข่าวใหม่").status_code == 200
    assert [one["id"] for one in told(socket)] == [record["id"]]


def test_a_form_opened_after_another_takes_its_place(sign_in: SignIn, record: Record, touch: Any) -> None:
    who = sign_in("AC00024")
    socket = open_form(who, record)
    other = next(row for row in who.get().json["data"] if row["id"] != record["id"])
    assert ask(socket, other, "taxStatus")["ok"]
    touch()
    assert not events(socket)


def test_nothing_is_heard_after_closing(sign_in: SignIn, record: Record, touch: Any) -> None:
    socket = open_form(sign_in("AC00024"), record)
    touch()
    assert told(socket)
    assert socket.emit(CLOSE, {}, callback=True) == {"ok": True}
    assert socket.emit(CLOSE, {}, callback=True) == {"ok": True}, "twice is no fault"
    touch()
    assert not events(socket)
    assert not forms.is_open(record["id"])


def test_who_lost_the_record_hears_nothing_of_it(sign_in: SignIn, record: Record, hand_over: Any, touch: Any) -> None:
    """The hand-over itself already tells them nothing but that it is gone, where they listen."""
    lost, kept = open_form(sign_in("AC00024"), record), open_form(sign_in("AC00012"), record, "taxFiling")
    hand_over(record, accounting_responsible=STRANGER)
    touch()
    assert len(told(kept)) == 2 and not events(lost)
    hand_over(record, accounting_responsible="AC00024")
    assert len(told(lost)) == 1, "it is open, and theirs again"


def test_a_hand_over_changes_the_shape(sign_in: SignIn, record: Record, hand_over: Any, touch: Any) -> None:
    """By it a form knows that who may do what has changed, and is drawn anew."""
    socket = open_form(sign_in("AC00024"), record)
    touch()
    hand_over(record, vat_filer_current_employee_id="AC00012")
    touch()
    before, handed, after = (one["shape"] for one in told(socket))
    assert before != handed == after
    assert f'data-shape="{after}"' in page_of(sign_in("AC00024"), record, "taxStatus")


def test_what_another_process_saved_is_told_too(app: Flask, sign_in: SignIn, record: Record, touch: Any) -> None:
    socket, tail = open_form(sign_in("AC00024"), record), Tail(record["seq"])
    with elsewhere():
        saved = touch()
    assert not events(socket)
    with app.app_context():
        tail.step()
    assert [one["seq"] for one in told(socket)] == [saved["seq"]]


def test_a_form_that_cannot_be_told_keeps_no_other_from_it(
    sign_in: SignIn, record: Record, touch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = open_form(sign_in("AC00008"), record, "taxInspection"), open_form(sign_in("AC00024"), record)
    table, draw, touched = sign_in("AC00024").listen(), forms.snapshot, []

    def fail(at: str, *rest: Any) -> Any:
        if at == "taxInspection":
            raise RuntimeError("no ink")
        return draw(at, *rest)

    monkeypatch.setattr(forms, "snapshot", fail)
    monkeypatch.setattr(broadcast.views, "touch", lambda *_: touched.append(True))
    touch()
    assert not told(bad) and told(good) and events(table) and touched


# What they hear


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
