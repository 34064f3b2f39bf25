"""The three pages: what is on them follows from the address, and the address always opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from bmu.i18n import BANGKOK, Month, tax_month
from bmu.monthly_tax.desk import LIMITS, open_desk
from bmu.monthly_tax.table import TABLES
from tests.conftest import MONTH, Colleague, actor
from tests.monthly_tax import oracle
from tests.monthly_tax.conftest import DAY

Row = dict[str, Any]
ROW = re.compile(r'<tr data-id="([^"]+)"')
# Who works at which page, and admin, who holds none of the roles.
WORKERS = {"tax-status": "AC00024", "tax-inspection": "AC00008", "tax-filing": "AC00012"}
CODES = ("pending_review", "passed", "paid", "needs_correction", "draft_ready", "not_started", "nonsense")
days = st.integers(-3, 3).map(lambda n: (DAY.date() + timedelta(days=n)).isoformat())
WORDS = {
    "month": st.sampled_from([str(MONTH), str(MONTH.plus(-1)), "2001-01", "nonsense"]),
    "mode": st.sampled_from(["all", "wht", "vat", "x"]),
    "q": st.sampled_from(["1", "18", "จำกัด", "100%", "_", "\\", "abc"]),
    "pnd": st.lists(st.sampled_from(CODES), max_size=3).map(",".join),
    "pp30": st.lists(st.sampled_from(CODES), max_size=3).map(",".join),
    "payment": st.sampled_from(["has_payment", "no_payment", "has_payment,no_payment", "x"]),
    "from": days,
    "to": days,
    "sort": st.sampled_from(["build", "company_name", "pnd_status", "pp30_status", "nonsense", "version"]),
    "order": st.sampled_from(["asc", "desc", "x"]),
    "limit": st.sampled_from(["10", "20", "50", "100", "7", "x"]),
    "page": st.sampled_from(["1", "2", "3", "99", "0", "-1", "x"]),
    "scope": st.sampled_from(["mine", "all", "x"]),
}
addresses = st.fixed_dictionaries({}, optional=WORDS)


@pytest.fixture(scope="module")
def people(lists: Flask) -> Iterator[dict[str, Colleague]]:
    yield {name: Colleague(lists, name) for name in {*WORKERS.values(), "admin"}}


def known(address: Row, name: str, choices: Any) -> list[str]:
    return [code for code in address.get(name, "").split(",") if code in choices]


def expected(rows: list[Row], table: str, username: str, address: Row) -> list[str]:
    """The ids of all pages of the list, in order (domain §8 with its R, decision 0006)."""
    month = address.get("month", "")
    month = month if re.fullmatch(r"\d{4}-\d{2}", month) else str(MONTH)
    of_month = [row for row in rows if f"{row['tax_year']}-{row['tax_month']:02d}" == month]
    roles = oracle.OF_PAGE[table]
    reads_all, scope = username in ("admin", "AC00008"), address.get("scope")
    employee = {"admin": "AC00001"}.get(username, username)
    own = [row for row in of_month if employee in {row[role] for role in roles}]
    mine = not reads_all or scope == "mine" or (scope != "all" and bool(own))
    found = own if mine else of_month
    mode = address.get("mode") if address.get("mode") in ("wht", "vat") else "all"
    start, end = sorted_days(address)
    pnd = known(address, "pnd", CODES[:-1]) if mode != "vat" else []
    pp30 = known(address, "pp30", CODES[:-1]) if mode != "wht" else []
    payment = known(address, "payment", ("has_payment", "no_payment")) if mode != "wht" else []
    found = [
        row
        for row in found
        if (mode != "vat" or row["tax_registration_status"] == oracle.VAT)
        and oracle.says(row, address.get("q", ""))
        and oracle.one_of(row, "pnd_status", pnd)
        and oracle.one_of(row, "pp30_status", pp30)
        and oracle.one_of(row, "pp30_payment_status", payment)
        and oracle.within(row, mode, start, end)
    ]
    sent = "pp30_sent_for_review_date" if mode == "vat" else "pnd_sent_for_review_date"
    default = sent if (start or end) and table != "tax-status" else "build"
    sort = address.get("sort") if address.get("sort") in ("build", "company_name", *STATUSES) else default
    ordered = oracle.in_order(found, str(sort), descending=address.get("order") == "desc")
    return [row["id"] for row in ordered]


STATUSES = ("pnd_status", "pp30_status")


def sorted_days(address: Row) -> tuple[Any, Any]:
    """A range given the wrong way round is turned."""
    start, end = (datetime.fromisoformat(address[name]).date() if name in address else None for name in ("from", "to"))
    return (end, start) if start and end and start > end else (start, end)


@settings(max_examples=60, deadline=None)
@given(address=addresses, table=st.sampled_from(list(WORKERS)), as_admin=st.booleans())
def test_a_page_shows_what_plain_python_says(
    people: dict[str, Colleague], everything: list[Row], address: Row, table: str, as_admin: bool
) -> None:
    username = "admin" if as_admin else WORKERS[table]
    answer = people[username].get(f"/{table}", **address)
    assert answer.status_code == 200
    wanted = expected(everything, table, username, address)
    limit = int(address["limit"]) if address.get("limit") in map(str, LIMITS) else 50
    last = max(1, -(-len(wanted) // limit))
    number = min(int(address["page"]), last) if address.get("page", "").isdecimal() and address["page"] != "0" else 1
    assert ROW.findall(answer.text) == wanted[(number - 1) * limit : number * limit]
    assert f'data-total="{len(wanted)}"' in answer.text
    assert f'aria-rowcount="{len(wanted)}"' in answer.text or "aria-rowcount" not in answer.text


@settings(max_examples=80, deadline=None)
@given(
    address=st.dictionaries(
        st.sampled_from([*WORDS, "role", "person", "x"]),
        st.text(max_size=30),
        max_size=6,
    )
)
def test_any_address_opens(people: dict[str, Colleague], address: Row) -> None:
    """A shared link always opens; what it says wrongly is at its default."""
    assert people["admin"].get("/tax-status", **address).status_code == 200


@settings(max_examples=60, deadline=None)
@given(address=addresses, table=st.sampled_from(list(WORKERS)))
def test_a_desk_written_as_an_address_is_the_same_desk(lists: Flask, address: Row, table: str) -> None:
    """Both ways: the links of the page, and the view that events know it by."""
    admin, now = actor(lists, "admin"), datetime.now(UTC)
    with lists.app_context():
        desk = open_desk(table, address, admin, now)
        again = open_desk(table, dict(parse_qsl(desk.query(page=desk.page))), admin, now)
        assert again.key == desk.key and again.params() == desk.params()
        assert open_desk(table, dict(parse_qsl(desk.view)), admin, now).key == desk.key


def test_what_is_at_its_default_is_not_in_the_address(lists: Flask) -> None:
    with lists.app_context():
        desk = open_desk("tax-status", {}, actor(lists, "AC00024"), datetime.now(UTC))
        assert desk.query() == ""
        assert desk.query(page=2) == "page=2"
        assert desk.query(pnd=("paid", "passed")) == "pnd=paid%2Cpassed"


def test_any_change_goes_back_to_page_one(lists: Flask) -> None:
    with lists.app_context():
        desk = open_desk("tax-status", {"page": "3", "limit": "10"}, actor(lists, "admin"), datetime.now(UTC))
        assert "page" not in dict(parse_qsl(desk.query(q="x")))
        assert dict(parse_qsl(desk.query(page=4)))["page"] == "4"


def test_changing_the_mode_clears_the_other_sides_filters(lists: Flask) -> None:
    asked = {"mode": "vat", "pnd": "paid", "pp30": "passed"}
    with lists.app_context():
        desk = open_desk("tax-status", asked, actor(lists, "AC00024"), datetime.now(UTC))
    assert (desk.filters.pnd, desk.filters.pp30) == ((), ("passed",))


def test_the_views_key_tells_lists_apart_and_not_their_order(lists: Flask) -> None:
    def key(username: str, table: str = "tax-status", **asked: str) -> str:
        return open_desk(table, asked, actor(lists, username), datetime.now(UTC)).key

    with lists.app_context():
        assert key("AC00024") == key("AC00024", sort="company_name", page="2", limit="10")
        different = [key("AC00024"), key("AC00040"), key("AC00024", q="1"), key("admin"), key("admin", "tax-filing")]
        assert len(set(different)) == len(different)


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        ("2026-02-10T12:00:00+07:00", Month(2026, 1)),
        ("2026-11-30T23:59:59.999+07:00", Month(2026, 10)),
        ("2026-12-01T00:00:00+07:00", Month(2026, 11)),
        ("2026-11-30T17:00:00+00:00", Month(2026, 11)),
        ("2026-11-30T16:59:59+00:00", Month(2026, 10)),
        ("2027-01-01T00:00:00+07:00", Month(2026, 12)),
        ("2026-01-15T00:00:00+07:00", Month(2025, 12)),
    ],
)
def test_the_month_turns_at_midnight_of_the_first_in_bangkok(lists: Flask, moment: str, month: Month) -> None:
    now = datetime.fromisoformat(moment)
    assert tax_month(now) == month
    with lists.app_context():
        assert open_desk("tax-status", {}, actor(lists, "AC00024"), now).month == month


def test_a_page_that_stayed_open_over_midnight_keeps_its_month(lists: Flask) -> None:
    """The view says its month, never leaves it to a default."""
    before, after = (datetime.fromisoformat(f"2026-12-0{day}T00:00:01+07:00") for day in (1, 2))
    before -= timedelta(seconds=2)
    who = actor(lists, "AC00024")
    with lists.app_context():
        desk = open_desk("tax-status", {}, who, before)
        again = open_desk("tax-status", dict(parse_qsl(desk.view)), who, after)
    assert (desk.month, again.month, again.key) == (Month(2026, 10), Month(2026, 10), desk.key)


def test_the_forms_of_a_page_without_scripts_send_choices_one_by_one(people: dict[str, Colleague]) -> None:
    ticked = people["admin"].call("GET", "/tax-status?pnd=paid&pnd=passed&limit=100&scope=all").text
    joined = people["admin"].call("GET", "/tax-status?pnd=paid,passed&limit=100&scope=all").text
    assert ROW.findall(ticked) == ROW.findall(joined) != []


@pytest.mark.parametrize("table", TABLES)
def test_an_empty_list_says_so(people: dict[str, Colleague], table: str) -> None:
    page = people["admin"].get(f"/{table}", month="2001-01").text
    assert 'data-total="0"' in page and not ROW.findall(page)
    assert "ไม่พบข้อมูล" in page


def test_an_administrator_may_look_at_one_persons_rows(people: dict[str, Colleague], everything: list[Row]) -> None:
    for role in oracle.PEOPLE:
        shown = people["admin"].get("/tax-status", scope="all", role=role, person="AC00012", limit=100).text
        rows = [row for row in everything if row[role] == "AC00012" and row["tax_month"] == MONTH.month]
        assert set(ROW.findall(shown)) == {row["id"] for row in rows}


def test_nobody_else_looks_at_another_persons_rows(people: dict[str, Colleague]) -> None:
    own = ROW.findall(people["AC00024"].get("/tax-status", limit=100).text)
    for asked in ({"scope": "all"}, {"person": "AC00040"}, {"role": "accounting_responsible", "person": "AC00040"}):
        assert ROW.findall(people["AC00024"].get("/tax-status", limit=100, **asked).text) == own


def test_the_home_page_leads_to_the_first_page_of_ones_role(lists: Flask, people: dict[str, Colleague]) -> None:
    assert people["AC00024"].get("/").headers["Location"] == "/tax-status"
    assert Colleague(lists, "AC00031").get("/").headers["Location"] == "/account"


def test_a_record_has_a_page_of_its_own(people: dict[str, Colleague]) -> None:
    page = people["AC00024"].get(f"/tax-status/018/{MONTH}")
    assert page.status_code == 200 and "สยามตัวอย่าง" in page.text
    assert people["AC00024"].get(f"/tax-status/18/{MONTH}").headers["Location"] == f"/tax-status/018/{MONTH}"
    for path in ("018/2026-13", "018/2026", "x/2026-10", "018/nonsense", "999/2026-10", f"018/{MONTH}/x"):
        assert people["AC00024"].get(f"/tax-status/{path}").status_code == 404, path


def test_bangkok_is_seven_hours_ahead() -> None:
    assert DAY.astimezone(UTC).hour == 17 and DAY.tzinfo is BANGKOK
