"""Languages, the Buddhist calendar, Bangkok's clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from bmu.i18n import (
    Month,
    date_words,
    iso,
    language,
    moment_full,
    moment_short,
    moment_words,
    month_names,
    month_text,
    tax_month,
    translate,
)

months = st.builds(Month, st.integers(2000, 2200), st.integers(1, 12))
moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_months_are_named_in_both_languages() -> None:
    assert month_names("th")[0] == "มกราคม" and month_names("th")[11] == "ธันวาคม"
    assert month_names("en")[9] == "October" and len(month_names("en")) == 12


def test_thai_counts_the_years_of_the_buddha() -> None:
    assert month_text(Month(2026, 10), "th") == "ตุลาคม 2569"
    assert month_text(Month(2026, 10), "en") == "October 2026"
    assert date_words(date(2024, 2, 29), "th") == "29 กุมภาพันธ์ 2567"
    assert date_words(date(2026, 11, 3), "en") == "3 November 2026"


def test_moments_are_told_in_bangkok() -> None:
    late = datetime(2026, 11, 30, 17, 5, 9, tzinfo=UTC)
    assert moment_full(late) == "01/12/2026 00:05:09"
    assert moment_words(late, "th") == "1 ธันวาคม 2569 00:05:09"
    assert moment_short(late) == "01/12 00:05"


@given(moments)
def test_json_times_are_utc_with_z_and_come_back(moment: datetime) -> None:
    text = iso(moment.astimezone(timezone(timedelta(hours=7))))
    assert text.endswith("Z") and len(text) == 24
    assert datetime.fromisoformat(text) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@given(months)
def test_a_month_is_written_and_read(month: Month) -> None:
    assert Month.parse(str(month)) == month


@given(months, st.integers(-500, 500))
def test_months_are_counted_over_years(month: Month, steps: int) -> None:
    moved = month.plus(steps)
    assert 1 <= moved.month <= 12
    assert (moved.year - month.year) * 12 + moved.month - month.month == steps
    assert moved.plus(-steps) == month


NO_MONTHS = ["", "2026", "2026-1", "2026-13", "2026-00", "26-01", "2569-10", "1999-12", "2026-10-01", "2026/10"]


@pytest.mark.parametrize("text", [*NO_MONTHS, " 2026-10", "x", "2026-١٢", "๒๐๒๖-๑๐"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Month.parse(text)


@given(moments)
def test_the_tax_month_is_the_one_before_in_bangkok(now: datetime) -> None:
    here = now + timedelta(hours=7)
    assert tax_month(now).plus(1) == (here.year, here.month)


def test_thai_is_the_source_and_english_comes_from_the_catalogue() -> None:
    assert (translate("ผ่าน", "th"), translate("ผ่าน", "en")) == ("ผ่าน", "Passed")
    assert translate("", "en") == ""
    assert translate("ไม่มีคำนี้ในสมุดคำ", "en") == "ไม่มีคำนี้ในสมุดคำ"


@pytest.mark.parametrize(("cookie", "wanted"), [("", "th"), ("en", "en"), ("th", "th"), ("xx", "th"), ("../en", "th")])
def test_the_language_is_the_browsers_choice_or_thai(reading: Flask, cookie: str, wanted: str) -> None:
    with reading.test_request_context(headers={"Cookie": f"bmu_language={cookie}"}):
        assert language() == wanted


def test_without_a_request_it_is_thai() -> None:
    assert language() == "th"
