"""The demo's records with their change log: each save applied, dated by the rules, and written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import insert

from bmu.changes.models import ChangeAudience, ChangeLog
from bmu.changes.work import By, Work, plain
from bmu.dice import Dice
from bmu.i18n import Month
from bmu.monthly_tax import rules
from bmu.monthly_tax.fields import ORIGINALS, PEOPLE
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.monthly_tax.seed.people import Team
from bmu.monthly_tax.seed.story import Step

Record = dict[str, Any]
_BLANK: Final[Record] = dict.fromkeys(MonthlyTaxData.__table__.columns.keys())


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log that has no place yet, who hears of it, and the record that it is about."""

    values: dict[str, Any]
    heard: frozenset[str]
    record: Record


def blank(build: str, month: Month, first: Team, dice: Dice) -> Record:
    """A record nobody has saved yet, with every column; `first` are the people it is created for."""
    originals = {ORIGINALS[role]: person for role, person in first.items()}
    own = {"id": dice.id(), "build": build, "tax_year": month.year, "tax_month": month.month, "version": 0}
    return _BLANK | own | originals


def play(record: Record, steps: Iterable[Step], names: Mapping[str, By]) -> list[Line]:
    """Apply the saves to `record`, with the dates that the rules set (domain §4.4). Answers the lines they leave."""
    return [_apply(record, step, names[step.actor]) for step in steps]


def _apply(record: Record, step: Step, by: By) -> Line:
    heard = _audience(record)
    dates = rules.stamps(step.page, record, step.values, step.at) if step.page else {}
    values = step.values | dates
    news = {key: [plain(record[key]), plain(value)] for key, value in values.items() if record[key] != value}
    record |= values
    record |= {"version": record["version"] + 1, "updated_at": step.at, "updated_by": by.id}
    line = {
        "at": step.at,
        "entity": MonthlyTaxData.entity,
        "entity_id": record["id"],
        "version": record["version"],
        "action": step.action,
        "page": step.page,
        "actor": by.id,
        "actor_name": by.name,
        "fields": news,
    }
    return Line(line, heard | _audience(record), record)


def _audience(record: Record) -> frozenset[str]:
    return frozenset(person for role in PEOPLE if (person := record[role]))


def write(work: Work, lines: Sequence[Line], last: int) -> int:
    """Insert new records with their log, numbered in the order of time after `last`. Answers the last place now."""
    ordered = sorted(lines, key=lambda line: line.values["at"])
    for seq, line in enumerate(ordered, last + 1):
        line.values["seq"] = line.record["seq"] = seq
    records = {line.record["id"]: line.record for line in ordered}
    heard = [{"employee_id": one, "seq": line.values["seq"]} for line in ordered for one in sorted(line.heard)]
    # Tables, not models: the ORM would make a statement for every set of columns that are not empty.
    work.session.execute(insert(MonthlyTaxData.__table__), list(records.values()))
    work.session.execute(insert(ChangeLog.__table__), [line.values for line in ordered])
    work.session.execute(insert(ChangeAudience.__table__), heard)
    return last + len(ordered)
