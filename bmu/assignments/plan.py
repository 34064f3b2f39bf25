"""What the grid shows, as its address says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from bmu.i18n import Month, tax_month
from bmu.monthly_tax.fields import PEOPLE
from bmu.monthly_tax.filters import Filters, normal_search
from bmu.monthly_tax.queries import Sort

BY_BUILD = Sort()
SORTABLE = ("build", "company_name", *PEOPLE)


@dataclass(frozen=True)
class Plan:
    """A month's grid. `role`, `who`: only rows on which this person holds that role (any, if ""); `gaps`: only rows
    that want somebody."""

    month: Month
    default_month: Month
    search: str = ""
    role: str = ""
    who: str = ""
    gaps: bool = False
    sort: Sort = BY_BUILD

    @property
    def filters(self) -> Filters:
        """The filters as the database is asked; `gaps` is asked of the rows."""
        roles = (self.role,) if self.role else tuple(PEOPLE)
        return Filters(*self.month, search=self.search, anyone=self.who or None, roles=roles)

    @property
    def active(self) -> bool:
        """Whether anything but the month is chosen."""
        return bool(self.search or self.who or self.gaps)

    def href(self, **changes: Any) -> str:
        """The address of this grid with `changes`; what is at its default is left out."""
        values = {
            "month": "" if self.month == self.default_month else str(self.month),
            "q": self.search,
            "role": self.role,
            "person": self.who,
            "gaps": "1" if self.gaps else "",
            "sort": "" if self.sort.key == "build" else self.sort.key,
            "order": "desc" if self.sort.descending else "",
        }
        said = {name: str(value) for name, value in (values | changes).items() if value}
        return f"/assignments?{urlencode(said)}".rstrip("?")


def read_plan(args: Mapping[str, str], now: datetime) -> Plan:
    """Read an address; what it does not say, or says wrongly, is at its default. `now`: aware."""
    default = tax_month(now)
    try:
        month = Month.parse(args.get("month", ""))
    except ValueError:
        month = default
    role, key = args.get("role", ""), args.get("sort", "")
    return Plan(
        month,
        default,
        normal_search(args.get("q", "")),
        role if role in PEOPLE else "",
        args.get("person", "")[:20],
        args.get("gaps") == "1",
        Sort(key if key in SORTABLE else "build", args.get("order") == "desc"),
    )
