"""Reading before working: what others wrote is read and acknowledged before the form opens (domain §10.7).

Each acknowledgement is kept: who, of which record, on which page, which texts (by hash), when. One is asked again
only when somebody else has changed the texts since, and never for one's own words.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from flask_babel import gettext
from sqlalchemy import select

from bmu.accounts.rules import Actor
from bmu.changes.work import transaction
from bmu.errors import Conflict, Forbidden, Invalid
from bmu.extensions import db
from bmu.i18n import N_, iso
from bmu.monthly_tax import queries, service, story
from bmu.monthly_tax.fields import label_of
from bmu.monthly_tax.models import Acknowledgement
from bmu.monthly_tax.table import TABLES
from bmu.monthly_tax.talks import talks

WORDS: Final = ("yes", "Yes", "YES")
SHOWN: Final = 100
WRONG_WORD: Final = N_("พิมพ์ yes เพื่อยืนยัน")
CHANGED: Final = N_("ข้อความเปลี่ยนไประหว่างที่อ่าน กรุณาอ่านอีกครั้ง")
_TABLES: Final = {table.page: table for table in TABLES.values()}


class Text(NamedTuple):
    """A field of a section: its key, its Thai label, its text ("" for none)."""

    key: str
    label: str
    text: str


class Section(NamedTuple):
    """A talk as it is read; `title` in Thai."""

    key: str
    title: str
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What is to be read on a page: its sections, the version of the record, and the hash that names the texts."""

    page: str
    version: int
    sections: tuple[Section, ...]

    @property
    def texts(self) -> dict[str, str]:
        """All texts by field."""
        return {one.key: one.text for section in self.sections for one in section.texts}

    @property
    def hash(self) -> str:
        """SHA-256 over the texts."""
        return hashlib.sha256(json.dumps(self.texts, sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """For the API: the texts with what to send back to acknowledge them."""
        return {"sourcePage": self.page, "version": self.version, "hash": self.hash, "texts": self.texts}


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One acknowledgement as it is shown. `at`: aware UTC."""

    employee_id: str | None
    name: str
    page: str
    version: int
    hash: str
    at: datetime

    @property
    def title(self) -> str:
        """The page's title, in Thai."""
        return _TABLES[self.page].title

    def to_json(self) -> dict[str, Any]:
        """For the API."""
        found = asdict(self)
        return {"sourcePage": found.pop("page"), **found, "at": iso(self.at)}


A = Acknowledgement.__table__.c
_SHOWN_COLUMNS: Final = (A.employee_id, A.name, A.page, A.version, A.hash, A.at)


def to_read(actor: Actor, page: str, row: queries.Values) -> Reading | None:
    """What `actor` has to read before the form of the record `row` opens on `page`; None when there is nothing.

    Nothing: no text at all, none but one's own, or none changed by somebody else since one acknowledged them.
    """
    reading = _reading(page, row)
    if not any(reading.texts.values()):
        return None
    last = _last(actor, page, row["id"])
    if last and last.hash == reading.hash:
        return None
    return reading if _by_others(actor.by.id, reading, row["id"], last) else None


def _reading(page: str, row: queries.Values) -> Reading:
    sections = tuple(
        Section(talk.key, talk.title, tuple(Text(key, label_of(key), (row[key] or "").strip()) for key in talk.fields))
        for talk in talks(page, is_vat=row["is_vat"])
    )
    return Reading(page, row["version"], sections)


class _Last(NamedTuple):
    """What somebody acknowledged last on a page."""

    version: int
    hash: str


def _last(actor: Actor, page: str, record_id: str) -> _Last | None:
    where = (A.record_id == record_id, A.page == page, A.user_id == actor.id)
    statement = select(A.version, A.hash).where(*where).order_by(A.version.desc(), A.at.desc()).limit(1)
    found = db.session.execute(statement).first()
    return _Last(*found) if found else None


def _by_others(me: str | None, reading: Reading, record_id: str, last: _Last | None) -> bool:
    """Whether somebody else wrote one of the texts since `last`. A text of which the log knows nothing is not mine."""
    found = story.lines(record_id, None, about=reading.texts, since=last.version if last else 0)
    if any(line.by != me for line in found):
        return True
    written = {key for line in found for key in line.fields}
    return last is None and any(text and key not in written for key, text in reading.texts.items())


def acknowledge(actor: Actor, page: str, record_id: str | None, told: str, word: str) -> None:
    """Keep that `actor` has read the texts whose hash is `told` on `page`, typing `word`. Twice is once.

    Raises NotFound (no such record, or none of theirs), Forbidden (a page that the role does not open), Invalid (the
    word), Conflict (the texts have changed since; `reading` has them as they are now).
    """
    if not actor.opens(_TABLES[page].name):
        raise Forbidden()
    with transaction(actor.by) as work:
        row = service.read(actor, record_id)
        _check(_reading(page, row), told, word)
        if to_read(actor, page, row):
            kept = {"employee_id": actor.employee_id, "name": actor.name, "version": row["version"], "hash": told}
            own = {"id": str(uuid.uuid4()), "record_id": row["id"], "page": page, "user_id": actor.id}
            work.session.add(Acknowledgement(**own, **kept, at=work.now))


def _check(now: Reading, told: str, word: str) -> None:
    if told != now.hash:
        raise Conflict(gettext(CHANGED), reading=now.to_json())
    if word.strip() not in WORDS:
        raise Invalid(errors={"word": [gettext(WRONG_WORD)]})


def acknowledged(actor: Actor, record_id: str) -> list[Acknowledged]:
    """Who has acknowledged the texts of a record, the newest SHOWN first: everybody for who administers, else oneself.

    Whether `actor` may know of the record is the caller's to ask.
    """
    where = [A.record_id == record_id]
    if not actor.administers:
        where.append(A.user_id == actor.id)
    statement = select(*_SHOWN_COLUMNS).where(*where).order_by(A.at.desc(), A.version.desc()).limit(SHOWN)
    return [Acknowledged(*row) for row in db.session.execute(statement)]
