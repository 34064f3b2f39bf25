"""Open forms: whoever has a record's form open hears of each save of it, as the form shows it.

No room is kept: at each save it is asked anew who of those who have it open may read the record now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import structlog

from bmu.errors import Forbidden, Invalid
from bmu.monthly_tax import service
from bmu.monthly_tax.fields import SOURCE_PAGES
from bmu.monthly_tax.snapshot import shape, snapshot
from bmu.monthly_tax.table import BY_PAGE
from bmu.realtime import wire
from bmu.realtime.listeners import Listener, OpenForm, listeners

OPEN, CLOSE, UPDATED = "form:open", "form:close", "form:updated"
LONGEST_ID = 36
log = structlog.get_logger(__name__)


def open_form(listener: Listener, asked: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """{id, page, version?, shape?} → {form}: the form as it is now, unless the page has that very form already.

    Raises Invalid, Forbidden (a page that one's role does not open), NotFound (a record one may not know of).
    """
    record_id, page = asked.get("id"), asked.get("page")
    if not isinstance(record_id, str) or len(record_id) > LONGEST_ID or page not in SOURCE_PAGES:
        raise Invalid()
    if not listener.actor.opens(BY_PAGE[page].name):
        raise Forbidden()
    # Known as open first, read second: what is committed in between comes by either way, or both.
    listener.form = OpenForm(record_id, page, lang)
    try:
        row = service.read(listener.actor, record_id)
    except Exception:
        listener.form = None
        raise
    # A client's change moves no record's version, but the shape of its forms.
    same = row["version"] == asked.get("version") and asked.get("shape", shape(row)) == shape(row)
    return {} if same else {"form": snapshot(page, row, lang)}


def close_form(listener: Listener) -> None:
    """The form is closed; nothing more is heard of it."""
    listener.form = None


def tell(row: Mapping[str, Any]) -> None:
    """A record was saved: each open form of it hears how it now reads, once for all that show it alike."""
    found: defaultdict[OpenForm, list[str]] = defaultdict(list)
    for listener in listeners.everyone():
        if listener.form and listener.form.record_id == row["id"] and service.may_read(listener.actor, row):
            found[listener.form].append(listener.sid)
    for form, sids in found.items():
        _tell(form, sids, row)


def _tell(form: OpenForm, sids: list[str], row: Mapping[str, Any]) -> None:
    """What goes wrong with one form keeps neither another nor the lists from being told."""
    try:
        wire.emit(UPDATED, snapshot(form.page, dict(row), form.lang), sids)
    except Exception:
        log.exception("form_told_badly", id=form.record_id, page=form.page)


def is_open(record_id: str) -> bool:
    """Whether a socket of this process has a form of this record open."""
    return any(one.form is not None and one.form.record_id == record_id for one in listeners.everyone())
