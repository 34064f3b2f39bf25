"""Which page numbers a pager shows."""

from __future__ import annotations

GAP = 0


def pages_shown(number: int, last: int) -> list[int]:
    """The pages to offer around `number` of `last`, GAP (0) standing for those left out (domain §8.4)."""
    if last <= 7:
        return list(range(1, last + 1))
    around = {1, last, *range(max(1, number - 1), min(last, number + 1) + 1)}
    around |= set(range(1, 6)) if number <= 3 else set()
    around |= set(range(last - 4, last + 1)) if number >= last - 2 else set()
    found: list[int] = []
    for one in sorted(around):
        if found and one - found[-1] > 1:
            found.append(GAP)
        found.append(one)
    return found
