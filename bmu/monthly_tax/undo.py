"""Taking back one's own last save, while nobody has built on it (decision 0004)."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext
from sqlalchemy import select

from bmu.accounts.rules import Actor
from bmu.changes.models import ChangeLog
from bmu.changes.work import Work, transaction
from bmu.errors import Forbidden, NotFound
from bmu.monthly_tax.fields import FIELDS
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.monthly_tax.rules import holds
from bmu.monthly_tax.service import Saved, load, may_read, refuse_conflict, shown

UNDO_FOR = timedelta(seconds=60)


def undo(actor: Actor, record_id: str, version: int) -> Saved:
    """Take back one's own save that made `version`, with the dates it set; the log keeps both (decision 0004).

    Raises NotFound, Forbidden (not one's own, or longer ago than UNDO_FOR), Conflict (changed again since).
    """
    with transaction(actor.by) as work:
        record = load(work, record_id)
        if record is None or not may_read(actor, record.people()):
            raise NotFound()
        line = _line(work, record, version)
        if line is None or line.actor != actor.by.id or line.action != "update" or work.now - line.at > UNDO_FOR:
            raise Forbidden(gettext("เลิกทำรายการนี้ไม่ได้แล้ว"))
        if not actor.writes_all and not holds(line.page or "", record.people(), actor.employee_id):
            raise Forbidden()
        before = {name: old for name, (old, _) in line.fields.items()}
        refuse_conflict(work, record, version, before)
        values = {name: FIELDS[name].kind.restore(old) for name, old in before.items()}
        work.edit(record, values, action="undo", page=line.page)
        saved = shown(work, record)
    return saved


def _line(work: Work, record: MonthlyTaxData, version: int) -> ChangeLog | None:
    where = (
        ChangeLog.entity == record.entity,
        ChangeLog.entity_id == record.id,
        ChangeLog.version == version,
    )
    return work.session.execute(select(ChangeLog).where(*where)).scalar_one_or_none()
