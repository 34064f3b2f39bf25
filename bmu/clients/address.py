"""What the list of clients shows, as its address says it. Whatever it says wrongly is at its default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bmu.clients.queries import ACTIVE, ALL, ARCHIVED, SORTS, UNSET, Filters
from bmu.clients.rules import SIZES, STATUSES, TAX_REGISTRATIONS, normal_search

LIMITS = ("50", "100")
_DEFAULTS = {"sort": "build", "order": "asc", "page": "1", "limit": LIMITS[0], "archived": ACTIVE}
_CHOICES = {
    "vat": (*TAX_REGISTRATIONS, UNSET),
    "status": STATUSES,
    "size": SIZES,
    "archived": (ACTIVE, ARCHIVED, ALL),
    "sort": tuple(SORTS),
    "order": ("asc", "desc"),
    "limit": LIMITS,
}


@dataclass(frozen=True)
class Address:
    """The parameters of a list's address, made good; `at(...)` is the address with changes."""

    path: str
    params: Mapping[str, str]

    @property
    def filters(self) -> Filters:
        """Which clients."""
        p = self.params
        return Filters(p["q"], p["vat"], p["status"], p["size"], p["archived"])

    @property
    def active(self) -> int:
        """How many filters are set."""
        return sum(self.params[name] != _DEFAULTS.get(name, "") for name in ("q", "vat", "status", "size", "archived"))

    def at(self, **changes: Any) -> str:
        """The address with `changes`, defaults left out; anything but the page leads back to page 1."""
        values = {**self.params, "page": "1"} | {name: str(value) for name, value in changes.items()}
        said = {name: value for name, value in values.items() if value and value != _DEFAULTS.get(name, "")}
        return f"{self.path}?{urlencode(said)}".rstrip("?")


def read(path: str, args: Mapping[str, str]) -> Address:
    """The address of a list of clients from its query's parameters."""
    params = {"q": normal_search(args.get("q", ""))}
    for name, known in _CHOICES.items():
        asked = args.get(name, "")
        params[name] = asked if asked in known else _DEFAULTS.get(name, "")
    number = args.get("page", "")
    params["page"] = number if number.isascii() and number.isdecimal() and 0 < len(number) < 6 else "1"
    return Address(path, params)
