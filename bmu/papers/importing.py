"""An import: read, compare, and only then one transaction. A file with a single fault changes nothing.

Reading is done in a thread, comparing in portions between which others run; the database is held for the writing alone.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from bmu.changes.work import By
from bmu.errors import Conflict, DeskError
from bmu.i18n import N_
from bmu.offload import offload, sleep
from bmu.papers.reading import Found, Line, read
from bmu.papers.sheet import Sheet

BATCH: Final = 6  # lines; few, because whoever saves meanwhile waits for some of these turns
READ, COMPARED, WRITTEN = 20, 50, 99
TWICE = N_("ซ้ำกับแถวก่อนหน้า")
CHANGED_MEANWHILE = N_("มีผู้อื่นแก้ไขข้อมูลเดียวกันระหว่างนี้ กรุณาลองใหม่อีกครั้ง")


@dataclass(frozen=True)
class Step:
    """How far an import has come, in percent."""

    percent: int


@dataclass
class Plan:
    """What a file would change: lines that are `new`, that `change` something, that are the `same`; `work` is what the
    importer needs to do it."""

    new: int = 0
    change: int = 0
    same: int = 0
    work: list[Any] = field(default_factory=list)

    @property
    def lines(self) -> int:
        return self.new + self.change + self.same


@dataclass(frozen=True)
class Report:
    """How it ended: what was found, what it would change, whether it was done."""

    found: Found
    plan: Plan
    done: bool


class Importer(Protocol):
    """What is imported: its sheet, how a line compares with the database, how the plan is carried out."""

    @property
    def sheet(self) -> Sheet: ...

    def known(self) -> Any:
        """What lines are compared with."""

    def compare(self, line: Line, known: Any, plan: Plan, found: Found) -> None:
        """Add the line to the plan, or its faults to what was found."""

    def write(self, by: By, plan: Plan, reason: str) -> Iterator[float]:
        """Do it in one transaction; yields the share that is done (0 to 1). Raises DeskError: nothing was changed."""


def run(importer: Importer, data: bytes, by: By, *, dry: bool, reason: str = "") -> Iterator[Step | Report]:
    """Import the file `data`: steps, and at last the report. `dry`: only say what would be.

    Nothing is yielded while the database is held: a slow listener must not hold up everybody's saves.
    """
    yield Step(1)
    found = offload(read, data, importer.sheet)
    plan, known = Plan(), importer.known() if found.lines else None
    for start in range(0, len(found.lines), BATCH):
        for line in found.lines[start : start + BATCH]:
            importer.compare(line, known, plan, found)
        yield Step(READ + (COMPARED - READ) * start // len(found.lines))
        sleep(0)
    done = False
    if not (dry or found.faults):
        yield Step(COMPARED)
        done = yield from _written(importer, by, plan, reason, found)
    yield Report(found, plan, done)


def _written(importer: Importer, by: By, plan: Plan, reason: str, found: Found) -> Generator[Step, None, bool]:
    """Whether it was done; what was refused is among the faults."""
    try:
        for share in importer.write(by, plan, reason) if plan.work else ():
            yield Step(COMPARED + round((WRITTEN - COMPARED) * share))
    except DeskError as refused:
        texts = [text for said in refused.errors.values() for text in said]
        meanwhile = CHANGED_MEANWHILE if isinstance(refused, Conflict) else ""
        for text in texts or [meanwhile or refused.said()]:
            found.blame("", text)
        return False
    return True
