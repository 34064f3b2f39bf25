"""The verbs: open a month, put people in charge of one or many, copy the month before, empty a record.

Each is one transaction, all or nothing. Between its batches it lets others run: five hundred rows take longer than
anybody may wait for the one process (writers ask again meanwhile, readers go on).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask_babel import gettext
from sqlalchemy import select

from bmu.accounts.queries import workers
from bmu.accounts.rules import Actor
from bmu.assignments import opening, queries, rules
from bmu.changes.models import LONGEST_REASON
from bmu.changes.work import By, Work, transaction
from bmu.clients.models import Client
from bmu.clients.rules import VAT
from bmu.errors import Conflict, Forbidden, Invalid, NotFound
from bmu.i18n import N_, Month, tax_month
from bmu.monthly_tax import handover, notices
from bmu.monthly_tax.fields import FIELDS
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.offload import sleep

MOST = 500
BATCH = 25
UNSEEN: Final = "?"  # no employee id
WHY = N_("กรุณาระบุเหตุผลที่เปลี่ยนผู้รับผิดชอบ")


@dataclass(frozen=True, slots=True)
class Cell:
    """Somebody (`who`, None: nobody) for a role of a record. `was`: whom the one who asks saw there; UNSEEN where they
    do not say, and the last one wins."""

    record_id: str
    role: str
    who: str | None
    was: str | None = UNSEEN


@dataclass(frozen=True, slots=True)
class Company:
    """What of a client counts here."""

    name: str
    is_vat: bool


def allowed(actor: Actor) -> By:
    """How the log names who assigns. Raises Forbidden."""
    if not actor.assigns:
        raise Forbidden()
    return actor.by


def assign(by: By, cells: Sequence[Cell], reason: str, now: datetime) -> list[str]:
    """Put people in charge; answers the ids of the records that changed. `now`: aware; what month has begun.

    Raises NotFound (a record), Invalid (`errors` by `build.role`, `reason`), Conflict (`conflicts` by `build.role`).
    """
    ids = list(dict.fromkeys(cell.record_id for cell in cells))
    _refuse_too_many(ids)
    with transaction(by, reason_of(reason)) as work:
        records = {record.id: record for record in _load(work, ids)}
        if len(records) < len(ids):
            raise NotFound()
        companies = _companies(work, records.values())
        _refuse_faults(records, companies, cells)
        _refuse_conflicts(records, cells)
        wanted: dict[str, dict[str, str | None]] = {one: {} for one in ids}
        for cell in cells:
            wanted[cell.record_id][cell.role] = cell.who
        handed = [(records[one], wanted[one]) for one in ids]
        return _hand_over(work, handed, companies, now)


def copy_previous(
    by: By, month: Month, builds: Collection[str] | None, now: datetime, *, replace: bool = False, reason: str = ""
) -> list[str]:
    """Take over the five of the month before: for the records of `builds` (None: all) into their empty places, with
    `replace` into all. Who has left is not taken over. Answers the ids of the records that changed.

    Raises Invalid (`reason`).
    """
    known = workers()
    with transaction(by, reason_of(reason)) as work:
        before = queries.people_of(month.plus(-1))
        where = (MonthlyTaxData.tax_year == month.year, MonthlyTaxData.tax_month == month.month)
        listed = work.session.execute(select(MonthlyTaxData.id, MonthlyTaxData.build).where(*where)).all()
        ids = [one for one, build in listed if build in before and (builds is None or build in builds)]
        records = _load(work, ids)
        companies = _companies(work, records)
        handed = []
        for record in records:
            last = rules.carried(before[record.build], known, is_vat=companies[record.build].is_vat)
            handed.append((record, rules.copied(record.people(), last, replace=replace)))
        return _hand_over(work, handed, companies, now)


def open_month(by: By, month: Month, now: datetime) -> int:
    """Add the records that `month` still lacks; what is there stays as it is. Answers how many were added.

    Raises Invalid (`month`: too far ahead of `now`).
    """
    if not rules.may_open(month, tax_month(now)):
        raise Invalid(errors={"month": [gettext("เดือนนี้ยังอีกไกลเกินไป")]})
    known = workers()
    with transaction(by) as work:
        missing = opening.missing(work, month)
        people = opening.newest_people(work, month)
        for some in _batches(missing):
            for client in some:
                opening.add(work, client, month, people, known)
            _breathe(work)
        return len(missing)


def reset(actor: Actor, record_id: str, version: int, confirm: str, reason: str) -> None:
    """Empty the tax data of one record: its people stay, the history keeps what was there, the five are told.

    `confirm`: the record's build, typed by the person. Raises Forbidden (administrators only), NotFound, Invalid
    (`confirm`, `reason`), Conflict (somebody saved since `version`).
    """
    if not actor.administers:
        raise Forbidden()
    with transaction(actor.by, reason_of(reason)) as work:
        record = next(iter(_load(work, [record_id])), None)
        if record is None:
            raise NotFound()
        _refuse_unconfirmed(record, confirm, reason)
        if record.version != version:
            raise Conflict()
        work.edit(record, dict.fromkeys(FIELDS), action="reset")
        work.number()
        company = _companies(work, [record])[record.build].name
        notices.tell(work, {**_facts(record, company), **record.people()})


def reason_of(reason: str) -> str:
    """A reason as it is kept. Raises Invalid (`reason`)."""
    said = " ".join(reason.split())
    if len(said) > LONGEST_REASON:
        raise Invalid(errors={"reason": [gettext("ข้อความยาวเกินไป")]})
    return said


def _refuse_too_many(ids: Collection[str]) -> None:
    if len(ids) > MOST:
        raise Invalid(errors={"cells": [gettext("ครั้งละไม่เกิน %(most)s รายการ", most=MOST)]})


def _refuse_unconfirmed(record: MonthlyTaxData, confirm: str, reason: str) -> None:
    errors = {}
    if confirm.strip() != record.build:
        errors["confirm"] = [gettext("พิมพ์ %(build)s เพื่อยืนยัน", build=record.build)]
    if not reason_of(reason):
        errors["reason"] = [gettext("กรุณาระบุเหตุผล")]
    if errors:
        raise Invalid(errors=errors)


def _load(work: Work, ids: Sequence[str]) -> list[MonthlyTaxData]:
    """The records, in the order of `ids`; those that are not there are left out. Locked in one order by everybody, so
    that two who assign many at once wait for each other, and never both."""
    found: dict[str, MonthlyTaxData] = {}
    for some in _batches(sorted(ids)):
        wanted = select(MonthlyTaxData).where(MonthlyTaxData.id.in_(some)).order_by(MonthlyTaxData.id)
        found |= {record.id: record for record in work.session.scalars(wanted.with_for_update())}
        sleep(0)
    return [found[one] for one in ids if one in found]


def _companies(work: Work, records: Collection[MonthlyTaxData]) -> dict[str, Company]:
    builds = {record.build for record in records}
    columns = select(Client.build, Client.company_name, Client.tax_registration_status)
    found = work.session.execute(columns.where(Client.build.in_(builds)))
    return {build: Company(name, registration == VAT) for build, name, registration in found}


def _refuse_faults(
    records: Mapping[str, MonthlyTaxData], companies: Mapping[str, Company], cells: Sequence[Cell]
) -> None:
    """Nobody to a role that their account does not allow. Who is in it already may stay: nothing changes."""
    known, errors = workers(), {}
    for cell in cells:
        record = records[cell.record_id]
        if cell.role in rules.DUTIES and cell.who in (None, getattr(record, cell.role)):
            continue
        why = rules.fault(cell.role, known.get(cell.who or ""), is_vat=companies[record.build].is_vat)
        if why:
            errors[f"{record.build}.{cell.role}"] = [gettext(why)]
    if errors:
        raise Invalid(errors=errors)


def _refuse_conflicts(records: Mapping[str, MonthlyTaxData], cells: Sequence[Cell]) -> None:
    """409 where somebody else assigned a cell since it was looked at, to another than is wanted now."""
    conflicts: dict[str, Any] = {}
    for cell in cells:
        record = records[cell.record_id]
        theirs = getattr(record, cell.role)
        if cell.was != UNSEEN and theirs not in (cell.was, cell.who):
            conflicts[f"{record.build}.{cell.role}"] = {"yours": cell.who, "theirs": theirs, "by": record.updated_by}
    if conflicts:
        raise Conflict(conflicts=conflicts)


def _hand_over(
    work: Work,
    handed: Sequence[tuple[MonthlyTaxData, rules.People]],
    companies: Mapping[str, Company],
    now: datetime,
) -> list[str]:
    """Change, number and tell. Raises Invalid (`reason`) where one is asked and none was given."""
    current = tax_month(now)
    months = ((record, people, Month(record.tax_year, record.tax_month)) for record, people in handed)
    if not work.reason and any(rules.asks_why(one.people(), people, month, current) for one, people, month in months):
        raise Invalid(errors={"reason": [gettext(WHY)]})
    changed = []
    for some in _batches(handed):
        changed += handover.hand_over_many(work, some)
        _breathe(work)
    work.number()
    notices.tell_many(work, {one.id: _facts(one, companies[one.build].name) for one in changed})
    return [one.id for one in changed]


def _batches(handed: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(handed), BATCH):
        yield handed[start : start + BATCH]


def _breathe(work: Work) -> None:
    """Send what has been done, and let others run."""
    work.session.flush()
    sleep(0)


def _facts(record: MonthlyTaxData, company: str) -> dict[str, Any]:
    known = {name: getattr(record, name) for name in ("build", "tax_year", "tax_month")}
    return known | {"company_name": company}
