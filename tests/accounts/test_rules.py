"""The rules of signing in, as plain functions."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bmu.accounts.rules import (
    FREE_TRIES,
    LONGEST_DELAY,
    PAGES,
    ROLE_LABELS,
    ROLES,
    Actor,
    delay,
    device_name,
    good_username,
    network,
    safe_path,
)


@given(st.integers(0, 10**6), st.integers(0, 1000))
def test_more_failures_never_mean_a_shorter_wait(failures: int, free: int) -> None:
    assert 0 <= delay(failures, free) <= delay(failures + 1, free) <= LONGEST_DELAY


@given(st.integers(0, FREE_TRIES - 1))
def test_the_first_tries_are_free(failures: int) -> None:
    assert delay(failures) == 0


def test_the_wait_doubles_up_to_a_quarter_of_an_hour() -> None:
    assert [delay(n) for n in (5, 6, 7, 8, 14, 15, 999)] == [1, 2, 4, 8, 512, 900, 900]


@given(st.text(alphabet="/\\ab.:?#@% \t\n\r\x00é", max_size=12))
def test_what_is_called_safe_never_leaves_the_site(raw: str) -> None:
    # A browser drops tabs and line breaks and reads \ as /.
    read = "".join(letter for letter in safe_path(raw) if letter not in "\t\n\r").replace("\\", "/")
    assert urlsplit(urljoin("https://desk.example/login", read)).netloc == "desk.example"


@pytest.mark.parametrize("raw", ["/tax-status?month=2026-10", "/", "/account"])
def test_paths_of_ours_are_safe(raw: str) -> None:
    assert safe_path(raw) == raw


@pytest.mark.parametrize("raw", ["", None, "tax-status", "https://evil.example", "//evil.example", "/\\evil.example"])
def test_anything_else_is_not(raw: str | None) -> None:
    assert safe_path(raw) == ""


def test_a_household_with_its_own_ipv6_network_is_one_address() -> None:
    assert network("2001:db8:1:2::1") == network("2001:db8:1:2:ffff::9") != network("2001:db8:1:3::1")


def test_the_same_ipv4_address_is_one_address_however_it_is_written() -> None:
    assert network("::ffff:10.0.0.7") == network("10.0.0.7") == "10.0.0.7"


@given(st.text(max_size=200))
def test_any_address_fits_its_column(address: str) -> None:
    assert len(network(address)) <= 45


@pytest.mark.parametrize("name", ["AC00024", "admin", "somchai.w", "a-1_b"])
def test_good_user_names(name: str) -> None:
    assert good_username(name)


@pytest.mark.parametrize("name", ["", "a", "-ab", "a b", "สมชาย", "a" * 51, "a\n"])
def test_bad_user_names(name: str) -> None:
    assert not good_username(name)


def test_a_device_is_called_as_people_call_it() -> None:
    edge = "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0"
    assert device_name(edge) == "Edge · Windows"
    assert device_name("curl/8.0") == ""


def test_every_role_has_a_name_and_only_roles_open_pages() -> None:
    assert set(ROLE_LABELS) == set(ROLES)
    assert all(roles <= set(ROLES) for roles in PAGES.values())


@pytest.mark.parametrize(
    ("role", "pages"),
    [
        ("admin", ("tax-status", "tax-inspection", "tax-filing", "assignments", "clients", "people")),
        ("audit", ("tax-status", "tax-inspection", "tax-filing", "assignments", "clients")),
        ("data_entry_and_service", ("tax-status", "tax-filing")),
        ("service", ("tax-status",)),
        ("data_entry", ()),
        ("hr", ()),
        ("registration", ("clients",)),
    ],
)
def test_a_role_opens_its_pages(role: str, pages: tuple[str, ...]) -> None:
    assert Actor("1", "x", role, None, "x").pages == pages
