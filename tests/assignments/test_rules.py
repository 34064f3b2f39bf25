"""Who may be given which part of a month (domain §1.5), and what a month takes over."""

from __future__ import annotations

import pytest

from bmu.accounts.rules import ADMIN, AUDIT, BOTH, DATA_ENTRY, ROLES, SERVICE, Worker, duties_of
from bmu.assignments import rules
from bmu.i18n import Month
from bmu.monthly_tax.fields import ORIGINALS, PEOPLE

BOOKS, CHECKS, KEYS, WHT, VAT = PEOPLE
ABLE = {
    BOOKS: {ADMIN, SERVICE, BOTH, AUDIT},
    CHECKS: {AUDIT},
    WHT: {BOTH},
    VAT: {BOTH},
    KEYS: {BOTH, DATA_ENTRY},
}
NOBODY = dict.fromkeys(PEOPLE)
NOW = Month(2026, 10)


def worker(*roles: str, here: bool = True) -> Worker:
    return Worker("AC1", "ก", here, duties_of(roles) if here else frozenset())


@pytest.mark.parametrize("account", ROLES)
@pytest.mark.parametrize("role", PEOPLE)
def test_an_accounts_role_says_what_one_may_be_given(role: str, account: str) -> None:
    may = not rules.fault(role, worker(account), is_vat=True)
    assert may == (account in ABLE[role])


@pytest.mark.parametrize(
    ("role", "who", "is_vat", "why"),
    [
        (BOOKS, None, True, rules.UNKNOWN),
        (BOOKS, worker(SERVICE, here=False), True, rules.LEFT),
        (CHECKS, worker(SERVICE), True, rules.UNABLE),
        (BOOKS, worker(), True, rules.UNABLE),
        (VAT, worker(BOTH), False, rules.NO_VAT),
        (WHT, worker(BOTH), False, ""),
        ("boss", worker(ADMIN), True, rules.NO_ROLE),
        (ORIGINALS[BOOKS], worker(ADMIN), True, rules.NO_ROLE),
        (CHECKS, worker(SERVICE, AUDIT), True, ""),
    ],
)
def test_a_refusal_says_why(role: str, who: Worker | None, is_vat: bool, why: str) -> None:
    assert rules.fault(role, who, is_vat=is_vat) == why


def test_all_but_the_vat_filer_are_wanted_by_everybody() -> None:
    assert set(rules.gaps(NOBODY, is_vat=True)) == set(PEOPLE)
    assert set(rules.gaps(NOBODY, is_vat=False)) == set(PEOPLE) - {VAT}
    assert rules.gaps(dict.fromkeys(PEOPLE, "AC1"), is_vat=True) == ()


def test_who_has_left_is_not_carried_over_and_an_exception_is() -> None:
    people = {BOOKS: "AC1", CHECKS: "AC2", KEYS: "AC3", WHT: "AC4", VAT: "AC5"}
    known = {"AC1": worker(SERVICE, here=False), "AC2": worker(AUDIT), "AC3": worker(SERVICE), "AC5": worker(BOTH)}
    wanted = {BOOKS: None, CHECKS: "AC2", KEYS: "AC3", WHT: None, VAT: None}
    assert rules.carried(people, known, is_vat=False) == wanted
    assert rules.carried(people, known, is_vat=True) == {**wanted, VAT: "AC5"}


@pytest.mark.parametrize(("replace", "wanted"), [(False, {CHECKS: "AC2"}), (True, {BOOKS: "AC1", CHECKS: "AC2"})])
def test_copying_fills_what_is_empty_and_replaces_when_asked(replace: bool, wanted: dict[str, str]) -> None:
    own, before = {**NOBODY, BOOKS: "AC9", KEYS: "AC3"}, {**NOBODY, BOOKS: "AC1", CHECKS: "AC2"}
    assert rules.copied(own, before, replace=replace) == wanted


@pytest.mark.parametrize(
    ("own", "wanted", "month", "asks"),
    [
        ("AC1", "AC2", NOW, True),
        ("AC1", None, NOW, True),
        ("AC1", "AC2", NOW.plus(-3), True),
        ("AC1", "AC2", NOW.plus(1), False),
        (None, "AC2", NOW, False),
        ("AC1", "AC1", NOW, False),
    ],
)
def test_a_reason_is_asked_where_somebody_is_taken_off_a_month_that_has_begun(
    own: str | None, wanted: str | None, month: Month, asks: bool
) -> None:
    assert rules.asks_why({**NOBODY, BOOKS: own}, {BOOKS: wanted}, month, NOW) is asks


def test_a_mistyped_year_opens_nothing() -> None:
    assert rules.may_open(Month(2028, 12), NOW)
    assert not rules.may_open(Month(2062, 10), NOW)
