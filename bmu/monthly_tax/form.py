"""The monthly form as one person sees it: rules.access says what each field is to them, as it says it to the save."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bmu.monthly_tax import rules
from bmu.monthly_tax.catalogue import STATUS
from bmu.monthly_tax.fields import ABSENT, EDIT, FIELDS, GENERAL, READ, Field
from bmu.monthly_tax.help import HELP, Help
from bmu.monthly_tax.layout import (
    CHOOSE,
    CHOOSE_STATUS,
    CONTROLS,
    PLACEHOLDERS,
    STARRED,
    STARRED_STATUS,
    TABS,
    WHEN,
    Tab,
)
from bmu.monthly_tax.queries import Values
from bmu.tables.kinds import Choice, Moment


@dataclass(frozen=True)
class Choosable:
    """One option of a select, as the page offers it."""

    code: str
    label: str
    tone: str
    allowed: bool = True


@dataclass(frozen=True)
class Shown:
    """A field as one person sees it. `state`: its letter of domain §3.2 for them; `why`: why it is not theirs; `away`:
    why it does not apply to the client, or ""; `clearable`: this page may take a choice back to none."""

    field: Field
    value: Any
    state: str
    why: str
    starred: bool
    options: tuple[Choosable, ...] = ()
    clearable: bool = True
    away: str = ""

    @property
    def key(self) -> str:
        return self.field.key

    @property
    def entry(self) -> str:
        """The value as its control holds it."""
        return self.field.kind.entry(self.value)

    @property
    def control(self) -> str:
        """Which control it has: select, text, number, amount, day; "" where it only reads."""
        if self.state == READ or isinstance(self.field.kind, Moment):
            return ""
        return CONTROLS[type(self.field.kind)]

    @property
    def when(self) -> str:
        """`field=code`: only while another field holds this code has it a value; "" always."""
        return WHEN.get(self.key, "")

    @property
    def help(self) -> Help | None:
        """What opens at its label."""
        return HELP.get(self.key)

    @property
    def placeholder(self) -> str:
        """What an empty control says (Thai source)."""
        if isinstance(self.field.kind, Choice):
            return CHOOSE if self.field.kind is STATUS else CHOOSE_STATUS
        return PLACEHOLDERS.get(self.key, "")


@dataclass(frozen=True)
class ShownSection:
    """A section with the fields that this page shows of it."""

    title: str
    layout: str
    fields: tuple[Shown, ...]
    talk: str = ""

    @property
    def editable(self) -> bool:
        """Whether anything here may be written."""
        return any(shown.state == EDIT for shown in self.fields)

    @property
    def away(self) -> str:
        """Why some of the fields do not apply to the client (Thai source); "" when all do."""
        return next((shown.away for shown in self.fields if shown.away), "")


@dataclass(frozen=True)
class ShownTab:
    """A tab as one person sees it; `closed` says why it is closed (Thai source), "" when it is open."""

    key: str
    title: str
    short: str
    closed: str
    sections: tuple[ShownSection, ...]


@dataclass(frozen=True)
class Form:
    """The form of one record on one page, as one person sees it."""

    page: str
    tabs: tuple[ShownTab, ...]

    @property
    def start(self) -> str:
        """The tab it opens on: on TaxFiling the side that alone one files, else the first (domain §10.3)."""
        open_sides = [tab.key for tab in self.tabs if tab.key != GENERAL and not tab.closed]
        return open_sides[0] if self.page == rules.FILING_PAGE and len(open_sides) == 1 else GENERAL

    @property
    def editable(self) -> bool:
        """Whether there is anything to save."""
        return any(section.editable for tab in self.tabs for section in tab.sections)


def open_form(hand: rules.Hand, row: Values, lang: str, *, reads_all: bool = False) -> Form:
    """The form of `row` for who is described by `hand`, with labels of options in `lang`."""
    return Form(hand.page, tuple(_tab(tab, hand, row, lang, reads_all) for tab in TABS))


def _tab(tab: Tab, hand: rules.Hand, row: Values, lang: str, reads_all: bool) -> ShownTab:
    why = rules.closed(hand, tab.key, reads_all=reads_all)
    sections = () if why else tuple(_sections(tab, hand, row, lang))
    return ShownTab(tab.key, tab.title, tab.short, why, sections)


def _sections(tab: Tab, hand: rules.Hand, row: Values, lang: str) -> Iterator[ShownSection]:
    for section in tab.sections:
        fields = [_shown(FIELDS[key], hand, row, lang) for key in section.keys]
        there = tuple(shown for shown in fields if shown.state != ABSENT)
        if there:
            yield ShownSection(section.title, section.layout, there, section.talk)


def _shown(field: Field, hand: rules.Hand, row: Values, lang: str) -> Shown:
    state, why = rules.access(hand, field)
    away = hand.duties.why_not(field)
    asked = field.key in STARRED or (hand.page == rules.STATUS_PAGE and field.key in STARRED_STATUS)
    clearable = field.kind is not STATUS or rules.selectable(hand.page, None)
    options = _options(field, hand.page, lang)
    return Shown(field, row[field.key], state, why, asked and not away, options, clearable, away)


def _options(field: Field, page: str, lang: str) -> tuple[Choosable, ...]:
    kind = field.kind
    if not isinstance(kind, Choice):
        return ()
    offered: Iterable[tuple[str, bool]] = rules.menu(page) if kind is STATUS else ((code, True) for code in kind.codes)
    return tuple(Choosable(code, kind.text(code, lang), kind.tone(code), allowed) for code, allowed in offered)
