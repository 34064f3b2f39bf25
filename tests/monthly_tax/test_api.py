"""What the API says to requests that are not right, and the shape of what it answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from bmu.monthly_tax.fields import FIELDS, PEOPLE
from bmu.monthly_tax.sorting import SORTS
from tests.conftest import MONTH, STRANGER, Colleague

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]
WRITES = (("PUT", "{id}"), ("POST", "{id}/undo"), ("PATCH", "bulk"), ("POST", ""))
each_write = pytest.mark.parametrize(("method", "path"), WRITES)


@pytest.fixture(scope="module")
def reader(reading: Flask) -> Iterator[Colleague]:
    yield Colleague(reading, "admin")


@pytest.fixture(scope="module")
def known(reader: Colleague) -> Record:
    """Build 018 as the reader's app has it."""
    return reader.get(f"018/{MONTH.year}/{MONTH.month}").json["data"]


@each_write
def test_broken_json_is_400(reader: Colleague, known: Record, method: str, path: str) -> None:
    for body in ("{", "", "nothing", '{"a": }', b"\xff\xfe", '{"a": 1} x', "[" * 100_000):
        answer = reader.call(method, path.format(**known), data=body, content_type="application/json")
        wanted = 422 if body == "" else 400
        assert (answer.status_code, answer.json["success"]) == (wanted, False), body[:20]


@each_write
def test_what_is_not_json_is_415(reader: Colleague, known: Record, method: str, path: str) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", None):
        answer = reader.call(method, path.format(**known), data='{"sourcePage": "taxStatus"}', content_type=kind)
        assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media_type"), kind


@each_write
def test_more_than_a_megabyte_is_413(reader: Colleague, known: Record, method: str, path: str) -> None:
    body = {"sourcePage": "taxStatus", "wht_response": "x" * 1_000_001}
    answer = reader.call(method, path.format(**known), json=body)
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")


@each_write
def test_json_that_is_no_object_is_422(reader: Colleague, known: Record, method: str, path: str) -> None:
    for body in ([], "text", 1, None, True):
        answer = reader.call(method, path.format(**known), json=body)
        assert (answer.status_code, answer.json["success"]) == (422, False), body


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("", {"accounting": "x"}),
        ("", {"employee_id": "x"}),
        ("", {"pp30_form": "paid"}),
        ("summary", {"page": "1"}),
        ("changes", {"since": 1, "employeeId": "x"}),
    ],
)
def test_unknown_parameters_are_named(reader: Colleague, path: str, query: Record) -> None:
    answer = reader.get(path, **query)
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {list(query)[-1]}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("limit", ["0", "101", "10000", "-1", "x", "1.5", ""]),
        ("page", ["0", "-1", "x", "9" * 30]),
        ("year", ["0", "1999", "2569", "x", "9" * 30]),
        ("month", ["0", "13", "x"]),
        ("sortBy", ["", "id", "pp30_form", "names", "version; DROP TABLE users", "build_order"]),
        ("sortOrder", ["", "ASC", "up"]),
        ("pnd_status", ["edit", "paid,edit", "PAID", "pp30"]),
        ("pp30_status", ["not-started"]),
        ("pp30_payment_status", ["paid"]),
        ("filterMode", ["both", ""]),
        ("dateFrom", ["2026-02-30", "x", "0001-01-01", "2300-01-01", "0", "1700000000"]),
        ("dateTo", ["9999-12-31", "2026-11-01T00:00:00", "20261101", "1/1/99999999999"]),
        ("build", ["x", "1.2.3", "01234567890", "-1"]),
        ("search", ["x" * 101]),
        ("accounting_responsible", ["x" * 21]),
        ("tax_registration_status", ["x" * 51]),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused_at_its_name(reader: Colleague, name: str, values: list[str]) -> None:
    for value in values:
        answer = reader.get(**{name: value})
        assert (answer.status_code, set(answer.json.get("errors", {}))) == (422, {name}), value


def test_a_reversed_range_of_dates_is_refused(reader: Colleague) -> None:
    answer = reader.get(dateFrom="2026-11-02", dateTo="2026-11-01")
    assert (answer.status_code, set(answer.json["errors"])) == (422, {"dateTo"})


def test_dates_may_be_written_as_people_write_them(reader: Colleague) -> None:
    wanted = reader.get(dateFrom="2026-11-10", dateTo="2026-11-12").json
    assert wanted["pagination"]["total"]
    assert reader.get(dateFrom="10/11/2569", dateTo="2569-11-12").json == wanted


def test_the_defaults_are_those_of_the_predecessor(reader: Colleague) -> None:
    """Page 1 of 20, newest month first (domain §7.2)."""
    answer = reader.get().json
    assert answer["pagination"]["limit"] == 20 == len(answer["data"])
    assert answer["pagination"]["page"] == 1
    assert answer["pagination"]["totalPages"] == -(-answer["pagination"]["total"] // 20)
    assert {(row["tax_year"], row["tax_month"]) for row in answer["data"]} == {tuple(MONTH)}


def test_a_page_past_the_end_is_empty_and_says_how_many_there_are(reader: Colleague) -> None:
    answer = reader.get(page=999, limit=100).json
    assert answer["data"] == []
    assert answer["pagination"]["total"] > 60


def test_a_record_has_every_column_its_client_and_its_peoples_names(known: Record) -> None:
    people = {f"{role.removesuffix('_id')}_{part}" for role in PEOPLE for part in ("name", "first_name", "nick_name")}
    assert {*FIELDS, *PEOPLE, *people, "company_name", "tax_registration_status", "version", "seq"} <= set(known)
    assert known["accounting_responsible_name"] == (
        f"{known['accounting_responsible_first_name']}({known['accounting_responsible_nick_name']})"
    )


def test_list_and_record_and_month_tell_the_same(reader: Colleague, known: Record) -> None:
    listed = reader.get(build="18", year=MONTH.year, month=MONTH.month).json["data"]
    assert listed == [known] == [reader.get(known["id"]).json["data"]]
    assert reader.get(f"18/{MONTH.year}/{MONTH.month}").json["data"] == known


@pytest.mark.parametrize("path", ["018/2026/13", "018/2026/0"])
def test_a_month_that_is_none_is_named(reader: Colleague, path: str) -> None:
    answer = reader.get(path)
    assert (answer.status_code, set(answer.json["errors"])) == (422, {"month"})


@pytest.mark.parametrize(
    "path",
    [
        *("018/1999/1", "018/99999999999999999999999/1", "018/0/1", "nothing/2026/10", "x" * 36, "ก"),
        *("018%00/2026/10", "x/history", f"{'x' * 300}", f"{'x' * 300}/history", f"{'9' * 300}/2026/10", "a/b/c"),
    ],
    ids=lambda path: path[:30],
)
def test_what_is_not_there_is_404(reader: Colleague, path: str) -> None:
    answer = reader.get(path)
    assert (answer.status_code, answer.json["code"]) == (404, "not_found"), answer.text


@pytest.mark.parametrize("path", ["%00", "%00/history", "?accounting_responsible=%00", "summary?year=2026&month=10"])
def test_a_nul_is_no_fault_of_ours(reader: Colleague, path: str) -> None:
    """PostgreSQL takes none."""
    assert reader.call("GET", path).status_code in (200, 400, 404)


def test_nobody_deletes(reader: Colleague, known: Record) -> None:
    answer = reader.call("DELETE", known["id"])
    assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")
    assert {"GET", "PUT"} <= set(answer.headers["Allow"].split(", "))


def test_one_reads_ones_own_records_and_no_others(reading: Flask) -> None:
    for username in ("AC00024", "AC00031", STRANGER):
        rows = Colleague(reading, username).get(limit=100).json
        assert rows["pagination"]["total"] == len(rows["data"]) > 0
        assert all(username in {row[role] for role in PEOPLE} for row in rows["data"])


@pytest.mark.parametrize("username", ["admin", "AC00008"])
def test_who_reads_everything_reads_everything(reading: Flask, reader: Colleague, username: str) -> None:
    found = Colleague(reading, username).get(limit=1).json["pagination"]["total"]
    assert found == reader.get(limit=1).json["pagination"]["total"] > 60


def test_filters_do_not_widen_what_one_reads(reading: Flask) -> None:
    """TRAP: any filter values gave any record (domain §5.3)."""
    stranger = Colleague(reading, STRANGER)
    assert stranger.get(build="018").json["data"] == []
    assert stranger.get(accounting_responsible="AC00024").json["data"] == []
    figures = stranger.get("summary", accounting_responsible="AC00024").json["data"]
    assert {number for part in figures.values() for number in part.values()} == {0}


def test_every_sort_key_is_answered(reader: Colleague) -> None:
    for key in SORTS:
        assert reader.get(sortBy=key, limit=1).status_code == 200, key


def test_history_is_newest_first_and_whole(reader: Colleague, known: Record) -> None:
    lines = reader.get(f"{known['id']}/history").json["data"]
    assert [line["version"] for line in lines] == list(range(known["version"], 0, -1))
    assert lines[0]["seq"] == known["seq"]
    assert set(lines[0]) == {"seq", "version", "at", "by", "by_name", "action", "page", "reason", "fields"}


def test_thai_goes_out_as_thai(reader: Colleague, known: Record) -> None:
    raw = reader.get(known["id"]).get_data()
    assert known["company_name"].encode() in raw
    assert json.loads(raw)["data"] == known


def test_one_record_holds_no_more_than_the_list_needs(reader: Colleague) -> None:
    """No internals: `names`, `employees`, sort keys of the client."""
    assert not {"names", "employees", "is_vat", "company_sort", "build_order"} & set(
        reader.get(limit=1).json["data"][0]
    )
