"""How a value stands in a cell of a file: typed, in Bangkok's time, with the colour of its status. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from bmu.i18n import BANGKOK
from bmu.tables.kinds import Choice, Count, Day, Kind, Moment, Money, Person

TEXT: Final = "text"
# What the tones of static/css/tones.css are in a file, where there is no light-dark(). A contract test compares.
TONES: Final = {
    "received_receipt": "#4facfe",
    "paid": "#ffc107",
    "sent_to_customer": "#81d4fa",
    "draft_completed": "#ffb74d",
    "passed": "#4caf50",
    "pending_review": "#ff6b35",
    "pending_recheck": "#f44336",
    "draft_ready": "#f8bbd9",
    "needs_correction": "#f44336",
    "inquire_customer": "#9c27b0",
    "additional_review": "#81d4fa",
    "not_submitted": "#3d4046",
    "not_started": "#808080",
    "good": "#4caf50",
    "clear": "#4caf50",
    "no_payment": "#4caf50",
    "warn": "#ffc107",
    "bad": "#f44336",
    "owes": "#f44336",
    "has_payment": "#f44336",
    "busy": "#ff6b35",
    "vat": "#2e7d32",
}
Value = str | int | float | date | datetime | None


class Cell(NamedTuple):
    """A value as files keep it. `style`: text, day, moment, count or money; `tone`: a key of TONES, or ""."""

    value: Value
    style: str = TEXT
    tone: str = ""


BLANK: Final = Cell(None)


def cell(kind: Kind, value: Any, lang: str, names: Mapping[str, str] | None = None) -> Cell:
    """The cell of `value`; people by `names` where given, else by their ids."""
    if value is None or value == "":
        return BLANK
    if isinstance(kind, Moment):
        return Cell(value.astimezone(BANGKOK).replace(tzinfo=None, microsecond=0), "moment")
    if isinstance(kind, Day):
        return Cell(value, "day")
    if isinstance(kind, Count):
        return Cell(int(value), "count")
    if isinstance(kind, Money):
        return Cell(float(value), "money")
    if isinstance(kind, Choice):
        tone = kind.tone(value)
        return Cell(kind.text(value, lang), tone=tone if tone in TONES else "")
    if isinstance(kind, Person):
        return Cell((names or {}).get(value, value))
    return Cell(kind.text(value, lang))


def tint(tone: str) -> str:
    """The light ground of a status: dark text on it is easily read (WCAG AA), whatever the hue."""
    red, green, blue = (int(TONES[tone][at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{255 - (255 - part) * 35 // 100:02x}" for part in (red, green, blue))


def plain(value: Value) -> str:
    """A value as CSV says it: ISO dates, which no program takes for another day."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{Decimal(str(value)):.2f}"
    return guarded(value) if isinstance(value, str) else str(value)


_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula (ASVS 1.2.10): an apostrophe before what would begin one, and
    before an apostrophe that stands there already, so that `unguarded` knows which was ours."""
    return f"'{text}" if text.lstrip(" '").startswith(_DANGEROUS) or text.startswith(_DANGEROUS) else text


def unguarded(text: str) -> str:
    """The text that `guarded` was given."""
    return text[1:] if text.startswith("'") and guarded(text[1:]) == text else text
