"""What a person looks at: one value for page, API, event and export; and the one place that turns it into SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from bmu.clients.models import Client
from bmu.clients.rules import VAT as VAT_REGISTRATION
from bmu.clients.rules import normal_search
from bmu.i18n import BANGKOK, Month
from bmu.monthly_tax.applies import AWAY, C, M
from bmu.monthly_tax.catalogue import UNSET
from bmu.monthly_tax.fields import PEOPLE, PND, PP30

MODES = ("all", "wht", "vat")
FILERS = (PND.filer, PP30.filer)
Clause = ColumnElement[bool]
_FOUND = Client.__table__.alias("found").c


@dataclass(frozen=True)
class Filters:
    """Which records. Everything is optional; groups are ANDed, choices inside one ORed (domain §8.2).

    `anyone`: rows on which this person holds one of `roles`; `people`: exact holder per role (the two filers ORed);
    `date_from`, `date_to`: Bangkok days, inclusive, of the sent-for-review date of PND (of PP30 in mode vat).
    """

    year: int | None = None
    month: int | None = None
    mode: str = "all"
    search: str = ""
    build: str = ""
    pnd: tuple[str, ...] = ()
    pp30: tuple[str, ...] = ()
    payment: tuple[str, ...] = ()
    date_from: date | None = None
    date_to: date | None = None
    date_mode: str = ""
    tax_registration: str | None = None
    anyone: str | None = None
    roles: tuple[str, ...] = tuple(PEOPLE)
    people: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def active(self) -> int:
        """How many filters a person has set: mode, search, dates and each group of choices (domain §8.1)."""
        dates = bool(self.date_from or self.date_to)
        return sum(map(bool, (self.mode != "all", self.search, dates, self.pnd, self.pp30, self.payment)))

    @property
    def everybodys_month(self) -> Month | None:
        """The month of which these ask everybody's records; None when they ask for more time, or for one's own."""
        if self.year is None or self.month is None or self.anyone is not None:
            return None
        return Month(self.year, self.month)

    def clauses(self) -> list[Clause]:
        """The SQL conditions over applies.JOINED, all of which hold."""
        return [*self._month(), *self._words(), *self._statuses(), *self._dates(), *self._people()]

    def where(self) -> Clause:
        """The same as one condition."""
        return and_(true(), *self.clauses())

    def _time(self) -> list[Clause]:
        asked = ((M.tax_year, self.year), (M.tax_month, self.month))
        return [column == value for column, value in asked if value is not None]

    def _month(self) -> list[Clause]:
        # Of one person it is said with each role (_people): then the index of role and month finds theirs, and not the
        # month's own, which holds as many as the firm has clients.
        found = self._time() if self.anyone is None else []
        if self.year is not None and self.month is not None:
            # Whoever was archived before a month began has left its lists; earlier months keep them.
            began = midnight(date(self.year, self.month, 1))
            found.append(or_(C.archived_at.is_(None), C.archived_at >= began))
        return found

    def _words(self) -> list[Clause]:
        found: list[Clause] = []
        if self.build:
            found.append(M.build == self.build)
        if words := normal_search(self.search):
            named = (_FOUND.build, _FOUND.company_name)
            found.append(_of_clients(or_(*(name.icontains(words, autoescape=True) for name in named))))
        # "vat" lists VAT clients on every page (domain §8.2: on two of them it did not).
        registration = VAT_REGISTRATION if self.mode == "vat" else self.tax_registration
        if registration:
            found.append(_of_clients(_FOUND.tax_registration_status == registration))
        return found

    def _statuses(self) -> list[Clause]:
        groups = (
            (M.pnd_status, self.pnd, AWAY[PND.key]),
            (M.pp30_status, self.pp30, AWAY[PP30.key]),
            (M.pp30_payment_status, self.payment, AWAY[PP30.key]),
        )
        return [_one_of(column, codes, away) for column, codes, away in groups if codes]

    def _dates(self) -> list[Clause]:
        vat = (self.date_mode or self.mode) == "vat"
        sent = M.pp30_sent_for_review_date if vat else M.pnd_sent_for_review_date
        found = []
        if self.date_from:
            found.append(sent >= midnight(self.date_from))
        if self.date_to:
            found.append(sent < midnight(self.date_to + timedelta(days=1)))
        return found

    def _people(self) -> list[Clause]:
        found: list[Clause] = []
        if self.anyone is not None:
            mine = [and_(getattr(M, role) == self.anyone, *self._time()) for role in self.roles]
            found.append(or_(false(), *mine))
        filers = [getattr(M, role) == self.people[role] for role in FILERS if role in self.people]
        if filers:
            found.append(or_(*filers))
        found += [getattr(M, role) == who for role, who in self.people.items() if role not in FILERS]
        return found


def _of_clients(clause: Clause) -> Clause:
    """Records of clients of which `clause` holds: asked of each client once, not of each of its months."""
    return M.build.in_(select(_FOUND.build).where(clause))


def _one_of(column: Any, codes: tuple[str, ...], away: Clause) -> Clause:
    """`not_started` stands for no status (domain §8.1), where there should be one: what does not apply is `away`."""
    named = [code for code in codes if code != UNSET]
    clause: Clause = column.in_(named)
    return or_(clause, and_(column.is_(None), ~away)) if UNSET in codes else clause


def midnight(day: date) -> datetime:
    """The aware UTC time at which `day` begins in Bangkok."""
    return datetime.combine(day, time(), BANGKOK).astimezone(UTC)
