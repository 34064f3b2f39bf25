"""A column of a table: which value, what kind, how it is headed, who may edit it."""

from __future__ import annotations

from dataclasses import dataclass, field

from bmu.tables.kinds import Kind, Text

ALL_MODES = frozenset({"all", "wht", "vat"})


@dataclass(frozen=True)
class Column:
    """`key` names the value in the row; `label` is whole, `head` is what the narrow header says (Thai sources).

    `group`: key of the header group it stands under. `side`: "wht", "vat" or "" (both modes show it).
    `editor`: which editor the cell opens ("status", "payment"), "" for none. `own`: the role column that the
    page's own list is made of, hidden where a person looks at their own rows. `sort`: may be sorted by.
    """

    key: str
    label: str
    kind: Kind = field(default_factory=Text)
    head: str = ""
    group: str = ""
    side: str = ""
    editor: str = ""
    own: bool = False
    sort: bool = True

    @property
    def heading(self) -> str:
        """What the header cell says (Thai source)."""
        return self.head or self.label
