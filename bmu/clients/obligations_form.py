"""The part of a client's page that says what has to be filed from which month on. A plain form, without scripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from bmu.clients.models import Client
from bmu.clients.obligations import FORMS, VAT_RETURN, Schedule, in_force, words
from bmu.clients.obliging import FORMS as FORMS_KEY
from bmu.errors import DeskError
from bmu.i18n import Month, month_text, tax_month, translate

NOTHING = "nothing"
_BACK, _AHEAD = 24, 12


@dataclass(frozen=True)
class Period:
    """What was said of a month: in words, until when (None: for good), and whether it holds now."""

    since: str
    when: str
    until: str | None
    says: str
    now: bool


@dataclass(frozen=True)
class Tick:
    """A form to tick; `idle`: ticked or not, it does not count while the client is not registered for VAT."""

    code: str
    label: str
    ticked: bool
    idle: bool


@dataclass(frozen=True)
class ObligationsForm:
    """`since`: the chosen month; `months`: (code, words) to choose from; `theirs`: what somebody else has said of the
    month meanwhile; `periods`: the schedule, newest first."""

    since: str
    months: Sequence[tuple[str, str]]
    ticks: Sequence[Tick]
    nothing: bool
    periods: Sequence[Period]
    known: bool
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    theirs: str = ""


def opened(client: Client, now: datetime, lang: str, asked: str = "") -> ObligationsForm:
    """The form at the month `asked`, else at the tax month at `now` (aware), with what holds then."""
    since = asked if asked in client.obligations else str(tax_month(now))
    forms = in_force(client.obligations, Month.parse(since))
    return _form(client, now, lang, since, list(FORMS) if forms is None else forms, nothing=forms == ())


def refilled(
    client: Client, now: datetime, lang: str, since: str, ticked: Iterable[str], refused: DeskError
) -> ObligationsForm:
    """The form as it was sent, with what was wrong with it."""
    dispute = refused.extra.get("conflicts", {}).get(FORMS_KEY)
    theirs = "" if dispute is None else words(dispute["theirs"] or (), lang)
    errors = refused.errors or {FORMS_KEY: [refused.said()]}
    return _form(client, now, lang, since, ticked, errors=errors, theirs=theirs)


def _form(
    client: Client,
    now: datetime,
    lang: str,
    since: str,
    ticked: Iterable[str],
    *,
    nothing: bool = False,
    errors: Mapping[str, Sequence[str]] | None = None,
    theirs: str = "",
) -> ObligationsForm:
    chosen, schedule = set(ticked), client.obligations
    ticks = [
        Tick(code, translate(label, lang), code in chosen, code == VAT_RETURN and not client.is_vat)
        for code, label in FORMS.items()
    ]
    months = [(str(month), month_text(month, lang)) for month in _months(schedule, tax_month(now))]
    periods = _periods(schedule, tax_month(now), lang)
    return ObligationsForm(since, months, ticks, nothing, periods, bool(schedule), errors or {}, theirs)


def _months(schedule: Schedule, tax: Month) -> list[Month]:
    """Two years back, one ahead, and whatever month is in the schedule already; newest first."""
    around = {tax.plus(step) for step in range(-_BACK, _AHEAD + 1)}
    return sorted(around | {Month.parse(month) for month in schedule}, reverse=True)


def _periods(schedule: Schedule, tax: Month, lang: str) -> list[Period]:
    months = sorted(schedule)
    current = max((month for month in months if month <= str(tax)), default="")
    ends = {month: Month.parse(following).plus(-1) for month, following in pairwise(months)}
    return [
        Period(
            month,
            month_text(Month.parse(month), lang),
            month_text(ends[month], lang) if month in ends else None,
            words(schedule[month], lang),
            month == current,
        )
        for month in reversed(months)
    ]
