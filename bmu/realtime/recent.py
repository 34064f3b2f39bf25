"""The end of the change log, in memory: who comes back was mostly away for seconds, and after a restart all come back.

Each line is noted before this process tells it. So whoever has joined its rooms first needs nothing but what is noted
here: every later line will be told to them. Only places are kept and whom they concerned; rows are read as they are
now. Nothing here is the truth: what the memory does not reach is read from the log (catchup).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from threading import Lock
from typing import NamedTuple

from sqlalchemy import select

from bmu.changes.horizon import horizon
from bmu.changes.models import ChangeAudience, ChangeLog
from bmu.changes.work import By, Change
from bmu.clients.models import Client
from bmu.extensions import db
from bmu.offload import sleep
from bmu.realtime.listeners import EVERYONE

MOST_KEPT = 4000  # lines; some three minutes of saving without a pause
MARGIN = 200  # lines that are read besides, because the next who comes back was away a little longer
PORTION = 2 * MARGIN
_LOG, _AUDIENCE = ChangeLog.__table__.c, ChangeAudience.__table__.c


class Line(NamedTuple):
    """A line of the log: its place, what it is about, and who was to hear of it."""

    seq: int
    entity: str
    entity_id: str
    people: frozenset[str]

    @classmethod
    def of(cls, change: Change) -> Line:
        """What is remembered of a change: neither its values nor its row."""
        return cls(change.seq, change.entity, change.entity_id, change.before | change.after)


class Recent:
    """All lines from the place after `floor` up to `frontier`, and perhaps some behind it: another process's line
    that is still to be read may lie between. `floor` None: nothing is known yet."""

    def __init__(self) -> None:
        self._lines: dict[int, Line] = {}
        self._filling = Lock()
        self.floor: int | None = None
        self.begun = 0  # how often: what was remembered of before is of another log
        self.frontier = self._newest = 0
        self._barrier = -1  # behind this place there is a hole: nobody need try again

    def begin(self, seq: int) -> None:
        """Everything up to `seq` lies behind us. Also where the memory has a hole: it begins anew."""
        self._lines = {place: line for place, line in self._lines.items() if place > seq}
        self.floor = self.frontier = seq
        self.begun += 1
        self._newest = max(self._lines, default=seq)
        self._advance()

    def holds(self, seq: int) -> bool:
        """Whether `seq` is one of the places up to which all is known."""
        return self.floor is not None and self.floor <= seq <= self.frontier

    def forget(self) -> None:
        """Know nothing."""
        self._lines, self.floor, self.frontier, self._newest, self._barrier = {}, None, 0, 0, -1

    def note(self, changes: Iterable[Change]) -> None:
        """Remember these, in whatever order they come. Before they are told."""
        for one in changes:
            self._lines[one.seq] = Line.of(one)
            self._newest = max(self._newest, one.seq)
        self._advance()
        if len(self._lines) > 2 * MOST_KEPT:
            self._prune()

    def _advance(self) -> None:
        while self.floor is not None and self.frontier + 1 in self._lines:
            self.frontier += 1

    def _prune(self) -> None:
        kept = self._newest - MOST_KEPT
        self._lines = {place: line for place, line in self._lines.items() if place > kept}
        if self.floor is not None:
            self.floor, self.frontier = max(self.floor, kept), max(self.frontier, kept)
            self._advance()

    def after(self, seq: int, person: str = EVERYONE) -> list[Line] | None:
        """The lines after place `seq` that concerned `person` (`*`: all), in order. None when the memory does not
        reach so far back, or not so far ahead."""
        lines, floor = self._lines, self.floor
        if floor is None or not floor <= seq <= self.frontier:
            return None
        found = (lines.get(place) for place in range(seq + 1, self._newest + 1))
        return [line for line in found if line and (person == EVERYONE or person in line.people)]

    def is_quiet(self, person: str | None, since: int) -> bool:
        """Whether certainly nothing happened after `since` to the records of `person` (None: of anybody)."""
        lines = self.after(since)
        if lines is None:
            return False
        return not any(person is None or person in line.people or line.entity == Client.entity for line in lines)

    def reach(self, seq: int) -> None:
        """Read the log back to place `seq`, unless that is too far. One reading serves all who were away as long."""
        if self.floor is None or seq >= self.floor:
            return
        with self._filling:  # a thousand may ask at once: the others find it done
            floor = self.floor
            if not max(floor - MOST_KEPT, self._barrier) < seq < floor:
                return
            bottom = max(seq - MARGIN, horizon())
            if bottom > seq or not self._fill(bottom, floor):
                self._barrier = seq
        db.session.rollback()  # rows are read as of now, not as of the beginning of this

    def _fill(self, bottom: int, top: int) -> bool:
        found: dict[int, Line] = {}
        place = bottom
        while place < top and (lines := read(place, min(PORTION, top - place))):
            found |= {line.seq: Line.of(line) for line in lines if line.seq <= top}
            place = lines[-1].seq
            sleep(0)  # others have their turn between two portions
        if len(found) < top - bottom or self.floor != top:
            return False  # something was restored or trimmed there
        self._lines = found | self._lines
        self.floor = bottom
        return True


def read(since: int, most: int) -> list[Change]:
    """The first changes of the log after place `since`, at most so many, in order, with who was to hear of them."""
    columns = (_LOG.seq, _LOG.entity, _LOG.entity_id, _LOG.version, _LOG.action)
    lines = db.session.execute(select(*columns).where(_LOG.seq > since).order_by(_LOG.seq).limit(most)).all()
    if not lines:
        return []
    heard: defaultdict[int, set[str]] = defaultdict(set)
    between = (_AUDIENCE.seq > since) & (_AUDIENCE.seq <= lines[-1].seq)
    for seq, person in db.session.execute(select(_AUDIENCE.seq, _AUDIENCE.employee_id).where(between)):
        heard[seq].add(person)
    now = datetime.now(UTC)
    return [
        Change(
            *(line.entity, line.entity_id, line.version, line.action, None, By(None), now, {}),
            before=frozenset(heard[line.seq]),
            after=frozenset(),
            seq=line.seq,
        )
        for line in lines
    ]


recent = Recent()
