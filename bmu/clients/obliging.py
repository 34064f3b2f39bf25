"""Saying from which month on a client files what. One way for page, API and command; decision 0019.

It is a change of the client: its version moves, its history tells it, and everybody who works for the client hears of
it (decision 0017). What has been entered in records stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from flask_babel import gettext

from bmu.changes.history import since as changes_since
from bmu.changes.work import By, Work, transaction
from bmu.clients.models import Client
from bmu.clients.obligations import Forms, FormsKind, MonthKind, Schedule, in_force, with_month
from bmu.clients.service import load
from bmu.errors import Conflict
from bmu.i18n import N_, Month, iso, tax_month
from bmu.tables.fieldset import Field, parsed

Values = dict[str, Any]
SINCE, FORMS, KEPT = "since", "forms", "obligations"
FIELDS: Final = {
    SINCE: Field(SINCE, N_("มีผลตั้งแต่เดือนภาษี"), MonthKind(), required=True),
    FORMS: Field(FORMS, N_("แบบที่ต้องยื่น"), FormsKind(), required=True),
}


def oblige(by: By, build: str, values: Mapping[str, Any], version: int | None = None) -> Values:
    """From the month `since` on the client files `forms` (raw values), until the next month that says otherwise.

    What is in force then already is no change. Answers `shown`. Raises NotFound, Invalid by field, Conflict when
    somebody else has changed the same month since `version`.
    """
    given = parsed(values, FIELDS, missing=FIELDS)
    return _set(by, build, given[SINCE], given[FORMS], version)


def release(by: By, build: str, since: Any, version: int | None = None) -> Values:
    """Take what was said from the month `since` on (raw) back; twice is once. Answers and raises as `oblige`."""
    return _set(by, build, parsed({SINCE: since}, FIELDS)[SINCE], None, version)


def _set(by: By, build: str, since: Month, forms: Forms | None, version: int | None) -> Values:
    with transaction(by) as work:
        client = load(work, build)
        now = client.obligations
        wanted = now if _is_said(now, since, forms) else with_month(now, since, forms)
        _refuse_conflict(work, client, since, wanted, version)
        work.edit(client, {KEPT: wanted})
        work.number()
        answer = shown(client, work.now)
    return answer


def _is_said(now: Schedule, since: Month, forms: Forms | None) -> bool:
    if forms is None:
        return str(since) not in now
    return in_force(now, since) == forms


def _refuse_conflict(work: Work, client: Client, since: Month, wanted: Schedule, version: int | None) -> None:
    """Other months merge; of one month only who saw it as it is may change it."""
    later, month, now = changes_since(work, client, version), str(since), client.obligations
    seen, line = later.seen.get(KEPT) or {}, later.newest.get(KEPT)
    if line is None or seen.get(month) == now.get(month) or wanted == now:
        return
    dispute = {"yours": wanted.get(month), "theirs": now.get(month), "by": line.actor, "by_name": line.actor_name}
    raise Conflict(
        gettext("มีผู้อื่นแก้ไขแบบที่ต้องยื่นของเดือนนี้ไปแล้ว"),
        conflicts={FORMS: dispute | {"at": iso(line.at)}},
        data=shown(client, work.now),
    )


def shown(client: Client, now: datetime) -> Values:
    """A client's schedule as JSON: `obligations` from the oldest month on, and what is `in_force` in the tax month at
    `now` (aware; None: nothing is known, every form may have to be filed)."""
    schedule = client.obligations
    current = in_force(schedule, tax_month(now))
    return {
        "build": client.build,
        "version": client.version,
        KEPT: [{SINCE: since, FORMS: forms} for since, forms in schedule.items()],
        "in_force": None if current is None else list(current),
    }
