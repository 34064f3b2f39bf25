"""From one form to the next: previous, next and back follow the list that the form was opened from (domain §8)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from flask import Flask

from bmu.changes.work import transaction
from bmu.monthly_tax.desk import open_desk
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.monthly_tax.talks import TEXTS
from tests.conftest import MONTH, Colleague, actor

ROW = re.compile(r'<tr data-id="[^"]+" data-version="\d+" data-build="([^"]+)"')
# Lists as addresses: filters, sorts, sizes, months and whose rows, alone and together.
LISTS = (
    "limit=10",
    "limit=10&sort=company_name&order=desc",
    "limit=10&mode=vat&sort=pp30_status",
    "pnd=passed,paid,sent_to_customer&limit=10",
    "pnd=passed&pnd=paid&pnd=sent_to_customer",
    "q=1&sort=pnd_status&order=desc&limit=10",
    f"month={MONTH.plus(-1)}&limit=20&scope=all",
    "role=accounting_responsible&person=AC00024",
    "sort=nonsense&limit=7&page=x",
)

FAR = 12  # steps: over the end of a page of ten


class Steps(NamedTuple):
    """Where a form leads: addresses, and its place as it is shown ("3/38")."""

    previous: str | None
    next: str | None
    back: str
    place: str | None


@pytest.fixture(scope="module")
def admin(reading: Flask) -> Iterator[Colleague]:
    """The administrator, in a firm without a word written: nothing is to be read before a form."""
    with reading.app_context(), transaction() as work:
        work.session.execute(MonthlyTaxData.__table__.update().values(dict.fromkeys(TEXTS)))
    yield Colleague(reading, "admin")


def steps(who: Colleague, address: str) -> Steps:
    page = who.call("GET", address)
    assert page.status_code == 200, address
    nav = page.text.split('<nav class="form-steps"')[1].split("</nav>")[0]
    links = {rel: unescape(href) for href, rel in re.findall(r'<a href="([^"]+)" data-step rel="(\w+)"', nav)}
    [back] = re.findall(r'<a href="([^"]+)" data-close', nav)
    place = re.search(r'<span class="hint">([\d/]+)</span>', nav)
    return Steps(links.get("prev"), links.get("next"), unescape(back), place and place[1])


def builds(who: Colleague, address: str) -> list[str]:
    """The clients on one page of a list."""
    return ROW.findall(who.call("GET", address).text)


def everything(who: Colleague, query: str) -> list[str]:
    """The clients of all pages of a list, in order."""
    found: list[str] = []
    number = 1
    while page := builds(who, f"/tax-status?{query}&page={number}"):
        if page[0] in found:
            break  # beyond the end one gets the last page again
        found, number = found + page, number + 1
    return found


def form_of(build: str, query: str) -> str:
    month = parse_qs(query).get("month", [str(MONTH)])[0]
    return f"/tax-status/{build}/{month}?{query}"


@pytest.mark.parametrize("query", LISTS)
def test_next_leads_through_the_list_over_its_pages_and_previous_back(admin: Colleague, query: str) -> None:
    listed = everything(admin, query)
    assert len(listed) > 3
    address: str | None = form_of(listed[0], query)
    before: str | None = None
    for number, build in enumerate(listed[:FAR], 1):
        assert address and path(address).split("/")[2] == build
        now = steps(admin, address)
        assert now.place == f"{number}/{len(listed)}"
        assert (now.previous and path(now.previous)) == (before and path(before))
        before, address = address, now.next
    last = steps(admin, form_of(listed[-1], query))
    assert last.next is None and last.previous and f"/{listed[-2]}/" in last.previous


def path(address: str) -> str:
    return urlsplit(address).path


@pytest.mark.parametrize("query", LISTS)
def test_back_leads_to_the_page_of_the_list_that_shows_the_record(admin: Colleague, query: str) -> None:
    """However far one has stepped since: the list opens where one is."""
    listed = everything(admin, query)
    for build in (listed[0], listed[len(listed) // 2], listed[-1]):
        assert build in builds(admin, steps(admin, form_of(build, query)).back)
    over = next((at for at in range(len(listed)) if listed[at] not in builds(admin, f"/tax-status?{query}")), None)
    if over:
        stepped = steps(admin, form_of(listed[over - 1], query)).next
        assert stepped and dict(parse_qsl(urlsplit(stepped).query))["page"] == "2"
        assert builds(admin, steps(admin, stepped).back)[0] == listed[over]


def test_back_keeps_the_filters_the_order_and_the_month(admin: Colleague) -> None:
    month = str(MONTH.plus(-1))
    query = f"month={month}&mode=vat&q=1&sort=company_name&order=desc&limit=20"
    listed = everything(admin, query)
    kept = dict(parse_qsl(urlsplit(steps(admin, form_of(listed[0], query)).back).query))
    assert kept == dict(parse_qsl(query))


def test_a_record_that_is_not_on_the_list_has_no_neighbours_but_a_way_back(admin: Colleague) -> None:
    on, off = everything(admin, "mode=vat")[0], "q=nobody-is-called-so"
    assert steps(admin, f"/tax-status/{on}/{MONTH}?{off}") == Steps(None, None, f"/tax-status?{off}", None)


def test_the_month_of_the_form_counts_not_that_of_the_query(admin: Colleague) -> None:
    now = steps(admin, f"/tax-status/018/{MONTH}?month={MONTH.plus(-1)}")
    assert now.place and f"month={MONTH.plus(-1)}" not in now.back


def test_neighbours_are_ones_own(reading: Flask, admin: Colleague) -> None:
    """Who does not read everything steps through their own rows only."""
    who = Colleague(reading, "AC00024")
    mine = everything(who, "limit=100")
    now = steps(who, f"/tax-status/018/{MONTH}?scope=all")
    assert now.place == f"{mine.index('018') + 1}/{len(mine)}"
    assert len(mine) < len(everything(admin, "limit=100"))


def test_a_plain_address_has_plain_links(admin: Colleague) -> None:
    now = steps(admin, f"/tax-status/{everything(admin, 'limit=100')[1]}/{MONTH}")
    assert now.back == "/tax-status" and now.next and "?" not in now.next


@pytest.mark.parametrize("changes", [{}, {"page": 1}, {"q": "x"}, {"pnd": ("paid", "passed")}, {"page": 3}])
def test_the_address_of_a_desk_is_its_path_and_its_query(reading: Flask, changes: dict[str, Any]) -> None:
    with reading.app_context():
        desk = open_desk("tax-filing", {"page": "2", "mode": "wht"}, actor(reading, "admin"), datetime.now(UTC))
        path, _, query = desk.href(**changes).partition("?")
        assert (path, query) == ("/tax-filing", desk.query(**changes))
        plain = open_desk("tax-filing", {}, actor(reading, "admin"), datetime.now(UTC))
    assert plain.href() == "/tax-filing"
