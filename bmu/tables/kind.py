"""What a kind of values is: what it answers, once for page, event, API and import. The kinds are in kinds.py."""

from __future__ import annotations

from typing import Any

from bmu.changes.work import plain

EMPTY = "–"


class Unfit(ValueError):
    """A value that does not fit its kind; the argument is a Thai source string for the person."""


class Kind:
    """A kind of value. `macro` names the cell macro in templates/tables/row.html that draws it."""

    macro = "text"
    numeric = False

    def parse(self, raw: Any) -> Any:
        """What a person, a file or the API gave → the value to store (None for empty). Raises Unfit."""
        raise NotImplementedError  # pragma: no cover - every kind has its own

    def restore(self, carried: Any) -> Any:
        """A value as JSON carries it, back as it is stored. For what the server itself wrote down."""
        return None if carried is None else self.parse(carried)

    def full(self, value: Any, lang: str) -> str:
        """How a value reads where there is room: on a record's own page and in its history."""
        return self.text(value, lang)

    def text(self, value: Any, lang: str) -> str:
        """How a value reads in a cell, in `lang`."""
        return EMPTY if value is None or value == "" else str(value)

    def title(self, value: Any, lang: str) -> str:
        """What the cell's tooltip and a screen reader add; empty when the text says it all."""
        return ""

    def tone(self, value: Any) -> str:
        """The name of the value's colour; empty for none."""
        return ""

    def raw(self, value: Any) -> str:
        """The value as `data-value` carries it."""
        carried = plain(value)
        return "" if carried is None else str(carried)

    def entry(self, value: Any) -> str:
        """The value as it stands in an input; `parse` reads it back."""
        return self.raw(value)

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the value as the API carries it (null is allowed besides, always)."""
        return {"type": "string"}
