"""What was measured, beside its bars: as tables that read alike in a terminal and in docs/performance.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import quantiles

Cell = str | float | int


@dataclass(frozen=True)
class Bar:
    """What a figure may be at most."""

    most: float

    def verdict(self, value: float) -> str:
        """`value` beside the bar, in words."""
        return f"{'PASS' if value <= self.most else 'over'} (≤ {said(self.most)})"


@dataclass
class Sheet:
    """A table of figures under a title. `notes` are sentences below it."""

    title: str
    head: Sequence[str]
    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, *cells: Cell) -> None:
        """One more row."""
        self.rows.append([said(cell) for cell in cells])

    def markdown(self) -> str:
        """The sheet as Markdown, its columns aligned: the first to the left, the others to the right."""
        wide = [max(map(len, column)) for column in zip(self.head, *self.rows, strict=True)]
        rule = ["-" * wide[0], *("-" * (width - 1) + ":" for width in wide[1:])]
        lines = [_line(row, wide) for row in (self.head, rule, *self.rows)]
        return "\n".join((f"### {self.title}", "", *lines, "", *self.notes)).rstrip() + "\n"


def _line(cells: Sequence[str], wide: Sequence[int]) -> str:
    first, *rest = zip(cells, wide, strict=True)
    shown = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
    return f"| {' | '.join(shown)} |"


def said(cell: Cell) -> str:
    """A figure with three digits that mean something; words as they are."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int) or cell >= 100:
        return f"{cell:,.0f}"
    return f"{cell:.1f}" if cell >= 10 else f"{cell:.2f}"


def percentile(values: Sequence[float], percent: int) -> float:
    """The value below which `percent` of 100 lie; NaN of none."""
    if len(values) < 2:
        return values[0] if values else float("nan")
    return quantiles(values, n=100, method="inclusive")[percent - 1]
