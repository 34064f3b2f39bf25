"""The monthly form: which fields stand where, what the one who looks may do with each, and what changes live.

Two things come from here. `open_form` is the form as one person sees it: rules.access says what each field is to
them, as it says it to the save. `snapshot` is the record as every open form of a page shows it, blind to the viewer,
for events and answers; the browser places it and knows no field.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from flask import current_app

from bmu.i18n import N_, iso, translate
from bmu.monthly_tax import rules, story
from bmu.monthly_tax.catalogue import STATUS
from bmu.monthly_tax.fields import (
    ABSENT,
    EDIT,
    FIELDS,
    FORMS,
    GENERAL,
    PEOPLE,
    PEOPLE_SHORT,
    PND,
    PP30,
    READ,
    VAT,
    WHT,
    Field,
    Side,
)
from bmu.monthly_tax.help import HELP, Help
from bmu.monthly_tax.queries import Values
from bmu.monthly_tax.talks import TALKS
from bmu.tables.kinds import Choice, Count, Day, Moment, Money, Text

CHOOSE, CHOOSE_STATUS = N_("— เลือก —"), N_("— เลือกสถานะ —")
NOTHING_TO_FILE = "not_submitted"
FIELDS_HTML, STORY = "monthly_tax/fields.html", "monthly_tax/story.html"
NEWS = 3  # lines of the history in a snapshot: a form that has missed more is drawn anew


@dataclass(frozen=True)
class Section:
    """A heading and the fields below it. `layout`: how they stand: facts, dates, forms (a line each: status and
    count), talk (texts with the thread of the talk named by `talk`)."""

    title: str
    keys: tuple[str, ...]
    layout: str = "facts"
    talk: str = ""


@dataclass(frozen=True)
class Tab:
    """A tab: `key` is the side its fields stand on."""

    key: str
    title: str
    sections: tuple[Section, ...]
    short: str = ""


def _dates(side: Side) -> Section:
    return Section(N_("วันที่ของสถานะ"), (side.sent, side.returned, side.customer, side.draft), "dates")


def _talks(side: Side) -> tuple[Section, ...]:
    return tuple(Section(talk.title, talk.fields, "talk", talk.key) for talk in TALKS if talk.side == side.key)


TABS: Final = (
    Tab(
        GENERAL,
        N_("ข้อมูลเกี่ยวกับการรับเอกสารและบริษัท"),
        (
            Section(N_("เอกสาร"), ("document_received_date", "document_status")),
            Section(
                N_("ข้อมูลกระทบยอด"),
                ("accounting_record_status", "bank_statement_status", "monthly_tax_impact", "bank_impact"),
            ),
        ),
        N_("เอกสารและบริษัท"),
    ),
    Tab(
        WHT,
        N_("ยื่นแบบภาษีหัก ณ ที่จ่าย (WHT)"),
        (
            _dates(PND),
            Section(N_("แบบฟอร์มภาษีหัก ณ ที่จ่าย"), (PND.status,)),
            Section("", tuple(f"{form}_{part}" for form in FORMS for part in ("status", "attachment_count")), "forms"),
            *_talks(PND),
        ),
        N_("ภ.ง.ด. (WHT)"),
    ),
    Tab(
        VAT,
        N_("ยื่นแบบภาษีมูลค่าเพิ่ม (VAT)"),
        (
            _dates(PP30),
            Section(
                N_("แบบฟอร์มภาษีมูลค่าเพิ่ม"),
                (
                    *(PP30.status, "purchase_document_count", "income_confirmed", "expenses_confirmed"),
                    *("pp30_payment_status", "pp30_payment_amount"),
                ),
            ),
            *_talks(PP30),
        ),
        N_("ภ.พ.30 (VAT)"),
    ),
)
# Labels with a star (domain §3.2): on every page, and on TaxStatus besides.
_STARRED = {PND.status, PP30.status}
_STARRED_STATUS = {*(f"{form}_status" for form in FORMS), "purchase_document_count", "income_confirmed"}
_PLACEHOLDERS = {
    "document_received_date": N_("เลือกหรือกรอกวันที่"),
    "purchase_document_count": "0",
    "pp30_payment_amount": "0.00",
    "wht_inquiry": N_("กรอกคำถามเพิ่มเติมเกี่ยวกับ ภ.ง.ด..."),
    "pp30_inquiry": N_("กรอกคำถามเพิ่มเติมเกี่ยวกับ ภ.พ.30..."),
    "wht_response": N_("กรอกคำตอบสำหรับการสอบถาม ภ.ง.ด."),
    "pp30_response": N_("กรอกคำตอบสำหรับการสอบถาม ภ.พ.30"),
    "wht_submission_comment": N_("กรอกความเห็นเกี่ยวกับการส่งงานยื่นภาษี..."),
    "pp30_submission_comment": N_("กรอกความเห็นเกี่ยวกับการส่งงานยื่นภาษี..."),
    "wht_filing_response": N_("กรอกคำตอบสำหรับการตอบกลับงานยื่นภาษี..."),
    "pp30_filing_response": N_("กรอกคำตอบสำหรับการตอบกลับงานยื่นภาษี..."),
}
_CONTROLS = {Choice: "select", Text: "text", Count: "number", Money: "amount", Day: "day"}
_WHEN = {"pp30_payment_amount": "pp30_payment_status=has_payment"}
assert {key for tab in TABS for section in tab.sections for key in section.keys} == set(FIELDS)


@dataclass(frozen=True)
class Choosable:
    """One option of a select, as the page offers it."""

    code: str
    label: str
    tone: str
    allowed: bool = True


@dataclass(frozen=True)
class Shown:
    """A field as one person sees it. `state`: its letter of domain §3.2 for them; `why`: why it is not theirs;
    `clearable`: this page may take a choice back to none."""

    field: Field
    value: Any
    state: str
    why: str
    starred: bool
    options: tuple[Choosable, ...] = ()
    clearable: bool = True

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
        return _CONTROLS[type(self.field.kind)]

    @property
    def when(self) -> str:
        """`field=code`: only while another field holds this code has it a value; "" always."""
        return _WHEN.get(self.key, "")

    @property
    def help(self) -> Help | None:
        """What opens at its label."""
        return HELP.get(self.key)

    @property
    def placeholder(self) -> str:
        """What an empty control says (Thai source)."""
        if isinstance(self.field.kind, Choice):
            return CHOOSE if self.field.kind is STATUS else CHOOSE_STATUS
        return _PLACEHOLDERS.get(self.key, "")


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
    starred = field.key in _STARRED or (hand.page == rules.STATUS_PAGE and field.key in _STARRED_STATUS)
    clearable = field.kind is not STATUS or rules.selectable(hand.page, None)
    return Shown(field, row[field.key], state, why, starred, _options(field, hand.page, lang), clearable)


def _options(field: Field, page: str, lang: str) -> tuple[Choosable, ...]:
    kind = field.kind
    if not isinstance(kind, Choice):
        return ()
    offered: Iterable[tuple[str, bool]] = rules.menu(page) if kind is STATUS else ((code, True) for code in kind.codes)
    return tuple(Choosable(code, kind.text(code, lang), kind.tone(code), allowed) for code, allowed in offered)


def shape(row: Values) -> str:
    """A short name of what decides who may do what, and of the client in the form's head: where it changes, a form is
    drawn anew."""
    facts = [*(row[role] for role in PEOPLE), row["is_vat"], row["client_version"]]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:12]


def snapshot(page: str, row: Values, lang: str) -> dict[str, Any]:
    """The record as every open form of `page` shows it, in `lang`: {id, version, seq, shape, fields, parts, lines}.

    `fields`: {key: {entry: text of its control, tone, html: how it reads}}; `parts`: {name: html} of what only
    reads; `lines`: the newest lines of the history as HTML, newest first. Needs an application context, never a
    request.
    """
    told = story.story(page, row)
    there = [field for field in FIELDS.values() if field.state(page) != ABSENT]
    shown = [field for field in there if row["is_vat"] or field.side != VAT]
    return {
        **{key: row[key] for key in ("id", "version", "seq", "updated_by")},
        "updated_at": iso(row["updated_at"]),
        "updated_by_name": row["names"].get(row["updated_by"], row["updated_by"]),
        "shape": shape(row),
        "fields": {field.key: _value(field, row, lang) for field in shown},
        "parts": parts(row, told, lang),
        "lines": [str(_macros(STORY).line(line, lang, translate)) for line in story.in_words(told.lines[:NEWS], lang)],
    }


def _value(field: Field, row: Values, lang: str) -> dict[str, str]:
    value = row[field.key]
    html = _macros(FIELDS_HTML).reads(field.kind, value, lang)
    return {"entry": field.kind.entry(value), "tone": field.kind.tone(value), "html": str(html)}


def parts(row: Values, told: story.Story, lang: str) -> dict[str, str]:
    """What of a form only reads and changes by itself: who saved last, the people, the rounds, the threads."""
    fields, tale = _macros(FIELDS_HTML), _macros(STORY)
    found = {"updated": fields.updated(row, lang, translate)}
    found["people"] = fields.people(row, PEOPLE, PEOPLE_SHORT, lang, translate)
    found |= {f"rounds-{rounds.side}": tale.rounds(rounds, lang, translate) for rounds in told.rounds}
    found |= {f"thread-{thread.key}": tale.thread(thread, lang, translate) for thread in told.threads}
    return {name: str(html) for name, html in found.items()}


def _macros(template: str) -> Any:
    return current_app.jinja_env.get_template(template).module
