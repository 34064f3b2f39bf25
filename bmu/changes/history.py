"""What the log says of one row: its story, and what happened to its fields since somebody looked (design §5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from bmu.changes.models import ChangeLog, Logged
from bmu.changes.work import Work, plain
from bmu.extensions import db


@dataclass(frozen=True, slots=True)
class Since:
    """Changes after a version: what each field held then (`seen`, JSON values), and its newest line (`newest`)."""

    seen: dict[str, Any] = field(default_factory=dict)
    newest: dict[str, ChangeLog] = field(default_factory=dict)

    def untouched(self, name: str, value: Any) -> bool:
        """Whether `value` is what the person saw, while somebody else has changed the field: no change of theirs."""
        return name in self.seen and plain(value) == self.seen[name]

    def disputes(self, row: Logged, wanted: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Those of `wanted` that somebody has changed since, as a 409 tells them."""
        return {
            name: {
                "yours": plain(wanted[name]),
                "theirs": plain(getattr(row, name)),
                "by": line.actor,
                "by_name": line.actor_name,
                "at": plain(line.at),
            }
            for name, line in self.newest.items()
            if name in wanted
        }


def since(work: Work, row: Logged, version: int | None) -> Since:
    """What happened to `row` after `version`; nothing for None, and for the version it has."""
    found = Since()
    if version is None or version >= row.version:
        return found
    later = select(ChangeLog).where(
        ChangeLog.entity == row.entity, ChangeLog.entity_id == row.id, ChangeLog.version > version
    )
    for line in work.session.execute(later.order_by(ChangeLog.version)).scalars():
        for name, (old, _) in line.fields.items():
            found.seen.setdefault(name, old)
            found.newest[name] = line
    return found


def story(entity: str, entity_ids: Sequence[str], most: int = 100) -> list[ChangeLog]:
    """The newest `most` changes of some rows of a kind, newest first."""
    mine = select(ChangeLog).where(ChangeLog.entity == entity, ChangeLog.entity_id.in_(entity_ids))
    return list(db.session.scalars(mine.order_by(ChangeLog.seq.desc()).limit(most)))


def line_json(line: ChangeLog) -> dict[str, Any]:
    """A line of the log as APIs carry it."""
    return {
        "seq": line.seq,
        "version": line.version,
        "at": plain(line.at),
        "by": line.actor,
        "by_name": line.actor_name,
        "action": line.action,
        "fields": line.fields,
    }
