"""Clients and people: an administrator changes them, and a colleague's open table shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.colleague import STATUS, Cast
from tests.browser.forms import COMMENT, WHT, over
from tests.browser.people import Office, OpenDesk

NAME = "บริษัท ชื่อใหม่ ทดสอบ จำกัด"
CHANGES = [
    ("/clients", "/api/clients/018", {"q": "018", "company_name": NAME}),
    ("/people", "/api/employees/AC00033", {"q": "AC00033", "position": "ตำแหน่งใหม่"}),
]


def admin_at(office: Office, path: str) -> Page:
    """A page of the administrator's."""
    page = office.desk("admin", STATUS).page
    page.goto(path)
    return page


@pytest.fixture
def client(build: str, record: str, colleague: Cast) -> Iterator[str]:
    """A client for this test alone: its build. What it was called comes back."""
    admin = colleague("admin")
    address = f"{admin.server.url}/api/clients/{build}"
    before = admin.http.get(address, timeout=10).json()["data"]
    yield build
    kept = {key: before[key] for key in ("company_name", "tax_registration_status", "vat_registration_date")}
    assert admin.http.put(address, json=kept, timeout=10).ok


def test_a_new_name_and_vat_state_appear_in_an_open_table(office: Office, desk: OpenDesk, client: str) -> None:
    here = desk("AC00024", STATUS)
    expect(here.cell(client, "pp30_status").locator(".chip")).to_be_visible()
    page = admin_at(office, f"/clients?q={client}")
    page.locator(f'a[href="/clients/{client}"]').click()
    page.locator("#company_name").fill(NAME)
    page.locator("#tax_registration_status").select_option("ยังไม่จดภาษีมูลค่าเพิ่ม")
    page.locator(".card-foot button").click()
    expect(page.locator(".notice[role=status]")).to_be_visible()
    expect(here.cell(client, "company_name")).to_have_text(NAME)
    expect(here.cell(client, "pp30_status").locator(".chip")).to_have_count(0)
    here.cell(client, "company_name").hover()
    expect(here.page.locator(".tip")).to_be_hidden()  # nobody saved the record
    here.until(lambda: here.rows()[client] == here.fresh_rows()[client], "the row of a fresh page")


def test_an_open_form_shows_the_new_name_and_keeps_what_is_typed(desk: OpenDesk, colleague: Cast, client: str) -> None:
    form = over(desk("AC00024", STATUS), client)
    form.go(WHT)
    form.type(COMMENT, "ยังไม่บันทึก")
    admin = colleague("admin")
    answer = admin.http.put(f"{admin.server.url}/api/clients/{client}", json={"company_name": NAME}, timeout=10)
    assert answer.status_code == 200, answer.text
    expect(form.page.locator("#form-title")).to_contain_text(NAME)
    form.keeps(COMMENT, "ยังไม่บันทึก")


def test_closing_an_account_cuts_the_open_table_and_its_work_is_handed_over(office_of: Callable[..., Office]) -> None:
    office = office_of()
    theirs = office.desk("AC00016", STATUS)
    theirs.forgive("401", "403")
    page = admin_at(office, "/people?q=AC00016")
    page.locator('a[href="/people/AC00016"]').click()
    page.locator("button[value=disable]").click()
    expect(page.locator("#held[data-urgent]")).to_be_visible()
    theirs.page.wait_for_url("**/login*")
    page.locator("#held button").click()
    expect(page.locator(".notice[role=status]")).to_be_visible()
    expect(page.locator("#held")).to_have_count(0)


@pytest.mark.parametrize(("page", "address", "values"), CHANGES)
def test_an_open_list_says_that_it_changed_and_asks_nothing(
    office: Office, colleague: Cast, page: str, address: str, values: dict[str, str]
) -> None:
    admin = colleague("admin")
    here = office.tab(office.browsers.own("admin"))
    here.page.goto(f"{page}?q={values['q']}")
    here.state("live")
    asked: list[str] = []
    here.page.on("request", lambda request: asked.append(request.url))
    change = {key: value for key, value in values.items() if key != "q"}
    before = admin.http.get(f"{admin.server.url}{address}", timeout=10).json()["data"]
    assert admin.http.put(f"{admin.server.url}{address}", json=change, timeout=10).ok
    news = here.page.locator("#news a")
    expect(news).to_have_text("รายการเปลี่ยนไป — แสดง")
    assert asked == []
    news.click()
    expect(here.page.locator("#news")).to_be_hidden()
    expect(here.page.locator(".listing")).to_contain_text(next(iter(change.values())))
    assert admin.http.put(f"{admin.server.url}{address}", json={key: before[key] for key in change}, timeout=10).ok
