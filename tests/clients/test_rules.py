"""What a build is, in which order clients stand, how names are compared."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bmu.clients.models import Client
from bmu.clients.rules import NOT_VAT, VAT, build_order, normal_build, normal_text, thai_order

builds = st.builds(
    lambda number, branch: f"{number:03d}" + (f".{branch}" if branch else ""),
    st.integers(0, 99999),
    st.integers(0, 999),
)


@pytest.mark.parametrize(
    ("raw", "build"),
    [("18", "018"), ("018", "018"), (" 1 ", "001"), ("122.1", "122.1"), ("1.2", "001.2"), ("1234", "1234")],
)
def test_a_build_has_three_digits_and_perhaps_a_branch(raw: str, build: str) -> None:
    assert normal_build(raw) == build


@pytest.mark.parametrize(
    "raw", ["", "x", "1.", ".1", "1.2.3", "-1", "+1", "1e3", "๐๑๘", "01234567890", "18\n.1", "1 8"]
)
def test_what_is_no_build_is_refused(raw: str) -> None:
    with pytest.raises(ValueError):
        normal_build(raw)


@given(builds)
def test_a_normal_build_stays_as_it_is(build: str) -> None:
    assert normal_build(build) == build


def test_builds_stand_as_people_count() -> None:
    """As text 122.10 would stand before 122.2 (domain §7.2)."""
    wanted = ["001", "018", "061", "099", "122", "122.1", "122.2", "122.10", "123", "315", "999", "1000"]
    mixed = random.Random(1).sample(wanted, len(wanted))
    assert sorted(mixed, key=build_order) == wanted


@given(builds, builds)
def test_no_two_builds_share_a_place(one: str, other: str) -> None:
    number = [(int(a), int(b or -1)) for a, _, b in (build.partition(".") for build in (one, other))]
    assert (build_order(one) < build_order(other)) == (number[0] < number[1])


def test_thai_names_stand_as_in_a_dictionary() -> None:
    """A leading vowel counts after its consonant; tone marks do not count at first."""
    wanted = ["กลาง", "แก้ว", "ขนม", "เขียว", "เจริญ", "ชัย", "ไทย", "น้ำ", "บ้าน"]
    assert sorted(sorted(wanted), key=thai_order) == wanted


@pytest.mark.parametrize("typed", ["น้ำทิพย์", "น้\u0e4d\u0e32ทิพย์", "น\u0e4d้\u0e32ทิพย์", "  น้ำทิพย์ "])
def test_there_is_one_spelling_of_sara_am(typed: str) -> None:
    assert normal_text(typed) == "น้ำทิพย์"


@given(st.text())
def test_normal_is_normal(text: str) -> None:
    assert normal_text(normal_text(text)) == normal_text(text)


def test_a_client_keeps_its_places_with_its_build_and_name() -> None:
    client = Client(build="122.10", company_name="บริษัท  น\u0e4d้\u0e32ทิพย์ จำกัด")
    assert client.company_name == "บริษัท น้ำทิพย์ จำกัด"
    assert client.company_sort == thai_order(client.company_name)
    assert client.build_order == build_order("122.10")


@pytest.mark.parametrize(("status", "is_vat"), [(VAT, True), (NOT_VAT, False), (None, False), ("", False)])
def test_only_a_registered_client_is_a_vat_client(status: str | None, is_vat: bool) -> None:
    assert Client(tax_registration_status=status).is_vat is is_vat
