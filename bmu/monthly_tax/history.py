"""What happened to a record, from the change log and nothing else."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bmu.changes.models import ChangeLog
from bmu.extensions import db
from bmu.i18n import iso
from bmu.monthly_tax.models import MonthlyTaxData

MOST = 500


def history(record_id: str) -> list[dict[str, Any]]:
    """Every change of a record, newest first, each with who, when, from which page, and {field: [old, new]}."""
    where = (ChangeLog.entity == MonthlyTaxData.entity, ChangeLog.entity_id == record_id)
    lines = db.session.execute(select(ChangeLog).where(*where).order_by(ChangeLog.version.desc()).limit(MOST))
    return [
        {
            "seq": line.seq,
            "version": line.version,
            "at": iso(line.at),
            "by": line.actor,
            "by_name": line.actor_name,
            "action": line.action,
            "page": line.page,
            "fields": line.fields,
        }
        for line in lines.scalars()
    ]
