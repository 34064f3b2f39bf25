"""Chance that repeats."""

from __future__ import annotations

from collections import Counter

import pytest

from bmu.dice import Dice


def test_the_same_seed_draws_the_same_ids() -> None:
    assert [Dice("1 a").id() for _ in range(2)] == [Dice("1 a").id()] * 2
    assert Dice("1 a").id() != Dice("1 b").id()


def test_a_deck_keeps_its_proportions() -> None:
    assert Counter(Dice("1").deck({"a": 70, "b": 30}, 102)) == {"a": 71, "b": 31}


@pytest.mark.parametrize("size", [3, 4, 10])
def test_even_the_rarest_kind_is_in_a_deck_with_room_for_it(size: int) -> None:
    cards = Dice("1").deck({"common": 1000, "rare": 1, "rarer": 0.1}, size)
    assert len(cards) == size
    assert set(cards) == {"common", "rare", "rarer"}


def test_a_deck_without_room_is_no_larger_than_asked_for() -> None:
    assert len(Dice("1").deck({"a": 1, "b": 1, "c": 1}, 2)) == 2
    assert Dice("1").deck({"a": 1}, 0) == []


def test_money_has_two_decimals_and_stays_within_its_bounds() -> None:
    dice = Dice("1")
    amounts = [dice.baht(10, 12) for _ in range(200)]
    assert all(10 < amount < 12 and amount == round(amount, 2) for amount in amounts)
