"""The demo firm: its cast, and who may hold what."""

from __future__ import annotations

from collections import Counter

import pytest

from bmu.accounts import seed
from bmu.accounts.rules import ROLES

CAST = {
    "AC00001": ("admin", "admin"),
    "AC00024": ("AC00024", "service"),
    "AC00008": ("AC00008", "audit"),
    "AC00012": ("AC00012", "data_entry_and_service"),
    "AC00015": ("AC00015", "data_entry_and_service"),
    "AC00031": ("AC00031", "data_entry"),
    "AC00040": ("AC00040", "service"),
}


@pytest.mark.parametrize("size", [7, 20, 40, 90])
def test_the_cast_is_there_in_a_firm_of_every_size(size: int) -> None:
    people = {person.employee_id: person for person in seed.firm(size).people}
    assert len(people) == size
    assert {one: (people[one].username, people[one].role) for one in CAST} == CAST


def test_everybody_of_forty_has_a_name_of_their_own() -> None:
    people = seed.firm(40).people
    assert len({person.by.name for person in people}) == 40
    assert len({person.last_name for person in people}) == 40


def test_forty_people_have_all_roles_and_33_are_not_in_the_cast() -> None:
    roles = Counter(person.role for person in seed.firm(40).people)
    assert set(roles) == set(ROLES)
    assert roles["audit"] == 3 and roles["admin"] == 1


def test_each_office_is_held_by_the_roles_that_may_hold_it() -> None:
    firm = seed.firm(40)
    role = {person.employee_id: person.role for person in firm.people}
    assert {role[one] for one in firm.accountants} == {"service"}
    assert {role[one] for one in firm.inspectors} == {"audit"}
    assert {role[one] for one in firm.filers} == {"data_entry_and_service"}
    assert {role[one] for one in firm.clerks} == {"data_entry", "data_entry_and_service"}


def test_who_has_left_holds_nothing_any_more() -> None:
    firm = seed.firm(40)
    assert firm.left == (seed.LEFT,)
    assert seed.LEFT not in (*firm.accountants, *firm.inspectors, *firm.filers, *firm.clerks)
