"""A client's history in words: its fields, and from which month on what has to be filed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from bmu.changes.models import ChangeLog
from bmu.clients.fields import FIELDS
from bmu.clients.obligations import FormsKind, in_force
from bmu.clients.obliging import KEPT
from bmu.i18n import N_, Month, month_text, translate
from bmu.tables.fieldset import Told, lines_in_words

_LABELS: Final = {key: (field.label, field.kind) for key, field in FIELDS.items()}
_SINCE = N_("แบบที่ต้องยื่น ตั้งแต่ {month}")


def told(lines: Iterable[ChangeLog], lang: str) -> list[Told]:
    """The lines of clients' histories, in their order, in `lang`."""
    kept = list(lines)
    return [
        replace(one, said=[*one.said, *_obliged(line.fields.get(KEPT), lang)])
        for line, one in zip(kept, lines_in_words(kept, _LABELS, lang), strict=True)
    ]


def _obliged(pair: Sequence[Any] | None, lang: str) -> Iterator[tuple[str, str, str]]:
    """(from which month on, what was in force then, what is from now on) for each month that was changed."""
    before, after = ((one or {}) for one in pair or ({}, {}))
    for month in sorted({*before, *after}):
        if before.get(month) != after.get(month):
            when = Month.parse(month)
            label = translate(_SINCE, lang).replace("{month}", month_text(when, lang))
            old, new = in_force(before, when), in_force(after, when)
            yield label, FormsKind().text(old, lang), FormsKind().text(new, lang)
