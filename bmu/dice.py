"""Chance that repeats: what demo data are drawn with. Nothing that has to be unpredictable."""

from __future__ import annotations

import random
import uuid
from bisect import bisect
from collections.abc import Mapping
from decimal import Decimal
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")


class Dice(random.Random):
    """The same `seed` draws the same, on every machine. Give each purpose its own (`Dice("1 clients")`), so that
    more of one thing does not change another."""

    def __init__(self, seed: str) -> None:
        super().__init__(seed)

    def id(self) -> str:
        """A UUID (version 4), as the rows' keys are."""
        return str(uuid.UUID(int=self.getrandbits(128), version=4))

    def chance(self, share: float) -> bool:
        """True in `share` (0 … 1) of the draws."""
        return self.random() < share

    def baht(self, least: int, most: int) -> Decimal:
        """An amount of money between two amounts in whole baht, with two decimals."""
        return Decimal(self.randrange(least * 100 + 1, most * 100)).scaleb(-2)

    def deck(self, weights: Mapping[T, float], size: int) -> list[T]:
        """`size` cards in the proportions of `weights`, every kind at least once if there is room, shuffled."""
        kinds = list(weights)
        marks = list(accumulate(weights.values()))
        rest = max(size - len(kinds), 0)
        cards = kinds[:size] + [kinds[bisect(marks, (card + 0.5) / rest * marks[-1])] for card in range(rest)]
        self.shuffle(cards)
        return cards
