"""A row's HTML: by the one macro that draws rows, for page, answer and event alike, blind to who looks."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from flask import current_app
from markupsafe import Markup

from bmu.i18n import translate
from bmu.tables.table import SHARED, Row, Table

# Rows kept as they were drawn: those of a firm's month in all tables; some 10 kB each.
KEPT = 2_000
_drawn: dict[Hashable, Markup] = {}


def row_html(table: Table, row: Row, lang: str) -> Markup:
    """The `<tr>` of `row` in `table`, in `lang`. Needs an application context, never a request."""
    html: Markup = _macro(table)(table, row, lang, translate)
    return html


def rows_html(table: Table, rows: Iterable[Row], lang: str) -> list[Markup]:
    """The `<tr>`s of `rows`, for pages: what stands as it stood when last drawn is not drawn again.

    A row that is blind to the viewer is a function of its values and the names in it, and these are what it is found
    by: nothing has to be told when something changes.
    """
    macro = _macro(table)
    return [_row(macro, table, row, lang) for row in rows]


def _row(macro: Any, table: Table, row: Row, lang: str) -> Markup:
    key = (macro, table.name, lang, *_values(table, row))
    html = _drawn.get(key)
    if html is None:
        if len(_drawn) >= KEPT:
            _drawn.clear()  # simpler than to know which are old, and drawing all of a page again takes 10 ms
        html = _drawn[key] = macro(table, row, lang, translate)
    return html


def _values(table: Table, row: Row) -> Iterable[Hashable]:
    """All that can make two rows of a table look different."""
    yield from (value for key, value in row.items() if key not in SHARED)
    yield from (row["names"].get(row[key]) for key in table.people)


def _macro(table: Table) -> Any:
    return current_app.jinja_env.get_template(table.template).module.row  # type: ignore[attr-defined]
