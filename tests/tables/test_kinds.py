"""Kinds of values: what is parsed, how it reads, what travels."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bmu.changes.work import plain
from bmu.monthly_tax.fields import FIELDS
from bmu.tables.kinds import Choice, Count, Day, Kind, Moment, Money, Option, Person, Text, Unfit

KINDS = sorted({field.kind.__class__.__name__: field.kind for field in FIELDS.values()}.items())
plain_values = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals() | st.dates()
odd_texts = ["1e400", "sNaN", "9" * 5000, "1/1/9999999999999", "\ud800", "-0", " ", "0x10", "١٢", "๑๒", "1_000"]
anything = st.recursive(
    plain_values | st.binary(max_size=9) | st.sampled_from(odd_texts),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@pytest.mark.parametrize(("name", "kind"), KINDS)
@given(raw=anything)
def test_anything_is_parsed_or_unfit_and_nothing_else(name: str, kind: Kind, raw: Any) -> None:
    """What comes out is stored, reads in both languages, and travels as JSON and as UTF-8."""
    try:
        value = kind.parse(raw)
    except Unfit as unfit:
        assert str(unfit)
        return
    json.dumps(plain(value)).encode()
    for lang in ("th", "en"):
        (kind.text(value, lang) + kind.title(value, lang) + kind.tone(value) + kind.raw(value)).encode()


@pytest.mark.parametrize(("name", "kind"), [one for one in KINDS if one[0] != "Moment"])
@given(raw=anything)
def test_what_was_parsed_is_parsed_to_the_same_again(name: str, kind: Kind, raw: Any) -> None:
    """Also as the API sends it and as `data-value` holds it: what is stored comes back equal."""
    try:
        value = kind.parse(raw)
    except Unfit:
        return
    assert kind.parse(value) == value
    assert kind.parse(plain(value)) == value
    assert kind.parse(kind.raw(value)) == value


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_none_reads_as_nothing(name: str, kind: Kind) -> None:
    assert kind.raw(None) == "" and kind.tone(None) == "" and kind.title(None, "th") == ""
    assert kind.text(None, "th") in ("–", "ยังไม่ดำเนินการ")


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("29/02/2567", date(2024, 2, 29)),
        ("29-2-2567", date(2024, 2, 29)),
        ("29.02.2024", date(2024, 2, 29)),
        ("2567-02-29", date(2024, 2, 29)),
        ("2026-11-05", date(2026, 11, 5)),
        ("5/11/2569", date(2026, 11, 5)),
        (" 5/11/2569 ", date(2026, 11, 5)),
        (date(2026, 11, 5), date(2026, 11, 5)),
        ("", None),
        (None, None),
    ],
)
def test_days_are_read_in_both_calendars(raw: Any, day: date | None) -> None:
    assert Day().parse(raw) == day


NO_DAYS: list[Any] = ["29/02/2566", "30/02/2567", "2026-11-05T00:00:00Z", "5/11/69", "32/1/2569", "1/13/2569"]
NO_DAYS += ["5/11", "5 พ.ย. 2569", datetime(2026, 11, 5, tzinfo=UTC), 20261105, "1/1/2500"]


@pytest.mark.parametrize("raw", NO_DAYS)
def test_what_is_no_day_is_unfit(raw: Any) -> None:
    with pytest.raises(Unfit):
        Day().parse(raw)


@given(st.dates(date(1958, 1, 1), date(2200, 12, 31)), st.sampled_from(["/", "-", "."]), st.booleans())
def test_any_day_is_read_as_people_write_it(day: date, sign: str, buddhist: bool) -> None:
    year = day.year + 543 if buddhist else day.year
    assert Day().parse(sign.join((f"{day.day}", f"{day.month}", f"{year}"))) == day
    assert Day().parse(f"{year}-{day:%m-%d}") == day


def test_a_day_reads_short_and_in_words() -> None:
    assert Day().text(date(2026, 11, 5), "th") == "05/11/2026"
    assert Day().title(date(2026, 11, 5), "th") == "5 พฤศจิกายน 2569"


@given(st.decimals(0, 9_999_999_999_999, places=2))
def test_any_amount_is_read_as_it_is_written(amount: Decimal) -> None:
    money = Money()
    assert money.parse(f"{amount:,.2f}") == money.parse(f" {amount} ") == amount
    assert money.text(amount, "th") == f"{amount:,.2f}"


@pytest.mark.parametrize("raw", ["0.001", "-0.01", "1e13", "NaN", "Infinity", "12 บาท", "", " ", "1.2.3", True])
def test_amounts_that_are_none(raw: Any) -> None:
    if raw == "":
        assert Money().parse(raw) is None
    else:
        with pytest.raises(Unfit):
            Money().parse(raw)


@given(st.integers(0, 1_000_000))
def test_any_count_is_read(number: int) -> None:
    count = Count()
    assert count.parse(number) == count.parse(str(number)) == count.parse(f"{number:,}") == count.parse(float(number))
    assert count.text(number, "th") == f"{number:,}"


@pytest.mark.parametrize("raw", [-1, 1.5, "1.5", 1_000_001, "x", True, "1e3", float("nan"), float("inf")])
def test_counts_that_are_none(raw: Any) -> None:
    with pytest.raises(Unfit):
        Count().parse(raw)


def test_a_moment_is_the_servers_to_set() -> None:
    moment = Moment()
    for raw in (None, "", "2026-11-05T00:00:00Z", datetime(2026, 11, 5, tzinfo=UTC)):
        with pytest.raises(Unfit):
            moment.parse(raw)
    late = datetime(2026, 11, 30, 17, 5, 9, 123_000, tzinfo=UTC)
    assert moment.raw(late) == "2026-11-30T17:05:09.123Z"
    assert moment.text(late, "th") == "01/12 00:05"


def test_text_is_trimmed_and_empty_is_none() -> None:
    text = Text(limit=5)
    assert (text.parse("  ก\r\nข "), text.parse(" \n "), text.parse("")) == ("ก\nข", None, None)
    assert text.parse("12345") == "12345"
    for bad in ("123456", "a\x00", "\x07", "\x1b[", 5, ["x"]):
        with pytest.raises(Unfit):
            text.parse(bad)


CHOICE = Choice((Option("a", "ผ่าน", tone="good"), Option("b", "แก้ไข", "แก้ไขแล้ว")), absent="ยังไม่ดำเนินการ")


def test_a_choice_is_one_of_its_codes() -> None:
    assert [CHOICE.parse(raw) for raw in ("a", "b", "", None)] == ["a", "b", None, None]
    for bad in ("A", "c", "ผ่าน", 1, [], {}, True):
        with pytest.raises(Unfit):
            CHOICE.parse(bad)


def test_a_choice_reads_in_both_languages_and_has_a_tone() -> None:
    assert (CHOICE.text("a", "th"), CHOICE.text("a", "en")) == ("ผ่าน", "Passed")
    assert (CHOICE.text(None, "th"), CHOICE.text("", "en")) == ("ยังไม่ดำเนินการ", "Not started")
    assert (CHOICE.tone("a"), CHOICE.tone("b"), CHOICE.tone("zzz")) == ("good", "b", "")
    assert CHOICE.text("old_code", "th") == "old_code", "a code of yesterday is shown as it is"


def test_a_choice_has_an_order_with_the_empty_last() -> None:
    assert sorted([None, "b", "a"], key=CHOICE.place) == ["a", "b", None]


def test_a_person_is_an_id() -> None:
    assert Person().parse("AC00024") == "AC00024" and Person().parse("") is None
    for bad in ("x" * 21, 1, []):
        with pytest.raises(Unfit):
            Person().parse(bad)
