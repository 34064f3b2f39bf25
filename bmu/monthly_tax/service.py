"""The verbs of the record: save, undo, create, hand over. One save path for pages, API, bulk and CLI (design §5)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bmu.accounts.rules import Actor
from bmu.changes import idempotency
from bmu.changes.history import since
from bmu.changes.models import ChangeLog
from bmu.changes.work import By, Work, plain, transaction
from bmu.clients.models import Client
from bmu.clients.queries import is_vat
from bmu.errors import Conflict, Forbidden, Invalid, NotFound
from bmu.i18n import N_, Month
from bmu.monthly_tax import handover, notices, queries, rules
from bmu.monthly_tax.fields import FIELDS, ORIGINALS, PEOPLE
from bmu.monthly_tax.filters import midnight
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.tables.kinds import Unfit

Values = dict[str, Any]
UNDO_FOR = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Save:
    """A save as it was asked for: from which page, what the person saw (`version`, or None), which values."""

    page: str
    version: int | None
    values: Mapping[str, Any]


def save(actor: Actor, record_id: str, wanted: Save, key: idempotency.Key | None = None) -> Values:
    """Write the fields that differ, if they may be written; answer the record as JSON (queries.to_json).

    Raises NotFound (no such record, or not one of the five), Forbidden (not this page's role, or fields it may not
    write, by name), Invalid (values, validations), Conflict (a field was changed since `version`).
    """
    with transaction(actor.by) as work:
        # The record is locked first: of a save that is sent twice at once, the second finds the first one's answer.
        found = _load(work, record_id)
        if (before := idempotency.recall(work, key)) is not None:
            return dict(before)
        record = _writable(actor, found, wanted.page)
        _apply(work, actor, record, wanted)
        answer = _answer(work, record)
        notices.tell(work, answer)
        idempotency.remember(work, key, answer)
    return answer


def read(actor: Actor, record_id: str | None) -> queries.Values:
    """The record's values if `actor` may read it. Raises NotFound otherwise: one may not know that it is there."""
    row = queries.record(record_id) if record_id else None
    if row is None or not may_read(actor, row):
        raise NotFound()
    return row


def may_read(actor: Actor, people: Mapping[str, Any]) -> bool:
    """One of the five, or somebody who reads everything (design §7)."""
    return actor.reads_all or queries.holds_any(people, actor.employee_id)


def hand(actor: Actor, page: str, people: rules.People, *, is_vat: bool) -> rules.Hand:
    """What the rules ask about `actor` at a record with these people."""
    return rules.Hand(page, actor.employee_id, people, is_vat, actor.writes_all)


def _load(work: Work, record_id: str) -> MonthlyTaxData | None:
    statement = select(MonthlyTaxData).where(MonthlyTaxData.id == record_id).with_for_update()
    return work.session.execute(statement).scalar_one_or_none()


def _writable(actor: Actor, record: MonthlyTaxData | None, page: str) -> MonthlyTaxData:
    """The record, if `actor` may write it on `page`. Raises NotFound, Forbidden."""
    if record is None or not may_read(actor, record.people()):
        raise NotFound()
    if not actor.writes_all and not rules.holds(page, record.people(), actor.employee_id):
        raise Forbidden()
    return record


def _apply(work: Work, actor: Actor, record: MonthlyTaxData, wanted: Save) -> None:
    current = _current(record)
    asked = _differing(work, record, wanted.values, current)
    # What follows from a choice is a change like any other: it may conflict too.
    changed = rules.settled(asked, current)
    _refuse_conflict(work, record, wanted, changed)
    refused = rules.refused(hand(actor, wanted.page, record.people(), is_vat=is_vat(record.build)), asked)
    if refused:
        raise Forbidden(errors={name: [gettext(why)] for name, why in refused.items()})
    after = current | changed
    _refuse_faults(rules.faults(wanted.page, changed, after, current))
    changed |= rules.stamps(wanted.page, current, after, work.now)
    work.edit(record, changed, page=wanted.page)


def _current(record: MonthlyTaxData) -> Values:
    return {key: getattr(record, key) for key in FIELDS}


def _differing(work: Work, record: MonthlyTaxData, values: Mapping[str, Any], current: Values) -> Values:
    """The values parsed, without those equal to what is stored: these are always accepted (design §5).

    Raises Invalid for values that do not fit their kind, and for names that are no fields.
    """
    shown = current if values.keys() <= current.keys() else current | _answer(work, record)
    changed, errors = {}, {}
    for name, raw in values.items():
        if name in shown and raw == plain(shown[name]):
            continue
        try:
            value = _parse(name, raw, known=name in shown)
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


def _refuse_faults(found: rules.Faults) -> None:
    if found:
        raise Invalid(
            errors={
                name: [gettext(message) % {"labels": ", ".join(map(gettext, labels))}]
                for name, (message, labels) in found.items()
            }
        )


def _refuse_conflict(work: Work, record: MonthlyTaxData, wanted: Save, changed: Values) -> None:
    """409 when a field of this save was changed by somebody since the version the person saw. Others merge."""
    disputes = since(work, record, wanted.version).disputes(record, changed)
    if disputes:
        raise Conflict(conflicts=disputes, data=_answer(work, record))


def undo(actor: Actor, record_id: str, version: int) -> Values:
    """Take back one's own save that made `version`, with the dates it set; the log keeps both (decision 0004).

    Raises NotFound, Forbidden (not one's own, or longer ago than UNDO_FOR), Conflict (changed again since).
    """
    with transaction(actor.by) as work:
        record = _load(work, record_id)
        if record is None or not may_read(actor, record.people()):
            raise NotFound()
        line = _line(work, record, version)
        if line is None or line.actor != actor.by.id or line.action != "update" or work.now - line.at > UNDO_FOR:
            raise Forbidden(gettext("เลิกทำรายการนี้ไม่ได้แล้ว"))
        if not actor.writes_all and not rules.holds(line.page or "", record.people(), actor.employee_id):
            raise Forbidden()
        before = {name: old for name, (old, _) in line.fields.items()}
        _refuse_conflict(work, record, Save(line.page or "", version, {}), before)
        values = {name: FIELDS[name].kind.restore(old) for name, old in before.items()}
        work.edit(record, values, action="undo", page=line.page)
        answer = _answer(work, record)
    return answer


def _line(work: Work, record: MonthlyTaxData, version: int) -> ChangeLog | None:
    where = (
        ChangeLog.entity == record.entity,
        ChangeLog.entity_id == record.id,
        ChangeLog.version == version,
    )
    return work.session.execute(select(ChangeLog).where(*where)).scalar_one_or_none()


def create(
    actor: Actor, build: str, month: Month, people: Mapping[str, str | None], values: Mapping[str, Any]
) -> Values:
    """A new record for a client's month, by an administrator.

    Raises Forbidden, NotFound (no such client), Conflict (it exists), Invalid (people, values, a client
    archived before the month).
    """
    if not actor.administers:
        raise Forbidden()
    with transaction(actor.by) as work:
        client = work.session.execute(select(Client).where(Client.build == build)).scalar_one_or_none()
        if client is None:
            raise NotFound(gettext("ไม่พบลูกค้า"))
        if client.archived_at and client.archived_at < midnight(date(*month, 1)):  # as the lists have it: filters
            raise Invalid(errors={"build": [gettext("ลูกค้ารายนี้เก็บเข้าคลังก่อนเดือนนี้แล้ว กรุณานำกลับมาใช้งานก่อน")]})
        record = blank(build, month, _real_people(people))
        work.add(record, record.people())
        _insert(work)
        if values:
            _apply(work, actor, record, Save(rules.STATUS_PAGE, None, values))
        answer = _answer(work, record)
        notices.tell(work, answer)
    return answer


def _insert(work: Work) -> None:
    """Send what was added. The database knows best whether the month exists: two may create it at once."""
    try:
        work.session.flush()
    except IntegrityError:
        raise Conflict(gettext("มีข้อมูลภาษีของเดือนนี้อยู่แล้ว")) from None


def blank(build: str, month: Month, people: Mapping[str, str | None]) -> MonthlyTaxData:
    """An untouched record; who is responsible first is kept in `original_…`."""
    originals = {ORIGINALS[role]: person for role, person in people.items()}
    return MonthlyTaxData(
        id=str(uuid.uuid4()), build=build, tax_year=month.year, tax_month=month.month, **people, **originals
    )


def hand_over(by: By, record_id: str, people: Mapping[str, str | None]) -> Values:
    """Put other people in charge of one record (handover.hand_over), whatever their roles: who may hold which is asked
    by bmu/assignments. Both the old and the new ones hear of it. Raises NotFound, Invalid (unknown people or roles).
    """
    with transaction(by) as work:
        record = _load(work, record_id)
        if record is None:
            raise NotFound()
        handover.hand_over(work, record, _real_people(people))
        answer = _answer(work, record)
        notices.tell(work, answer)
    return answer


def _real_people(people: Mapping[str, str | None]) -> dict[str, str | None]:
    known = queries.names({person for person in people.values() if person})
    errors = {role: [gettext("ไม่พบพนักงาน")] for role, person in people.items() if person and person not in known}
    errors |= {role: [gettext("ไม่รู้จักช่องนี้")] for role in people if role not in PEOPLE}
    if errors:
        raise Invalid(errors=errors)
    return dict(people)


def _answer(work: Work, record: MonthlyTaxData) -> Values:
    """The record as JSON with its place in the log, read inside the transaction: just what this save made."""
    work.number()
    row = queries.record(record.id)
    assert row is not None
    return queries.to_json(row)
