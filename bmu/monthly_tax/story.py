"""The story of a record: what happened to it, what was said, how often it was reviewed.

All of it comes from the change log and nothing else; `lines` is its one reader.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import or_, select

from bmu.accounts.queries import names
from bmu.changes.models import ChangeLog
from bmu.extensions import db
from bmu.i18n import N_, iso, translate
from bmu.monthly_tax.catalogue import PENDING
from bmu.monthly_tax.fields import FIELDS, ORIGINALS, PEOPLE, SIDES, VAT, Side, label_of
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.monthly_tax.table import TABLES
from bmu.monthly_tax.talks import TEXTS, Talk, talks
from bmu.tables.kinds import EMPTY

NEWEST: Final = 100
PERSON_COLUMNS: Final = frozenset((*PEOPLE, *ORIGINALS.values()))
ACTIONS: Final = {
    "create": N_("สร้างรายการ"),
    "undo": N_("เลิกทำ"),
    "hand_over": N_("เปลี่ยนผู้รับผิดชอบ"),
    "reset": N_("ล้างข้อมูลภาษี"),
}
SYSTEM: Final = N_("ระบบ")
_TITLES: Final = {table.page: table.title for table in TABLES.values()}
# What threads and rounds are made of.
_TOLD: Final = (*TEXTS, *(key for side in SIDES for key in (side.sent, side.returned)))

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One logged save. `at`: aware UTC; `by`: employee id or user name, None for the system; `page`: one of
    SOURCE_PAGES or None; `fields`: {key: [old, new]} as JSON carries values."""

    version: int
    seq: int
    at: datetime
    by: str | None
    by_name: str | None
    action: str
    page: str | None
    fields: dict[str, list[Any]]
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The line as the API gives it."""
        own = {"seq": self.seq, "version": self.version, "at": iso(self.at), "by": self.by, "by_name": self.by_name}
        return own | {"action": self.action, "page": self.page, "fields": self.fields, "reason": self.reason}


_COLUMNS: Final = (
    ChangeLog.version,
    ChangeLog.seq,
    ChangeLog.at,
    ChangeLog.actor,
    ChangeLog.actor_name,
    ChangeLog.action,
    ChangeLog.page,
    ChangeLog.fields,
    ChangeLog.reason,
)


def lines(record_id: str, newest: int | None = NEWEST, *, about: Collection[str] = (), since: int = 0) -> list[Line]:
    """What happened to a record, newest first: at most `newest` lines (None: all).

    `about`: only lines that changed one of these fields; `since`: only those of later versions than this.
    """
    where = [ChangeLog.entity == MonthlyTaxData.entity, ChangeLog.entity_id == record_id, ChangeLog.version > since]
    if about:
        where.append(or_(*(ChangeLog.fields[key].as_string().is_not(None) for key in about)))
    statement = select(*_COLUMNS).where(*where).order_by(ChangeLog.version.desc()).limit(newest)
    return [Line(*row) for row in db.session.execute(statement)]


def are_more(found: Sequence[Line]) -> bool:
    """Whether a record has lines older than these. Versions count from 1, so the oldest line says it."""
    return bool(found) and found[-1].version > 1


class Said(NamedTuple):
    """One change in words, in the reader's language."""

    key: str
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Told:
    """A line as people read it. `action` and `page` are "" where there is nothing to say."""

    version: int
    at: datetime
    by: str
    action: str
    page: str
    created: bool
    said: tuple[Said, ...]
    reason: str = ""


def in_words(found: Iterable[Line], lang: str) -> list[Told]:
    """The lines in `lang`: labels, old and new as the pages say them, people by name, the page by its title."""
    found = list(found)
    known = _names(found)
    return [_told(line, known, lang) for line in found]


def _told(line: Line, known: Mapping[str, str], lang: str) -> Told:
    said = tuple(
        Said(key, translate(label_of(key), lang), *(_say(key, value, known, lang) for value in pair))
        for key, pair in line.fields.items()
        if key not in ORIGINALS.values()
    )
    action, page = translate(ACTIONS.get(line.action, ""), lang), translate(_TITLES.get(line.page or "", ""), lang)
    by = line.by_name or line.by or translate(SYSTEM, lang)
    return Told(line.version, line.at, by, action, page, line.action == "create", said, line.reason or "")


def _names(found: list[Line]) -> dict[str, str]:
    mentioned = {who for line in found for key in line.fields.keys() & PERSON_COLUMNS for who in line.fields[key]}
    return {who: person.display_name for who, person in names(mentioned - {None}).items()}


def _say(key: str, carried: Any, known: Mapping[str, str], lang: str) -> str:
    """One logged value in words."""
    if key in FIELDS:
        kind = FIELDS[key].kind
        return kind.full(kind.restore(carried), lang)
    return known.get(carried, carried) if carried else EMPTY


class Entry(NamedTuple):
    """A text of a talk: which field, who wrote it when (None: the log does not know), whether the field holds it now.

    `text` is "" where somebody emptied the field; `undone`: the text came back by taking another one back.
    """

    key: str
    label: str
    by: str | None
    at: datetime | None
    text: str
    current: bool
    undone: bool = False


class Thread(NamedTuple):
    """A talk with its texts, newest first; `label` (Thai) of each entry and `title` are translated where shown."""

    key: str
    title: str
    side: str
    entries: tuple[Entry, ...]


def threads(page: str, row: Values, found: Sequence[Line]) -> list[Thread]:
    """The talks that `page` shows of the record `row`, from lines newest first (all that are about TEXTS)."""
    return [_thread(talk, row, found) for talk in talks(page, is_vat=row["is_vat"])]


def _thread(talk: Talk, row: Values, found: Sequence[Line]) -> Thread:
    written = [placed for key in talk.fields for placed in _entries(key, row[key], found)]
    written.sort(key=lambda placed: -placed[0])
    return Thread(talk.key, talk.title, talk.side, tuple(entry for _, entry in written))


def _entries(key: str, now: str | None, found: Sequence[Line]) -> list[tuple[int, Entry]]:
    """The texts of one field, newest first, each with the version that wrote it (0: from before the log)."""
    mine = [line for line in found if key in line.fields]
    written = [(line.version, _entry(key, line)) for line in mine]
    if before := mine[-1].fields[key][0] if mine else None:
        written.append((0, _untold(key, before)))
    if now and (not written or written[0][1].text != now):
        written.insert(0, (mine[0].version if mine else 0, _untold(key, now)))
    if now:
        written[0] = (written[0][0], written[0][1]._replace(current=True))
    return written


def _untold(key: str, text: str) -> Entry:
    """A text of which no line tells."""
    return Entry(key, label_of(key), None, None, text, False)


def _entry(key: str, line: Line) -> Entry:
    text = line.fields[key][1] or ""
    return Entry(key, label_of(key), line.by_name or line.by, line.at, text, False, line.action == "undo")


class Rounds(NamedTuple):
    """How often one tax of a record went to review and came back; since when it waits (aware UTC), or None."""

    side: str
    sent: int
    returned: int
    waiting_since: datetime | None


def rounds(side: Side, row: Values, found: Iterable[Line]) -> Rounds:
    """The rounds of `side`, from all lines about its dates: the rules date each round once (domain §4.4).

    A round that was taken back does not count, and emptying a record (reset) is none.
    """
    found = list(found)
    waits = row[side.status] in PENDING
    return Rounds(side.key, _times(side.sent, found), _times(side.returned, found), row[side.sent] if waits else None)


def _times(date: str, found: Iterable[Line]) -> int:
    return sum({"undo": -1, "reset": 0}.get(line.action, 1) for line in found if date in line.fields)


@dataclass(frozen=True, slots=True)
class Story:
    """All that a page tells about a record's past."""

    lines: list[Line]
    threads: list[Thread]
    rounds: list[Rounds]


def story(page: str, row: Values) -> Story:
    """The newest lines of the record `row`; its threads as `page` shows them and its rounds, over all lines."""
    newest = lines(row["id"])
    whole = lines(row["id"], None, about=_TOLD) if are_more(newest) else newest
    sides = [side for side in SIDES if row["is_vat"] or side.key != VAT]
    return Story(newest, threads(page, row, whole), [rounds(side, row, whole) for side in sides])
