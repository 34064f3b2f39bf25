"""Passwords: what is refused, what is recognised."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from flask import Flask

from bmu.accounts import passwords
from tests.accounts.cast import HASH, PASSWORD


@pytest.fixture(autouse=True)
def within(app: Flask):
    with app.test_request_context():
        yield


def test_a_password_is_recognised_and_another_is_not() -> None:
    hashed = passwords.hash_password("ข้าวมันไก่-24")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.verify(hashed, "ข้าวมันไก่-24")
    assert not passwords.verify(hashed, "ข้าวมันไก่-25")


def test_the_same_letters_typed_another_way_are_the_same_password() -> None:
    assert passwords.verify(passwords.hash_password("café-noir-1"), "café-noir-1")


@pytest.mark.parametrize("text", ["", "\x00", "\ud800", "x" * 5000])
def test_strange_input_is_simply_wrong(text: str) -> None:
    assert not passwords.verify(HASH, text)


def test_a_broken_hash_lets_nobody_in() -> None:
    assert not passwords.verify("not a hash", PASSWORD)


def test_nobodys_hash_costs_what_everybodys_costs() -> None:
    assert not passwords.outdated(passwords.NOBODY)
    assert not passwords.verify(passwords.NOBODY, PASSWORD)


def test_a_hash_of_older_parameters_is_told_apart() -> None:
    assert passwords.outdated(PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("x"))
    assert not passwords.outdated(HASH)


@pytest.mark.parametrize("text", ["short", "1234567", "Password123", "aaaaaaaaaaaa", "ac00024", "AC00024ab", "x" * 129])
def test_poor_passwords_are_refused(text: str) -> None:
    assert passwords.faults(text, "AC00024")


@pytest.mark.parametrize("text", ["ปลาทูสองตัวอ้วน", "correct horse battery", "bmu-demo-2569", "x1y2z3w4"])
def test_good_passwords_need_no_odd_letters(text: str) -> None:
    assert passwords.faults(text, "AC00024") == []


def test_one_time_passwords_differ_and_would_pass_themselves() -> None:
    made = {passwords.one_time() for _ in range(50)}
    assert len(made) == 50
    assert not any(passwords.faults(one, "admin") for one in made)
