"""A table: its columns, and a row of values made ready for the one macro that draws rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from bmu.i18n import translate
from bmu.tables.column import Column

Row = Mapping[str, Any]
# What the rows of one reading share: the people in them, as they are called. All else in a row is its own.
SHARED = frozenset({"names", "employees"})


class Cell(NamedTuple):
    """One cell as templates/tables/row.html draws it, in this order. `writers`: employee ids that may edit it,
    space-separated; `macro` is "absent" where the value does not apply (a VAT column of a client without VAT)."""

    key: str
    macro: str
    raw: str
    text: str
    title: str
    tone: str
    side: str
    own: bool
    editor: str
    writers: str


class Group(NamedTuple):
    """A heading over neighbouring columns: its key, Thai label, how many columns it spans."""

    key: str
    label: str
    span: int
    side: str


@dataclass(frozen=True)
class Table:
    """A page's table. `name` is its URL and `data-table`; `page` its sourcePage.

    `writers(column, row)` says who may edit a cell; `absent(column, row)` what is said in its place (Thai source) where
    it does not apply to the row at all, else "".
    Both look at the row only: a broadcast does not know who looks. `template` has the macro `row` that draws rows.
    """

    name: str
    page: str
    title: str
    columns: tuple[Column, ...]
    groups: tuple[tuple[str, str, str], ...]
    writers: Callable[[Column, Row], tuple[str, ...]]
    absent: Callable[[Column, Row], str]
    template: str = "tables/row.html"

    @cached_property
    def by_key(self) -> dict[str, Column]:
        """The columns by their keys."""
        return {column.key: column for column in self.columns}

    @cached_property
    def sortable(self) -> tuple[str, ...]:
        """Keys one may sort by."""
        return tuple(column.key for column in self.columns if column.sort)

    @cached_property
    def people(self) -> tuple[str, ...]:
        """Keys of the columns that show a person by name."""
        return tuple(column.key for column in self.columns if column.kind.macro == "person")

    def headings(self) -> tuple[Group, ...]:
        """The header groups, in order, with their spans."""
        spans = {key: sum(column.group == key for column in self.columns) for key, _, _ in self.groups}
        return tuple(Group(key, label, spans[key], side) for key, label, side in self.groups if spans[key])

    def cells(self, row: Row, lang: str) -> list[Cell]:
        """The cells of `row` after the first two sticky ones, which the row macro draws itself."""
        return [self._cell(column, row, lang) for column in self.columns if column.group]

    def _cell(self, column: Column, row: Row, lang: str) -> Cell:
        kind, value, absent = column.kind, row[column.key], self.absent(column, row)
        writers = " ".join(self.writers(column, row)) if column.editor and not absent else ""
        if kind.macro == "person":
            text = row["names"].get(value, value or "–")
        else:
            text = translate(absent, lang) if absent else kind.text(value, lang)
        return Cell(
            column.key,
            "absent" if absent else kind.macro,
            "" if absent else kind.raw(value),
            text,
            "" if absent else kind.title(value, lang),
            "" if absent else kind.tone(value),
            column.side,
            column.own,
            column.editor,
            writers,
        )
