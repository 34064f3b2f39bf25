"""What lists of everybody's records were counted to be, and which months have changed since (decision 0024).

An answer about a month holds until one of its records, or anything but a record (a client, what it has to file, an
employee), changes. The change log says so, and it is asked each time: what another process has committed counts too.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

from flask import current_app
from sqlalchemy import and_, bindparam, func, select

from bmu.changes.horizon import HORIZON
from bmu.changes.models import ChangeLog, Counter
from bmu.changes.work import SEQ
from bmu.database import WRITE
from bmu.extensions import db
from bmu.i18n import Month
from bmu.monthly_tax.models import MonthlyTaxData

T = TypeVar("T")
Counts = dict[Month, int]
# Lists of everybody hold an id for each client: of so many answers those asked for last are kept, some 300 kB each in
# a firm of 3,300 clients. What one person is responsible for is asked anew: it grows with their work.
MOST: Final = 48
# Behind so many changes it is simpler to begin anew than to ask which months they were in.
FAR: Final = 5_000
_RECORD, _LINE = MonthlyTaxData.__table__.c, ChangeLog.__table__.c
_PLACES: Final = select(Counter.__table__.c.name, Counter.__table__.c.value).where(
    Counter.__table__.c.name.in_((SEQ, HORIZON))
)
_ITS_RECORD: Final = and_(_LINE.entity == MonthlyTaxData.entity, _RECORD.id == _LINE.entity_id)
_SINCE: Final = (
    select(_RECORD.tax_year, _RECORD.tax_month, func.max(_LINE.seq))
    .select_from(ChangeLog.__table__.outerjoin(MonthlyTaxData.__table__, _ITS_RECORD))
    .where(_LINE.seq > bindparam("seq"))
    .group_by(_RECORD.tax_year, _RECORD.tax_month)
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A value, and the place of the log at which it was asked for: it may be newer, never older."""

    value: Any
    seq: int


class Kept:
    """The answers of one process, and the place of each month's last change as far as the log was read."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._months: dict[Month, int] = {}
        self._all = self._read = -1

    def of_month(self, key: Hashable, month: Month, ask: Callable[[], T]) -> T:
        """What `ask()` answers about `month`, asked only if that may have changed. `key` names the question."""
        seq = self._look()
        if seq is None:
            return ask()
        found = self._answers.get((key, month))
        if found is None or found.seq < max(self._all, self._months.get(month, -1)):
            found = Answer(ask(), seq)
        self._keep((key, month), found)
        return cast(T, found.value)

    def by_month(self, key: Hashable, ask: Callable[[], Counts], again: Callable[[Month], int]) -> Counts:
        """What `ask()` counts in each month; only months that have changed are counted `again`."""
        seq = self._look()
        if seq is None:
            return ask()
        found = self._answers.get(key)
        if found is None or found.seq < self._all:
            found = Answer(ask(), seq)
        elif changed := [month for month, last in self._months.items() if last > found.seq]:
            found = Answer(found.value | {month: again(month) for month in changed}, seq)
        self._keep(key, found)
        return cast(Counts, found.value)

    def _keep(self, key: Hashable, answer: Answer) -> None:
        self._answers[key] = answer
        self._answers.move_to_end(key)
        if len(self._answers) > MOST:
            self._answers.popitem(last=False)

    def _look(self) -> int | None:
        """Read on in the log; the place that was read up to. None inside a transaction that writes: what it sees may
        be undone, and nobody else may be told of it."""
        if db.session.connection().get_execution_options().get(WRITE):
            return None
        places = {row.name: row.value for row in db.session.execute(_PLACES)}
        seq, horizon = places.get(SEQ, 0), places.get(HORIZON, 0)
        # Behind the horizon the log is silent: trimmed, or another one since a backup was restored.
        if not max(horizon, seq - FAR) <= self._read <= seq:
            self._answers.clear()
            self._months, self._all, self._read = {}, seq, seq
        elif self._read < seq:
            self._read_on(seq)
        return seq

    def _read_on(self, seq: int) -> None:
        for year, month, last in db.session.execute(_SINCE, {"seq": self._read}).all():
            if year is None:
                self._all = max(self._all, last)
            else:
                self._months[Month(year, month)] = max(self._months.get(Month(year, month), -1), last)
        self._read = max(self._read, seq)  # another green thread may have read further meanwhile


def kept() -> Kept:
    """What this app has kept. Its databases' answers are nobody else's."""
    found: Kept = current_app.extensions.setdefault("bmu.kept", Kept())
    return found
