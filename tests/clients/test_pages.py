"""The list and a client's page: plain forms that lose nothing typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from tests.conftest import Colleague

SignIn = Callable[[str], Colleague]


def send(who: Colleague, path: str, **fields: Any) -> Any:
    return who.browser().post(path, data={"csrf_token": who.csrf, **fields})


def version_on(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize(("username", "status"), [("admin", 200), ("AC00008", 200), ("AC00024", 403), ("AC00031", 403)])
def test_the_pages_open_by_role(sign_in: SignIn, username: str, status: int) -> None:
    for path in ("/clients", "/clients/new", "/clients/018"):
        assert sign_in(username).get(path).status_code == status


def test_the_menu_of_others_is_as_it_was(sign_in: SignIn) -> None:
    assert 'href="/clients"' in sign_in("admin").get("/tax-status").text
    assert 'href="/clients"' not in sign_in("AC00024").get("/tax-status").text


def test_the_list_keeps_search_and_filters_in_its_address(sign_in: SignIn) -> None:
    page = unescape(sign_in("admin").get("/clients", q="สยามตัวอย่าง", vat="จดภาษีมูลค่าเพิ่ม").text)
    assert page.count('href="/clients/018"') == 1
    assert 'value="สยามตัวอย่าง"' in page
    assert "/clients/001" not in page


def test_an_address_that_says_nonsense_shows_the_list(sign_in: SignIn) -> None:
    assert sign_in("admin").get("/clients", sort="x", page="99999", vat="?", limit="7").status_code == 200


def test_a_number_without_its_zero_leads_to_the_client(sign_in: SignIn) -> None:
    assert sign_in("admin").get("/clients/18").headers["Location"].endswith("/clients/018")
    assert sign_in("admin").get("/clients/nothing").status_code == 404


def test_a_new_client_leads_to_its_page(sign_in: SignIn) -> None:
    fields = {"build": "95", "company_name": "บริษัท เก้าห้า จำกัด", "company_status": "รายเดือน"}
    done = send(sign_in("admin"), "/clients/new", **fields)
    assert done.headers["Location"] == "/clients/095?done=created"


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(sign_in: SignIn) -> None:
    fields = {"build": "18", "company_name": "บริษัท ซ้ำ จำกัด", "legal_entity_number": "123"}
    refused = send(sign_in("admin"), "/clients/new", **fields)
    assert refused.status_code == 422
    assert 'id="legal_entity_number-error"' in refused.text
    assert 'value="บริษัท ซ้ำ จำกัด"' in refused.text and 'value="123"' in refused.text
    taken = send(sign_in("admin"), "/clients/new", **fields | {"legal_entity_number": ""})
    assert (taken.status_code, 'id="build-error"' in taken.text) == (409, True)


def test_a_save_shows_in_the_page_and_in_its_history(sign_in: SignIn) -> None:
    page = sign_in("admin").get("/clients/018").text
    done = send(sign_in("admin"), "/clients/018", version=version_on(page), note="โทรก่อนเข้า")
    assert done.status_code == 303
    page = sign_in("admin").get("/clients/018", done="saved").text
    assert page.count("โทรก่อนเข้า") == 2


def test_who_saves_second_sees_both_values_and_may_save_again(sign_in: SignIn) -> None:
    mine, theirs = sign_in("admin"), sign_in("AC00008")
    version = version_on(mine.get("/clients/018").text)
    send(theirs, "/clients/018", version=version, note="ของเขา", road="ถนนเขา")
    refused = send(mine, "/clients/018", version=version, note="ของฉัน")
    assert refused.status_code == 409
    assert "ของฉัน</textarea>" in refused.text
    assert "<b>ของเขา</b>" in refused.text
    again = send(mine, "/clients/018", version=version_on(refused.text), note="ของฉัน")
    assert again.status_code == 303
    saved = mine.call("GET", "/api/clients/018").json["data"]
    assert (saved["note"], saved["road"]) == ("ของฉัน", "ถนนเขา")


def test_archiving_and_bringing_back(sign_in: SignIn) -> None:
    admin = sign_in("admin")
    assert send(admin, "/clients/018/archive").headers["Location"] == "/clients/018?done=archived"
    assert 'href="/clients/018"' not in admin.get("/clients").text
    assert 'name="restore"' in admin.get("/clients/018").text
    send(admin, "/clients/018/archive", restore="1")
    assert 'href="/clients/018"' in admin.get("/clients").text


def test_text_of_people_is_escaped(sign_in: SignIn) -> None:
    send(sign_in("admin"), "/clients/018", company_name="<script>x</script>", note="</textarea><b>")
    for path in ("/clients", "/clients/018"):
        page = sign_in("admin").get(path).text
        assert "<script>x" not in page and "</textarea><b>" not in page


def test_a_role_whose_first_page_is_this_one_lands_here(app: Any, sign_in: SignIn) -> None:
    from bmu.accounts import service
    from bmu.changes.work import By

    with app.app_context():
        service.set_role(By(None), "AC00031", "registration")
    assert sign_in("AC00031").get("/").headers["Location"] == "/clients"
