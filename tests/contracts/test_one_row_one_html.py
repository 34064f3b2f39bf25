"""A row has one HTML: on the page, in the answer to a save, in the event, and in what is caught up with."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, has_request_context

from bmu.changes.work import last_seq
from bmu.i18n import LANGUAGES
from bmu.monthly_tax import queries
from bmu.monthly_tax.filters import Filters
from bmu.monthly_tax.queries import Sort
from bmu.monthly_tax.table import TABLES
from bmu.realtime.subscriptions import SUBSCRIBE
from bmu.tables.render import row_html
from tests.conftest import MONTH, Colleague, events

SignIn = Callable[[str], Colleague]
# Who works in each table on build 018, and two codes they may choose there.
WORKERS = {
    "tax-status": ("AC00024", "paid", "passed"),
    "tax-inspection": ("AC00008", "needs_correction", "passed"),
    "tax-filing": ("AC00012", "sent_to_customer", "paid"),
}
each_table = pytest.mark.parametrize("table", TABLES)
each_language = pytest.mark.parametrize("lang", LANGUAGES)


def _work(record: dict[str, Any], table: str) -> tuple[str, dict[str, str]]:
    """Who changes the record in `table`, and to what."""
    username, *codes = WORKERS[table]
    return username, {"pnd_status": next(code for code in codes if code != record["pnd_status"])}


def page(who: Colleague, table: str, **query: Any) -> str:
    answer = who.get(f"/{table}", month=str(MONTH), **query)
    assert answer.status_code == 200
    return answer.text


@each_language
@each_table
def test_page_answer_event_and_catching_up_show_the_same_row(
    sign_in: SignIn, record: dict[str, Any], table: str, lang: str
) -> None:
    username, values = _work(record, table)
    who, asked = sign_in(username).speaking(lang), {"table": table, "lang": lang}
    seq, socket = record["seq"], who.listen(**asked)
    before = page(who, table, q="018")
    saved = who.save(record, TABLES[table].page, headers={"X-Table": table}, **values)

    row = saved.json["data"]["html"]
    assert row.startswith("<tr ")
    assert row not in before
    assert row in page(who, table, q="018")
    [(name, told)] = events(socket)
    assert (name, told["html"]) == ("monthly-tax-data:updated", row)
    caught_up = socket.emit(SUBSCRIBE, {"employeeId": username, "since": seq, **asked}, callback=True)
    assert [item["html"] for item in caught_up["missed"] if item["id"] == record["id"]] == [row]
    polled = who.get("changes", since=seq, table=table)
    assert [item["html"] for item in polled.json["data"]["missed"] if item["id"] == record["id"]] == [row]


@each_table
def test_answer_and_event_carry_the_same_record(sign_in: SignIn, record: dict[str, Any], table: str) -> None:
    username, values = _work(record, table)
    socket = sign_in(username).listen()
    saved = sign_in(username).save(record, TABLES[table].page, **values)
    assert [data for _, data in events(socket)] == [saved.json["data"]]
    assert sign_in(username).get(record["id"]).json["data"] == saved.json["data"]


@each_table
def test_rows_are_blind(reading: Flask, table: str) -> None:
    """Every row of the firm renders without a request, and alike within anybody's."""
    with reading.app_context():
        ids = queries.ids(Filters(), Sort())
        rows = queries.records(ids, table=TABLES[table])
        assert len(rows) > 60
        assert not has_request_context()
        blind = [row_html(TABLES[table], row, lang) for row in rows for lang in LANGUAGES]
    with reading.test_request_context(f"/{table}?mode=vat", headers={"Cookie": "bmu_language=en"}):
        assert [row_html(TABLES[table], row, lang) for row in rows for lang in LANGUAGES] == blind


@each_table
def test_a_row_needs_only_the_values_its_table_reads(reading: Flask, table: str) -> None:
    """The page reads the table's columns, the event whole records: both draw the same."""
    with reading.app_context():
        ids = queries.ids(Filters(), Sort())
        for few, all_values in zip(queries.records(ids, table=TABLES[table]), queries.records(ids), strict=True):
            assert row_html(TABLES[table], few, "th") == row_html(TABLES[table], all_values, "th")


@each_language
@each_table
def test_every_row_of_the_page_comes_from_the_row_macro(app: Flask, sign_in: SignIn, table: str, lang: str) -> None:
    shown = page(sign_in("admin").speaking(lang), table, scope="all", limit=100)
    with app.app_context():
        rows = queries.records(queries.ids(Filters(*MONTH), Sort()), table=TABLES[table])
        drawn = "\n".join(str(row_html(TABLES[table], row, lang)) for row in rows)
    body = shown.split("<tbody>")[1].split("</tbody>")[0].strip()
    assert len(rows) > 30
    assert body == drawn


def test_the_page_says_at_which_seq_it_was_rendered(app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        newest = last_seq()
    assert f'data-seq="{newest}"' in sign_in("AC00024").call("GET", "/tax-status").text


def test_text_of_people_is_escaped_in_rows(app: Flask) -> None:
    with app.app_context():
        [row] = queries.records(queries.ids(Filters(*MONTH), Sort())[:1], table=TABLES["tax-status"])
        evil = '<img src=x onerror="1">'
        drawn = row_html(TABLES["tax-status"], {**row, "company_name": evil}, "th")
    assert evil not in drawn
    assert str(html.escape(evil)).replace("&quot;", "&#34;") in drawn
