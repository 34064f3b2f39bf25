"""What a client has to file: said on its page, it shows at once in a colleague's open table and form."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from bmu.monthly_tax.fields import FORM_STATUSES
from tests.browser.colleague import STATUS, Cast
from tests.browser.forms import COMMENT, WHT, over
from tests.browser.house import Server
from tests.browser.people import Office, OpenDesk
from tests.conftest import MONTH

AWAY = "ไม่เกี่ยวข้อง"


@pytest.fixture
def client(record: str, colleague: Cast, house: Server) -> Iterator[str]:
    """A client with a record without any status, for this test alone. What it files comes back."""
    admin = colleague("admin")
    nothing = ", ".join(f"{key} = NULL" for key in ("pnd_status", "pp30_status", *FORM_STATUSES))
    where = "WHERE build = ? AND (tax_year, tax_month) = (?, ?)"
    house.query(f"UPDATE monthly_tax_data SET {nothing} {where}", record, *MONTH)
    yield record
    gone = admin.http.delete(f"{admin.server.url}/api/clients/{record}/obligations/{MONTH}", json={}, timeout=10)
    assert gone.ok, gone.text


def client_page(office: Office, build: str) -> Page:
    page = office.desk("admin", STATUS).page
    page.goto(f"/clients/{build}")
    return page


def save(page: Page) -> None:
    page.locator("#obligations .button-primary").press("Enter")
    expect(page.locator(".notice[role=status]")).to_be_visible()


def test_an_open_table_shows_that_there_is_nothing_to_file_any_more(
    office: Office, desk: OpenDesk, client: str
) -> None:
    here = desk("AC00024", STATUS)
    expect(here.cell(client, "pnd_status").locator(".chip")).to_have_text("ยังไม่ดำเนินการ")
    page = client_page(office, client)
    page.locator("input[name=nothing]").press("Space")
    save(page)
    for column in ("pnd_status", "pp30_status"):
        expect(here.cell(client, column)).to_have_text(AWAY)
        expect(here.cell(client, column).locator("button")).to_have_count(0)
    here.until(lambda: here.rows()[client] == here.fresh_rows()[client], "the row of a fresh page")
    page.locator("#obligations .periods button").first.press("Enter")
    expect(here.cell(client, "pnd_status").locator(".chip")).to_have_text("ยังไม่ดำเนินการ")


def test_an_open_form_closes_what_does_not_apply_and_fills_the_rest(
    office: Office, desk: OpenDesk, client: str
) -> None:
    form = over(desk("AC00024", STATUS), client)
    form.go(WHT)
    form.type(COMMENT, "ยังไม่บันทึก")
    page = client_page(office, client)
    for box in page.locator("input[name=forms]").all():
        box.set_checked(box.get_attribute("value") in ("pnd_3", "pnd_53", "pp30"))
    save(page)
    lines = form.page.locator(".form-line")
    expect(lines.locator(".away")).to_have_text([AWAY] * 8)
    form.keeps(COMMENT, "ยังไม่บันทึก")
    form.page.locator("[data-fill-with]").click()
    expect(lines.locator("select")).to_have_count(2)
    for one in lines.locator("select").all():
        expect(one).to_have_value("not_submitted")
