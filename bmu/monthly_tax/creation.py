"""A new record, by an administrator. Whole months are opened by bmu/assignments."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bmu.accounts.rules import Actor
from bmu.changes.work import Work, transaction
from bmu.clients.models import Client
from bmu.errors import Conflict, Forbidden, Invalid, NotFound
from bmu.i18n import Month
from bmu.monthly_tax import notices
from bmu.monthly_tax.fields import ORIGINALS
from bmu.monthly_tax.filters import midnight
from bmu.monthly_tax.handover import real_people
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.monthly_tax.rules import STATUS_PAGE
from bmu.monthly_tax.service import Save, Saved, shown, write


def create(
    actor: Actor, build: str, month: Month, people: Mapping[str, str | None], values: Mapping[str, Any]
) -> Saved:
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
        record = blank(build, month, real_people(people))
        work.add(record, record.people())
        _insert(work)
        if values:
            write(work, actor, record, Save(STATUS_PAGE, None, values))
        saved = shown(work, record)
        notices.tell(work, saved.data)
    return saved


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
