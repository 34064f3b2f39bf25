"""Which page numbers a pager shows (domain §8.4)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bmu.monthly_tax.paging import GAP, pages_shown


@given(st.integers(1, 300).flatmap(lambda last: st.tuples(st.integers(1, last), st.just(last))))
def test_first_last_and_the_neighbours_are_always_there(where: tuple[int, int]) -> None:
    number, last = where
    shown = pages_shown(number, last)
    pages = [page for page in shown if page != GAP]
    assert {1, last, number, max(1, number - 1), min(last, number + 1)} <= set(pages)
    assert pages == sorted(set(pages)) and len(shown) <= 9
    for one, other in pairwise(shown):
        assert GAP in (one, other) or other == one + 1, "a gap is shown as one"
        assert one != GAP or other != GAP


@pytest.mark.parametrize(
    ("number", "last", "shown"),
    [
        (1, 1, [1]),
        (2, 5, [1, 2, 3, 4, 5]),
        (1, 20, [1, 2, 3, 4, 5, GAP, 20]),
        (20, 20, [1, GAP, 16, 17, 18, 19, 20]),
        (10, 20, [1, GAP, 9, 10, 11, GAP, 20]),
    ],
)
def test_as_the_predecessor_did(number: int, last: int, shown: list[int]) -> None:
    assert pages_shown(number, last) == shown
