"""A row's HTML: by the one macro that draws rows, for page, answer and event alike, blind to who looks."""

from __future__ import annotations

from typing import Any

from flask import current_app
from markupsafe import Markup

from bmu.i18n import translate
from bmu.tables.table import Row, Table


def row_html(table: Table, row: Row, lang: str) -> Markup:
    """The `<tr>` of `row` in `table`, in `lang`. Needs an application context, never a request."""
    macro: Any = current_app.jinja_env.get_template(table.template).module
    html: Markup = macro.row(table, row, lang, translate)
    return html
