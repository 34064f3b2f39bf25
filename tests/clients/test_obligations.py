"""Schedules of what has to be filed: which holds when, how they are read, written and told."""

from __future__ import annotations

from typing import Any

import pytest

from bmu.clients.obligations import FORMS, FormsKind, MonthKind, in_force, ordered, with_month, words
from bmu.i18n import Month
from bmu.tables.kinds import Unfit

SEPTEMBER = Month(2026, 9)
SCHEDULE = {"2026-03": ["pnd_3"], "2026-09": ["pnd_3", "pp30"]}


@pytest.mark.parametrize(
    ("month", "forms"),
    [
        (Month(2026, 2), None),
        (Month(2026, 3), ("pnd_3",)),
        (Month(2026, 8), ("pnd_3",)),
        (Month(2026, 9), ("pnd_3", "pp30")),
        (Month(2031, 1), ("pnd_3", "pp30")),
    ],
)
def test_what_was_said_last_holds_and_before_the_first_nothing_is_known(month: Month, forms: Any) -> None:
    assert in_force(SCHEDULE, month) == forms


def test_a_month_is_put_in_its_place_and_taken_out_again() -> None:
    more = with_month(SCHEDULE, Month(2026, 6), ())
    assert list(more) == ["2026-03", "2026-06", "2026-09"] and more["2026-06"] == []
    assert with_month(more, Month(2026, 6), None) == SCHEDULE


def test_forms_stand_in_the_order_of_the_monthly_form_each_once() -> None:
    assert ordered(["pp30", "pnd_2", "pnd_3", "pp30"]) == ("pnd_3", "pnd_2", "pp30")


@pytest.mark.parametrize(
    ("raw", "forms"),
    [
        (["pp30", "pnd_3"], ("pnd_3", "pp30")),
        ("ภ.ง.ด.3, ภ.พ.30", ("pnd_3", "pp30")),
        ("แบบ ภ.ง.ด. 3,กยศ.", ("pnd_3", "student_loan_form")),
        ("PND_3", ("pnd_3",)),
        ("-", ()),
        ([], ()),
        ("", None),
        (None, None),
    ],
)
def test_forms_are_read_by_code_and_by_name(raw: Any, forms: Any) -> None:
    assert FormsKind().parse(raw) == forms


@pytest.mark.parametrize("raw", ["ภ.ง.ด.99", ["pnd_3", ""], "pnd_3,,pp30", 7, [1], {"pnd_3": True}])
def test_what_is_no_form_is_refused(raw: Any) -> None:
    with pytest.raises(Unfit):
        FormsKind().parse(raw)


def test_what_forms_read_as_can_be_read_back_in_both_languages() -> None:
    for lang in ("th", "en"):
        for forms in (tuple(FORMS), ("pnd_53",), ()):
            assert FormsKind().parse(words(forms, lang)) == forms


@pytest.mark.parametrize("raw", ["2026-09", "09/2026", "9/2569", "2569-09", " 2026-9 "])
def test_a_month_is_read_as_people_write_it(raw: str) -> None:
    assert MonthKind().parse(raw) == SEPTEMBER


@pytest.mark.parametrize("raw", ["2026", "13/2026", "2026-00", "ก.ย. 69", "2026-09-01", "9/26", "๙/๒๕๖๙"])
def test_what_is_no_month_is_refused(raw: str) -> None:
    with pytest.raises(Unfit):
        MonthKind().parse(raw)
