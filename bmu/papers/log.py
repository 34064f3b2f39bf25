"""The change log on a sheet: one line for each field of each change of a record or a client, in words."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select

from bmu.changes.models import ChangeLog
from bmu.changes.work import last_seq
from bmu.clients.models import Client
from bmu.clients.story import told as told_of_clients
from bmu.extensions import db
from bmu.i18n import N_, Month, month_text
from bmu.monthly_tax import story
from bmu.monthly_tax.filters import midnight
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.offload import sleep
from bmu.papers.cells import Cell, cell
from bmu.papers.sheet import Column, Sheet
from bmu.papers.writing import Row
from bmu.tables.kinds import EMPTY, Moment

SHEET: Final = Sheet(
    "changes",
    N_("ประวัติการแก้ไข"),
    (
        Column("at", N_("เวลา"), Moment()),
        Column("by", N_("ผู้บันทึก")),
        Column("build", "Build"),
        Column("month", N_("เดือนภาษี")),
        Column("action", N_("การกระทำ")),
        Column("page", N_("หน้า")),
        Column("field", N_("ช่อง")),
        Column("old", N_("ค่าเดิม")),
        Column("new", N_("ค่าใหม่")),
        Column("reason", N_("เหตุผล")),
    ),
)
PORTION: Final = 100
# A change is dated at the beginning of its transaction and placed at its end.
_SLACK: Final = timedelta(hours=1)
_ENTITIES: Final = (MonthlyTaxData.entity, Client.entity)
Said = tuple[str, str, str]


def portions(month: Month, lang: str) -> Iterator[Sequence[Row]]:
    """The changes of a calendar month in Bangkok, the oldest first, some lines of the log at a time."""
    start, end = midnight(date(*month, 1)), midnight(date(*month.plus(1), 1))
    place, last = _place(start - _SLACK), _place(end + _SLACK)
    while place < last:
        where = (ChangeLog.seq > place, ChangeLog.seq <= last)
        lines = list(db.session.scalars(select(ChangeLog).where(*where).order_by(ChangeLog.seq).limit(PORTION)))
        if not lines:
            return
        place = lines[-1].seq
        yield _rows([one for one in lines if one.entity in _ENTITIES and start <= one.at < end], lang)
        db.session.expunge_all()
        sleep(0)


def _place(at: datetime) -> int:
    """The last place of the log before `at`: found by halving, because the log is long and in the order of time."""

    def later(place: int) -> bool:
        after = select(ChangeLog.at).where(ChangeLog.seq >= place).order_by(ChangeLog.seq).limit(1)
        found = db.session.scalar(after)
        return found is None or found >= at

    return bisect_left(range(1, last_seq() + 1), True, key=later)


def _rows(lines: Sequence[ChangeLog], lang: str) -> list[Row]:
    about = _about(lines, lang)
    return [row for line, told in zip(lines, _told(lines, lang), strict=True) for row in _row(line, about, told, lang)]


def _about(lines: Sequence[ChangeLog], lang: str) -> dict[str, tuple[str, str]]:
    """Build and month in words ("" for a client) by the id of what was changed."""
    ids = {line.entity_id for line in lines}
    m, c = MonthlyTaxData.__table__.c, Client.__table__.c
    records = db.session.execute(select(m.id, m.build, m.tax_year, m.tax_month).where(m.id.in_(ids)))
    found = {id_: (build, month_text(Month(year, month), lang)) for id_, build, year, month in records}
    return found | {id_: (build, "") for id_, build in db.session.execute(select(c.id, c.build).where(c.id.in_(ids)))}


def _told(lines: Sequence[ChangeLog], lang: str) -> list[tuple[str, str, str, list[Said]]]:
    """(who, action, page, what was said) of each line, in words."""
    found: dict[int, tuple[str, str, str, list[Said]]] = {}
    records = [line for line in lines if line.entity == MonthlyTaxData.entity]
    for line, told in zip(records, story.in_words(map(_line, records), lang), strict=True):
        found[line.seq] = (told.by, told.action, told.page, [(one.label, one.old, one.new) for one in told.said])
    others = [line for line in lines if line.entity == Client.entity]
    for line, of_client in zip(others, told_of_clients(others, lang), strict=True):
        found[line.seq] = (of_client.by, of_client.action, "", list(of_client.said))
    return [found[line.seq] for line in lines]


def _line(line: ChangeLog) -> story.Line:
    told: dict[str, Any] = {
        "version": line.version,
        "seq": line.seq,
        "at": line.at,
        "by": line.actor,
        "by_name": line.actor_name,
        "action": line.action,
        "page": line.page,
        "fields": line.fields,
        "reason": line.reason,
    }
    return story.Line(**told)


def _row(
    line: ChangeLog, about: dict[str, tuple[str, str]], told: tuple[str, str, str, list[Said]], lang: str
) -> Iterator[list[Cell]]:
    by, action, page, said = told
    build, month = about.get(line.entity_id, ("", ""))
    for label, old, new in said or [("", "", "")]:
        texts = (by, build, month, action, page, label, *(_text(one) for one in (old, new)), line.reason or "")
        yield [cell(Moment(), line.at, lang), *(Cell(text or None) for text in texts)]


def _text(said: str) -> str:
    return "" if said == EMPTY else said
