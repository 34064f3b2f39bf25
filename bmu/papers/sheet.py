"""A sheet: its columns, said once for the export, the template, the import and the command."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bmu.i18n import translate
from bmu.tables.kinds import Kind, Text


@dataclass(frozen=True)
class Column:
    """A column: `key` of the value in a row, Thai `label` above it (English by the catalogue), its kind.

    `required`: an import refuses a file without it. `said_only`: written for the reader's eyes, not read back.
    """

    key: str
    label: str
    kind: Kind = field(default_factory=Text)
    required: bool = False
    said_only: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Every heading under which an import finds the column."""
        return self.label, translate(self.label, "en"), self.key


@dataclass(frozen=True)
class Sheet:
    """`name` stands in the file's name and address, `title` (Thai source) on the sheet's tab."""

    name: str
    title: str
    columns: tuple[Column, ...]

    def headings(self, lang: str) -> list[str]:
        """What stands above the columns."""
        return [translate(column.label, lang) for column in self.columns]

    def without(self, keys: Iterable[str]) -> Sheet:
        """The sheet without some of its columns."""
        away = frozenset(keys)
        return Sheet(self.name, self.title, tuple(column for column in self.columns if column.key not in away))
