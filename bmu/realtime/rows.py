"""Rows that somebody has just caught up with, kept for the next who does: after a restart a save that was missed is
missed by fifteen pages, each of which would read it and draw it.

A row is kept until the log says that it changed, or that something did which may show in any row (a client, a person).
"""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import Any

from bmu.extensions import db
from bmu.monthly_tax import queries
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.realtime.broadcast import form
from bmu.realtime.listeners import Variant
from bmu.realtime.recent import Line, recent

MOST, LONGEST = 2_000, 10.0  # rows; seconds, for what may be drawn otherwise without a word in the log: a new day


class Rows:
    """Rows as they were read at the place `_place` of the log or later, and each as it was drawn."""

    def __init__(self) -> None:
        self._rows: dict[str, queries.Values] = {}
        self._forms: dict[tuple[str, Variant], tuple[queries.Values, dict[str, Any]]] = {}
        self._place, self._begun, self._until = -1, 0, 0.0

    def read(self, ids: Sequence[str]) -> dict[str, queries.Values]:
        """The records of these ids as they are now, by id; those that are no more are left out."""
        db.session.rollback()  # as they are now, not as of the beginning of this: what is kept is others', too
        self._let_go(monotonic())
        place, known = self._place, {one: self._rows[one] for one in ids if one in self._rows}
        fresh = {row["id"]: row for row in queries.records([one for one in ids if one not in known])}
        if not recent.after(place):  # nothing was told while the database let us wait
            self._rows |= fresh
        return known | fresh

    def form(self, row: queries.Values, variant: Variant) -> dict[str, Any]:
        """One of the rows just read, in the form in which a listener wants it."""
        key = (row["id"], variant)
        drawn_of, drawn = self._forms.get(key, (None, {}))
        if drawn_of is not row:
            drawn = form(queries.to_json(row), row, variant)
            self._forms[key] = (row, drawn)
        return drawn

    def _let_go(self, now: float) -> None:
        """Of what may have changed since the last look."""
        lines = recent.after(self._place)
        others = lines is None or recent.begun != self._begun or any(map(_shows_anywhere, lines))
        if others or now > self._until or len(self._rows) > MOST:
            self._rows, self._forms, self._until, self._begun = {}, {}, now + LONGEST, recent.begun
        for line in lines or ():
            self._rows.pop(line.entity_id, None)
        self._place = recent.frontier


def _shows_anywhere(line: Line) -> bool:
    return line.entity != MonthlyTaxData.entity


rows = Rows()
