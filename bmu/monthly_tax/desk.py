"""A desk: one person's view of one table as its address says it. Shared by the page, its events and its export."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from bmu.accounts.rules import Actor
from bmu.clients.rules import normal_search
from bmu.i18n import Month, tax_month
from bmu.monthly_tax import queries, rules
from bmu.monthly_tax.catalogue import PAYMENT, STATUS, UNSET
from bmu.monthly_tax.fields import PEOPLE, PND, PP30
from bmu.monthly_tax.filters import MODES, Filters
from bmu.monthly_tax.sorting import Sort
from bmu.monthly_tax.table import TABLES
from bmu.tables.kinds import Day, Unfit
from bmu.tables.table import Table

LIMITS = (10, 20, 50, 100)
DEFAULT_LIMIT = 50
MINE, EVERYBODY = "mine", "all"
_STATUSES = (*STATUS.codes, UNSET)


@dataclass(frozen=True)
class Desk:
    """What is on somebody's screen. `person`: whose rows (None: everybody's); `scope`: as the address says it;
    `role`, `who`: the administrator's filter by one of the five roles and a person."""

    table: Table
    month: Month
    default_month: Month
    person: str | None
    scope: str
    filters: Filters
    sort: Sort
    default_sort: Sort
    page: int
    limit: int
    role: str = ""
    who: str = ""

    @property
    def base(self) -> Filters:
        """The filters without those of the filter bar: what the figures count."""
        return Filters(
            self.month.year,
            self.month.month,
            anyone=self.filters.anyone,
            roles=self.filters.roles,
            people=self.filters.people,
        )

    @property
    def key(self) -> str:
        """Names what the desk lists, whatever its order and page: equal keys show the same rows."""
        facts = json.dumps([self.table.name, self.person, asdict(self.filters)], default=str, sort_keys=True)
        return hashlib.sha256(facts.encode()).hexdigest()[:16]

    @property
    def view(self) -> str:
        """The query string by which events know this desk: month and whose rows are said, never left to a default."""
        whose = MINE if self.person is not None else EVERYBODY
        values = self.params() | {"scope": whose}
        return urlencode({name: value for name, value in values.items() if value != ""})

    def query(self, **changes: Any) -> str:
        """The address's query string of this desk with `changes`; whatever is at its default is left out.
        Any change but of the page goes back to page 1."""
        values = self._params | ({} if "page" in changes else {"page": 1})
        values |= {name: ",".join(value) if type(value) is tuple else value for name, value in changes.items()}
        defaults = self._defaults
        return urlencode({name: value for name, value in values.items() if str(value) != defaults.get(name, "")})

    def href(self, **changes: Any) -> str:
        """The whole address of this desk with `changes`: it holds wherever the page's own address is meanwhile."""
        return f"/{self.table.name}?{self.query(**changes)}".rstrip("?")

    def params(self) -> dict[str, Any]:
        """Every parameter of the address as it stands."""
        filters = self.filters
        return {
            "month": str(self.month),
            "scope": self.scope,
            "role": self.role,
            "person": self.who,
            "mode": filters.mode,
            "q": filters.search,
            "pnd": ",".join(filters.pnd),
            "pp30": ",".join(filters.pp30),
            "payment": ",".join(filters.payment),
            "from": filters.date_from.isoformat() if filters.date_from else "",
            "to": filters.date_to.isoformat() if filters.date_to else "",
            "sort": self.sort.key,
            "order": "desc" if self.sort.descending else "asc",
            "limit": self.limit,
            "page": self.page,
        }

    # A page has some sixty addresses of itself with one thing changed.
    @cached_property
    def _params(self) -> dict[str, Any]:
        return self.params()

    @cached_property
    def _defaults(self) -> dict[str, str]:
        defaults: dict[str, Any] = {
            "month": str(self.default_month),
            "mode": "all",
            "sort": self.default_sort.key,
            "order": "asc",
            "limit": DEFAULT_LIMIT,
            "page": 1,
        }
        return {name: str(value) for name, value in defaults.items()}

    def without(self, name: str, value: str) -> str:
        """The address with one choice taken out of a group."""
        group = tuple(code for code in str(self.params()[name]).split(",") if code and code != value)
        return self.href(**{name: group})


def digest(ids: Iterable[str]) -> str:
    """A short name of a set of records, whatever its order: by it a page knows whether its list is complete."""
    return hashlib.sha256("".join(sorted(ids)).encode()).hexdigest()[:16]


def open_desk(table_name: str, args: Mapping[str, str], actor: Actor, now: datetime) -> Desk:
    """Read an address. What it does not say, or says wrongly, is at its default: a shared link always opens.

    `args`: the query's parameters; `now`: aware. Whose rows: one's own; who reads everything sees their own where
    they hold the page's role in that month, else everybody's, and may say `scope=mine|all`.
    """
    table = TABLES[table_name]
    default_month = tax_month(now)
    month = _month(args.get("month", ""), default_month)
    asked = args.get("scope", "") if actor.reads_all and args.get("scope") in (MINE, EVERYBODY) else ""
    mine = _is_mine(table, month, actor, asked)
    filters = _filters(args, month, table)
    role, who = ("", "") if mine else _holder(args, actor)
    if mine:
        filters = replace(filters, anyone=actor.employee_id or "", roles=rules.roles_of(table.page))
    elif who:
        filters = replace(filters, anyone=who, roles=(role,) if role else tuple(PEOPLE))
    default_sort = _default_sort(table, filters)
    return Desk(
        table=table,
        month=month,
        default_month=default_month,
        person=(actor.employee_id or "") if mine else None,
        scope=asked,
        filters=filters,
        sort=_sort(args, table, default_sort),
        default_sort=default_sort,
        page=_number(args.get("page", "")),
        limit=_limit(args.get("limit", "")),
        role=role,
        who=who,
    )


def _is_mine(table: Table, month: Month, actor: Actor, asked: str) -> bool:
    if not actor.reads_all:
        return True
    if asked:
        return asked == MINE and actor.employee_id is not None
    if actor.employee_id is None:
        return False
    own = Filters(month.year, month.month, anyone=actor.employee_id, roles=rules.roles_of(table.page))
    return queries.any_of(own)


def _filters(args: Mapping[str, str], month: Month, table: Table) -> Filters:
    mode = args.get("mode", "")
    mode = mode if mode in MODES else "all"
    start, end = _day(args.get("from", "")), _day(args.get("to", ""))
    if start and end and start > end:
        start, end = end, start
    return Filters(
        year=month.year,
        month=month.month,
        mode=mode,
        search=normal_search(args.get("q", "")),
        # Changing the mode clears the other side's filters (domain §8.2).
        pnd=_codes(args.get("pnd", ""), _STATUSES) if mode != "vat" else (),
        pp30=_codes(args.get("pp30", ""), _STATUSES) if mode != "wht" else (),
        payment=_codes(args.get("payment", ""), PAYMENT.codes) if mode != "wht" else (),
        date_from=start,
        date_to=end,
    )


def _holder(args: Mapping[str, str], actor: Actor) -> tuple[str, str]:
    role = args.get("role", "")
    return (role if role in PEOPLE else "", args.get("person", "")[:20]) if actor.reads_all else ("", "")


def _codes(raw: str, known: Iterable[str]) -> tuple[str, ...]:
    asked = set(raw.split(","))
    return tuple(code for code in known if code in asked)


def _day(raw: str) -> date | None:
    try:
        return Day().parse(raw)
    except Unfit:
        return None


def _month(raw: str, default: Month) -> Month:
    try:
        return Month.parse(raw)
    except ValueError:
        return default


def _default_sort(table: Table, filters: Filters) -> Sort:
    """By build; with a date filter, on the inspector's and the filer's page, by the date filtered (domain §8.3)."""
    if table.page == rules.STATUS_PAGE or not (filters.date_from or filters.date_to):
        return Sort()
    return Sort(PP30.sent if filters.mode == "vat" else PND.sent)


def _sort(args: Mapping[str, str], table: Table, default: Sort) -> Sort:
    key = args.get("sort", "")
    known = key in table.sortable or key == default.key
    return Sort(key if known else default.key, args.get("order") == "desc")


def _number(raw: str) -> int:
    return int(raw) if raw.isascii() and raw.isdecimal() and 0 < len(raw) < 7 and int(raw) else 1


def _limit(raw: str) -> int:
    return int(raw) if raw in map(str, LIMITS) else DEFAULT_LIMIT
