"""How the database answers each statement of pages and lists: by an index, never by reading every record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import event, text

from bmu.extensions import db
from bmu.monthly_tax import queries, rules, summary
from bmu.monthly_tax.filters import Filters
from bmu.monthly_tax.sorting import Sort
from bmu.realtime.catchup import missed
from tests.conftest import MONTH, Colleague
from tests.databases import SERVER, sqlite_only

# Not employees, clients and their obligations: as many as the firm has, however long it works.
GROWING = "(monthly_tax_data|change_log|change_audience|notifications|user_sessions|acknowledgements)"
PAGES = {"taxStatus": "AC00024", "taxInspection": "AC00008", "taxFiling": "AC00012"}


@contextmanager
def asked() -> Iterator[list[tuple[str, Any]]]:
    """The statements sent to the database meanwhile."""
    found: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            found.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    yield found
    event.remove(db.engine, "before_cursor_execute", note)


def plans(ask: Callable[[], Any]) -> list[str]:
    """The steps of every statement of `ask`, as the database plans them."""
    current_app.extensions.pop("bmu.kept", None)  # what is known already is not asked
    with asked() as statements:
        ask()
    assert statements
    connection = db.engine.raw_connection()
    cursor = connection.cursor()
    if SERVER:  # on so few rows PostgreSQL reads all, unless it is told that this is dear
        cursor.execute("SET enable_seqscan = off")
    explain = "EXPLAIN" if SERVER else "EXPLAIN QUERY PLAN"
    steps = []
    for statement, parameters in statements:
        cursor.execute(f"{explain} {statement}", parameters)
        steps += [str(step[-1]) for step in cursor.fetchall()]
    connection.invalidate()  # its setting goes with it
    return steps


def scans(steps: list[str]) -> list[str]:
    """The steps that read all of a table that grows. To count a whole table by an index is no such step."""
    read = r"SCAN (?!.*COVERING INDEX)|Seq Scan on "
    return [step for step in steps if re.search(rf"({read}){GROWING}\b", step)]


def own(page: str) -> Filters:
    return Filters(*MONTH, anyone=PAGES[page], roles=rules.roles_of(page))


QUESTIONS: dict[str, Callable[[], Any]] = {
    **{f"own list of {page}": lambda page=page: queries.ids(own(page), Sort()) for page in PAGES},
    **{f"figures of {page}": lambda page=page: summary.summary(page, own(page)) for page in PAGES},
    "is any of them mine": lambda: queries.any_of(own("taxInspection")),
    "everybody's month": lambda: queries.ids(Filters(*MONTH), Sort()),
    "one record": lambda: queries.record("x"),
    "fifty records": lambda: queries.records([str(n) for n in range(50)]),
    "a client's month": lambda: queries.id_of("018", *MONTH),
    "own page of the API": lambda: queries.page(Filters(*MONTH, anyone="AC00024"), Sort("tax_year", True), 1, 20),
    "what I missed": lambda: missed("AC00024", 1),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_reads_every_record(reading: Flask, question: str) -> None:
    with reading.app_context():
        db.session.execute(text("SELECT 1"))
        steps = plans(QUESTIONS[question])
    assert not scans(steps), steps


MONTH_OF = f"month={MONTH}"
IN_MONTH = f"year={MONTH.year}&month={MONTH.month}"
LISTS = [
    *(
        f"/{page}?{MONTH_OF}{more}"
        for page in ("tax-status", "tax-inspection", "tax-filing")
        for more in ("", "&page=3")
    ),
    *(
        f"/tax-status?{MONTH_OF}&{one}"
        for one in ("sort=pnd_status", "sort=company_name", "q=สยาม", "mode=vat", "pnd=paid,not_started", "pp30=passed")
    ),
    *(
        f"/tax-status?{MONTH_OF}&{one}"
        for one in ("payment=has_payment", "from=2026-01-01", "scope=all&person=AC00024")
    ),
    *(f"/api/monthly-tax-data{query}" for query in ("", "?page=3", "?sortOrder=asc", f"?{IN_MONTH}")),
    *(
        f"/api/monthly-tax-data?{one}"
        for one in ("search=สยาม", "pnd_status=paid", "pp30_status=passed,paid", "pp30_payment_status=has_payment")
    ),
    *(f"/api/monthly-tax-data?page=5&{one}" for one in ("pnd_status=not_started", "tax_registration_status=x")),
    *(f"/api/monthly-tax-data?{IN_MONTH}&{one}" for one in ("search=สยาม", "pnd_status=paid", "sortBy=pnd_status")),
    f"/api/monthly-tax-data/summary?{IN_MONTH}",
    "/tax-status/018/" + str(MONTH),
]


@pytest.mark.parametrize("who", ["AC00024", "admin"])
@pytest.mark.parametrize("path", LISTS)
def test_no_statement_of_a_list_reads_every_record(reading: Flask, path: str, who: str) -> None:
    asking = Colleague(reading, who)
    opens = who == "admin" or path.startswith(("/api", "/tax-status"))

    def ask() -> None:
        assert asking.call("GET", path).status_code == (200 if opens else 403)

    with reading.app_context():
        steps = plans(ask)
    assert not scans(steps), steps


@pytest.mark.parametrize(
    "step", ["SCAN monthly_tax_data", "SCAN change_log", "  ->  Seq Scan on notifications  (cost=1)"]
)
def test_a_scan_is_told_from_a_search(step: str) -> None:
    assert scans([step]) == [step]
    search = "SEARCH monthly_tax_data USING INDEX ix"
    assert not scans([search, "SCAN counters", "SCAN monthly_tax_data USING COVERING INDEX ix"])


@sqlite_only
@pytest.mark.parametrize("source", PAGES)
def test_ones_own_month_is_found_by_person_and_month(reading: Flask, source: str) -> None:
    with reading.app_context():
        steps = plans(lambda: queries.ids(own(source), Sort()))
    for role in rules.roles_of(source):
        index = f"ix_monthly_tax_data_{role}_tax_year_tax_month ({role}=? AND tax_year=? AND tax_month=?)"
        assert any(index in step for step in steps), steps


@sqlite_only
@pytest.mark.parametrize("status", ["pnd_status", "pp30_status", "pp30_payment_status"])
def test_a_status_of_all_months_is_counted_by_its_index_alone(reading: Flask, status: str) -> None:
    filters = Filters(**{{"pp30_payment_status": "payment"}.get(status, status.removesuffix("_status")): ("paid",)})
    with reading.app_context():
        steps = plans(lambda: queries.page(filters, Sort("tax_year", True), 1, 20))
    assert any(f"USING COVERING INDEX ix_monthly_tax_data_{status}_tax_year_tax_month" in step for step in steps), steps


@sqlite_only
def test_a_search_of_all_months_begins_with_the_clients_it_finds(reading: Flask) -> None:
    with reading.app_context():
        steps = plans(lambda: queries.page(Filters(search="018"), Sort("tax_year", True), 1, 20))
    assert any(step.startswith("SEARCH monthly_tax_data USING COVERING INDEX") for step in steps), steps


def test_a_page_asks_few_questions(app: Flask, sign_in: Any) -> None:
    """However many rows: no question per row (PERF, domain §14)."""
    admin, counts = sign_in("admin"), []
    admin.get("/tax-inspection", scope="all")  # what it counted is kept
    for limit in (10, 100):
        with app.app_context(), asked() as statements:
            assert admin.get("/tax-inspection", scope="all", limit=limit).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] < 12


def test_a_list_of_the_api_asks_few_questions(app: Flask, sign_in: Any) -> None:
    admin = sign_in("admin")
    with app.app_context(), asked() as statements:
        assert len(admin.get(limit=100).json["data"]) > 60
    assert len(statements) <= 10  # two months of them, each after a look at the log
