"""The demo's notifications of a month: what the saves in its log told people, and what they have read since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import insert, select

from bmu.accounts.models import User
from bmu.changes.work import Work
from bmu.dice import Dice
from bmu.monthly_tax import notices
from bmu.monthly_tax.fields import PEOPLE
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.monthly_tax.notices import Told
from bmu.monthly_tax.seed.log import Line
from bmu.notifications.models import KEY, Notification

Row = dict[str, Any]
# What asks for nothing is read soon; what asks for work stays unread until the work is done.
_NO_WORK: Final = frozenset({notices.SENT, notices.REPLY, notices.ASSIGNED, notices.UNASSIGNED})
_SOON: Final = timedelta(hours=3)
_NEW: Final = {"entity": MonthlyTaxData.entity, "read_at": None, "deleted_at": None}


def plant(work: Work, lines: Iterable[Line], companies: Mapping[str, str], dice: Dice, now: datetime) -> None:
    """Insert what `lines` (numbered) told those who have an account, as it stands at `now` (aware).

    `companies`: the clients' names by build.
    """
    active = (User.status == "active", User.employee_id.is_not(None))
    accounts = work.session.execute(select(User.employee_id, User.id).where(*active))
    inbox = _Inbox({employee: user for employee, user in accounts if employee}, companies, dice)
    for line in sorted(lines, key=lambda line: int(line.values["seq"])):
        inbox.hear(line)
    if inbox.rows:
        work.session.execute(insert(Notification.__table__), [_read_soon(row, now) for row in inbox.rows])


class _Inbox:
    """Everybody's notifications as they come. `rows` are all of them; `_open` the unread, by user and record, then by
    what they are about."""

    def __init__(self, accounts: Mapping[str, str], companies: Mapping[str, str], dice: Dice) -> None:
        self._accounts, self._companies, self._dice = accounts, companies, dice
        self.rows: list[Row] = []
        self._open: defaultdict[tuple[str, str], dict[tuple[str, str], Row]] = defaultdict(dict)

    def hear(self, line: Line) -> None:
        """A save: who made it has seen what they were told of the record; others are told."""
        actor, record = line.values["actor"], line.record
        for row in self._open.pop((self._accounts.get(actor, ""), record["id"]), {}).values():
            row["read_at"] = line.values["at"]
        people = {role: record[role] for role in PEOPLE}
        found = notices.of_change(line.values["action"], line.values["page"], line.values["fields"], people, actor)
        for told in found:
            if user := self._accounts.get(told.person):
                self._keep(line, told, user)

    def _keep(self, line: Line, told: Told, user: str) -> None:
        """As notifications.service.keep does: an unread one gives its place to the newer one about the same."""
        record, at = line.record, line.values["at"]
        known = record | {"company_name": self._companies[record["build"]]}
        facts = notices.facts(told, known, line.values["actor_name"])
        unread, about = self._open[user, record["id"]], (told.topic, told.event)
        if about not in unread:
            unread[about] = dict(zip(KEY, (user, record["id"], *about), strict=True)) | _NEW | {"id": self._dice.id()}
            self.rows.append(unread[about])
        unread[about] |= {"seq": line.values["seq"], "facts": facts, "created_at": at}


def _read_soon(row: Row, now: datetime) -> Row:
    if row["event"] in _NO_WORK and row["read_at"] is None and row["created_at"] + _SOON < now:
        return row | {"read_at": row["created_at"] + _SOON}
    return row
