"""Who hears of a client's changes. The floors above know: they tell it here, so that no import points up."""

from __future__ import annotations

from collections.abc import Callable

Finder = Callable[[str], frozenset[str]]
_finders: list[Finder] = []


def hears(finder: Finder) -> None:
    """The employees that `finder` names for a build hear of that client's changes from now on."""
    if finder not in _finders:
        _finders.append(finder)


def audience(build: str) -> frozenset[str]:
    """The employee ids that hear of the client with this build now."""
    return frozenset().union(*(find(build) for find in _finders))
