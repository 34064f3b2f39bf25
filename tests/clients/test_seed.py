"""The demo's client companies: believable, distinct, and right where a machine can tell."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from stdnum.th import moa

from bmu.clients import seed
from bmu.clients.rules import NOT_VAT, VAT, build_order, normal_build
from bmu.dice import Dice
from bmu.i18n import Month

NOW = Month(2026, 10)


@pytest.fixture(scope="module")
def clients() -> dict[str, dict[str, Any]]:
    return {row["build"]: row for row in seed.companies(375, NOW, Dice("1 clients"))}


def test_builds_are_in_order_with_branches_and_gaps(clients: dict[str, dict[str, Any]]) -> None:
    builds = list(clients)
    assert builds == sorted(map(normal_build, builds), key=build_order)
    assert len(builds) == 375 and {"001", "018", "061", "122", "122.1", "214.2", "315"} <= set(builds)
    assert int(builds[-1]) == 376


def test_registration_numbers_have_the_right_check_digit(clients: dict[str, dict[str, Any]]) -> None:
    for row in clients.values():
        number, began = row["legal_entity_number"], row["establishment_date"]
        assert moa.is_valid(number) and int(number[4:7]) == (began.year + 543) % 1000


def test_the_check_digit_is_that_of_the_worked_example() -> None:
    """thai-tax C.2: 010554900000 → 7."""
    assert seed.registration_number("10", "บริษัทจำกัด", date(2006, 1, 1), 0) == "0105549000007"


def test_branches_share_the_number_and_registration_of_their_head_office(clients: dict[str, dict[str, Any]]) -> None:
    branches = [row for build, row in clients.items() if "." in build]
    assert len(branches) > 10
    for row in branches:
        head = clients[row["build"].partition(".")[0]]
        assert row["legal_entity_number"] == head["legal_entity_number"]
        assert row["tax_registration_status"] == head["tax_registration_status"]
        assert row["company_name"].startswith(head["company_name"]) and row["id"] != head["id"]


def test_no_two_clients_have_the_same_name(clients: dict[str, dict[str, Any]]) -> None:
    assert len({row["company_name"] for row in clients.values()}) == 375


def test_names_say_what_kind_of_company_it_is(clients: dict[str, dict[str, Any]]) -> None:
    shapes = {
        "บริษัทจำกัด": ("บริษัท ", " จำกัด"),
        "ห้างหุ้นส่วน": ("ห้างหุ้นส่วนจำกัด ", ""),
        "บริษัทมหาชนจำกัด": ("บริษัท ", " จำกัด (มหาชน)"),
    }
    for row in clients.values():
        start, end = shapes[row["business_type"]]
        name = row["company_name"].partition(" (สาขา")[0]
        assert name.startswith(start) and name.endswith(end)
    assert {row["business_type"] for row in clients.values()} == set(shapes)


def test_seven_in_ten_are_vat_clients_and_some_have_told_nothing(clients: dict[str, dict[str, Any]]) -> None:
    kinds = [row["tax_registration_status"] for row in clients.values()]
    assert set(kinds) == {VAT, NOT_VAT, None}
    assert 0.66 < kinds.count(VAT) / 375 < 0.75
    assert clients["018"]["tax_registration_status"] == VAT


def test_only_vat_clients_have_a_vat_date_and_it_is_not_before_the_company(clients: dict[str, dict[str, Any]]) -> None:
    for row in clients.values():
        since = row["vat_registration_date"]
        assert (since is not None) == (row["tax_registration_status"] == VAT)
        assert since is None or row["establishment_date"] <= since < date(2026, 10, 1)


def test_an_address_says_its_parts_in_one_line(clients: dict[str, dict[str, Any]]) -> None:
    for row in clients.values():
        parts = ("address_number", "road", "subdistrict", "district", "province", "postal_code")
        assert all(row[part] in row["full_address"] for part in parts)
        assert ("แขวง" in row["full_address"]) == (row["province"] == "กรุงเทพมหานคร")
        assert len(row["postal_code"]) == 5


def test_the_same_number_makes_the_same_clients() -> None:
    assert seed.companies(40, NOW, Dice("7")) == seed.companies(40, NOW, Dice("7"))
    assert seed.companies(40, NOW, Dice("7")) != seed.companies(40, NOW, Dice("8"))
