"""The verbs of the record: read, save, hand over. One save path for pages, API, bulk and CLI (design §5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask_babel import gettext
from sqlalchemy import bindparam, select

from bmu.accounts.rules import Actor
from bmu.changes import idempotency
from bmu.changes.history import since
from bmu.changes.work import By, Work, plain, transaction
from bmu.errors import Conflict, Forbidden, Invalid, NotFound
from bmu.i18n import N_
from bmu.monthly_tax import applies, handover, notices, queries, rules, validations
from bmu.monthly_tax.duties import Duties
from bmu.monthly_tax.fields import FIELDS
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.tables.kinds import Unfit

Values = dict[str, Any]
# Made once: making a statement takes longer than asking it.
_LOCKED = select(MonthlyTaxData).where(MonthlyTaxData.id == bindparam("id")).with_for_update()


@dataclass(frozen=True, slots=True)
class Save:
    """A save as it was asked for: from which page, what the person saw (`version`, or None), which values."""

    page: str
    version: int | None
    values: Mapping[str, Any]


class Saved(NamedTuple):
    """What a save made: the record as JSON (queries.to_json), and its values, or None where the answer of an earlier
    save is given again."""

    data: Mapping[str, Any]
    row: Values | None


def save(actor: Actor, record_id: str, wanted: Save, key: idempotency.Key | None = None) -> Saved:
    """Write the fields that differ, if they may be written; answer the record.

    Raises NotFound (no such record, or not one of the five), Forbidden (not this page's role, or fields it may not
    write, by name), Invalid (values, validations), Conflict (a field was changed since `version`).
    """
    with transaction(actor.by) as work:
        # The record is locked first: of a save that is sent twice at once, the second finds the first one's answer.
        found = load(work, record_id)
        if (before := idempotency.recall(work, key)) is not None:
            return Saved(before, None)
        record = _writable(actor, found, wanted.page)
        write(work, actor, record, wanted)
        saved = shown(work, record)
        notices.tell(work, saved.data)
        idempotency.remember(work, key, saved.data)
    return saved


def read(actor: Actor, record_id: str | None) -> queries.Values:
    """The record's values if `actor` may read it. Raises NotFound otherwise: one may not know that it is there."""
    row = queries.record(record_id) if record_id else None
    if row is None or not may_read(actor, row):
        raise NotFound()
    return row


def may_read(actor: Actor, people: Mapping[str, Any]) -> bool:
    """One of the five, or somebody who reads everything (design §7)."""
    return actor.reads_all or queries.holds_any(people, actor.employee_id)


def hand(actor: Actor, page: str, people: rules.People, duties: Duties) -> rules.Hand:
    """What the rules ask about `actor` at a record with these people."""
    return rules.Hand(page, actor.employee_id, people, duties, actor.writes_all)


def load(work: Work, record_id: str) -> MonthlyTaxData | None:
    """The record, locked until the transaction ends; None when there is none."""
    return work.session.execute(_LOCKED, {"id": record_id}).scalar_one_or_none()


def _writable(actor: Actor, record: MonthlyTaxData | None, page: str) -> MonthlyTaxData:
    """The record, if `actor` may write it on `page`. Raises NotFound, Forbidden."""
    if record is None or not may_read(actor, record.people()):
        raise NotFound()
    if not actor.writes_all and not rules.holds(page, record.people(), actor.employee_id):
        raise Forbidden()
    return record


def write(work: Work, actor: Actor, record: MonthlyTaxData, wanted: Save) -> None:
    """Set what is wanted on a record that `actor` may write, with what follows from it (domain §4.4). Raises Conflict,
    Forbidden, Invalid."""
    current = _current(record)
    asked = _differing(work, record, wanted.values, current)
    # What follows from a choice is a change like any other: it may conflict too.
    changed = rules.settled(asked, current)
    refuse_conflict(work, record, wanted.version, changed)
    duties = applies.duties_of(record.id)
    refused = rules.refused(hand(actor, wanted.page, record.people(), duties), asked)
    if refused:
        raise Forbidden(errors={name: [gettext(why)] for name, why in refused.items()})
    after = current | changed
    _refuse_faults(validations.faults(wanted.page, changed, after, duties.forms))
    changed |= rules.stamps(wanted.page, current, after, work.now)
    work.edit(record, changed, page=wanted.page)


def _current(record: MonthlyTaxData) -> Values:
    return {key: getattr(record, key) for key in FIELDS}


def _differing(work: Work, record: MonthlyTaxData, values: Mapping[str, Any], current: Values) -> Values:
    """The values parsed, without those equal to what is stored: these are always accepted (design §5).

    Raises Invalid for values that do not fit their kind, and for names that are no fields.
    """
    known = current if values.keys() <= current.keys() else current | dict(shown(work, record).data)
    changed, errors = {}, {}
    for name, raw in values.items():
        if name in known and raw == plain(known[name]):
            continue
        try:
            value = _parse(name, raw, known=name in known)
        except Unfit as unfit:
            errors[name] = [gettext(str(unfit))]
            continue
        if name not in current or value != current[name]:
            changed[name] = value
    if errors:
        raise Invalid(errors=errors)
    return changed


def _parse(name: str, raw: Any, *, known: bool) -> Any:
    field = FIELDS.get(name)
    if field is None and not known:
        raise Unfit(N_("ไม่รู้จักช่องนี้"))
    # What only the server sets goes on as it came: the matrix refuses it by name (403).
    return raw if field is None or field.kind.macro == "moment" else field.kind.parse(raw)


def _refuse_faults(found: validations.Faults) -> None:
    if found:
        raise Invalid(
            errors={
                name: [gettext(message) % {"labels": ", ".join(map(gettext, labels))}]
                for name, (message, labels) in found.items()
            }
        )


def refuse_conflict(work: Work, record: MonthlyTaxData, version: int | None, changed: Values) -> None:
    """409 when a field of this save was changed by somebody since the version the person saw. Others merge."""
    disputes = since(work, record, version).disputes(record, changed)
    if disputes:
        raise Conflict(conflicts=disputes, data=shown(work, record).data)


def hand_over(by: By, record_id: str, people: Mapping[str, str | None]) -> Saved:
    """Put other people in charge of one record (handover.hand_over), whatever their roles: who may hold which is asked
    by bmu/assignments. Both the old and the new ones hear of it. Raises NotFound, Invalid (unknown people or roles).
    """
    with transaction(by) as work:
        record = load(work, record_id)
        if record is None:
            raise NotFound()
        handover.hand_over(work, record, handover.real_people(people))
        saved = shown(work, record)
        notices.tell(work, saved.data)
    return saved


def shown(work: Work, record: MonthlyTaxData) -> Saved:
    """The record with its place in the log, read inside the transaction: just what this save made. Its changes carry
    it along, so that whoever tells of them need not read it again.

    Read before it has its place: whoever holds the log's counter keeps all other savers waiting (Work.number).
    """
    work.session.flush()
    row = queries.record(record.id)
    assert row is not None
    work.number()
    row["seq"] = record.seq
    for change in work.changes:
        if change.entity_id == record.id:
            change.shown = row
    return Saved(queries.to_json(row), row)
