"""What each kind of fault did: how often it was done, what was saved meanwhile, what broke, how long returns took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.bench.report import Sheet
from tests.faults.plan import SERVER, WORDS, Point

MISSED, DOUBLED, OVERWRITTEN, OTHER = "missed", "doubled", "overwritten", "other"
HEAD = ("fault", "times", "saves", MISSED, DOUBLED, OVERWRITTEN, "returns", "worst ms")


class Broken(NamedTuple):
    """A promise that was broken: in which way (MISSED …), and the facts."""

    what: str
    text: str


class Return(NamedTuple):
    """A table that is right again: its name, so many ms after its connection's return, by what was "missed" or by
    reading "anew", and when (Unix time, ms)."""

    name: str
    ms: float
    how: str
    at: float


class Done(NamedTuple):
    """A point that was done, and when it began (Unix time, s)."""

    point: Point
    began: float

    def caused(self, one: Return) -> bool:
        """Whether this return may be its doing."""
        return one.at >= 1000 * self.began and (self.point.target == SERVER or one.name.startswith(self.point.target))


@dataclass
class Row:
    """One kind's figures. `worst`: ms."""

    times: int = 0
    saves: int = 0
    broken: Counter[str] = field(default_factory=Counter)
    returns: int = 0
    worst: float = 0.0


class Ledger:
    """The figures of all kinds. What breaks in a round is counted for each kind that was in it."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}

    def add(
        self, done: Iterable[Done], saved: Sequence[float], broken: Sequence[Broken], caught: Sequence[Return]
    ) -> None:
        """A round: what was done, when saves were acknowledged (Unix time, s), what broke, who came back."""
        for one in done:
            row, returns = self.rows.setdefault(one.point.kind, Row()), [r.ms for r in caught if one.caused(r)]
            row.times += 1
            row.saves += sum(at >= one.began for at in saved)
            row.broken.update(each.what for each in broken)
            row.returns += len(returns)
            row.worst = max(row.worst, *returns, 0.0)

    def sheet(self, title: str) -> Sheet:
        """The table, in the order in which the plan names the kinds."""
        sheet = Sheet(title, HEAD)
        for kind in WORDS:
            if row := self.rows.get(kind):
                broken = [row.broken[what] for what in (MISSED, DOUBLED, OVERWRITTEN)]
                sheet.add(
                    WORDS[kind], row.times, row.saves, *broken, row.returns, round(row.worst) if row.returns else "–"
                )
        return sheet
