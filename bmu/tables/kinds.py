"""The kinds of values that there are: how each is parsed, reads, looks and travels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from bmu.i18n import BE_OFFSET, N_, date_words, moment_full, moment_short, moment_words, translate
from bmu.tables.kind import EMPTY, Kind, Unfit

__all__ = ["EMPTY", "Choice", "Count", "Day", "Kind", "Moment", "Money", "Option", "Person", "Text", "Unfit"]


@dataclass(frozen=True)
class Text(Kind):
    """Text of at most `limit` characters; trimmed; empty becomes None."""

    limit: int = 4000
    many_lines: bool = False

    def parse(self, raw: Any) -> str | None:
        if raw is None:
            return None
        if not isinstance(raw, str):
            raise Unfit(N_("ต้องเป็นข้อความ"))
        text = raw.replace("\r\n", "\n").strip()
        if len(text) > self.limit:
            raise Unfit(N_("ข้อความยาวเกินไป"))
        if any(map(_unfit_sign, text)):
            raise Unfit(N_("มีอักขระที่ไม่อนุญาต"))
        return text or None

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.limit}


def _unfit_sign(sign: str) -> bool:
    """Control characters, and halves of a surrogate pair: JSON can say these, UTF-8 cannot."""
    return (sign < " " and sign not in "\n\t") or "\ud800" <= sign <= "\udfff"


@dataclass(frozen=True)
class Option:
    """One choice: its `code` in data, its Thai `label`, the label used in filters when it differs, its tone."""

    code: str
    label: str
    filter_label: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Choice(Kind):
    """One of a fixed list of codes, or None. `absent` is how None reads."""

    options: tuple[Option, ...]
    absent: str = EMPTY
    macro = "chip"

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(option.code for option in self.options)

    def parse(self, raw: Any) -> str | None:
        if raw is None or raw == "":
            return None
        if not isinstance(raw, str) or raw not in self.codes:
            raise Unfit(N_("ไม่ใช่ตัวเลือกที่มี"))
        return raw

    def text(self, value: Any, lang: str) -> str:
        return _labels(self, lang).get(value, str(value))

    def tone(self, value: Any) -> str:
        return _tones(self).get(value, "")

    def place(self, value: Any) -> int:
        """The value's place in the catalogue, for sorting; None comes last."""
        return self.codes.index(value) if value in self.codes else len(self.options)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": [*self.codes]}


@cache
def _labels(kind: Choice, lang: str) -> dict[str | None, str]:
    labels: dict[str | None, str] = {option.code: translate(option.label, lang) for option in kind.options}
    absent = kind.absent if kind.absent == EMPTY else translate(kind.absent, lang)
    return labels | {None: absent, "": absent}


@cache
def _tones(kind: Choice) -> dict[str, str]:
    return {option.code: option.tone or option.code for option in kind.options}


@dataclass(frozen=True)
class Day(Kind):
    """A calendar date without time or zone. Years after 2500 are Buddhist (domain §6)."""

    macro = "day"

    def parse(self, raw: Any) -> date | None:
        if raw is None or raw == "":
            return None
        if isinstance(raw, datetime):
            raise Unfit(N_("วันที่ไม่ถูกต้อง"))
        found = raw if isinstance(raw, date) else _parse_day(raw)
        if not 1950 <= found.year <= 2200:
            raise Unfit(N_("วันที่ไม่ถูกต้อง"))
        return found

    def text(self, value: date | None, lang: str) -> str:
        return f"{value:%d/%m/%Y}" if value else EMPTY

    def title(self, value: date | None, lang: str) -> str:
        return date_words(value, lang) if value else ""

    def entry(self, value: date | None) -> str:
        return f"{value:%d/%m/%Y}" if value else ""

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


def _parse_day(raw: Any) -> date:
    """DD/MM/YYYY with / - or . between, or YYYY-MM-DD; Gregorian or Buddhist."""
    parts = str(raw).strip().replace("-", "/").replace(".", "/").split("/")
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() and len(part) <= 4 for part in parts):
        raise Unfit(N_("วันที่ไม่ถูกต้อง"))
    if len(parts[0]) == 4:
        parts.reverse()
    day, month, year = (int(part) for part in parts)
    try:
        # Subtract before making the date: 2567 is no leap year by itself, 2024 is (stack §7).
        return date(year - BE_OFFSET if year > 2500 else year, month, day)
    except ValueError:
        raise Unfit(N_("วันที่ไม่ถูกต้อง")) from None


@dataclass(frozen=True)
class Moment(Kind):
    """A point in time, UTC; set by the server only, so nothing can be parsed."""

    macro = "moment"

    def parse(self, raw: Any) -> datetime | None:
        raise Unfit(N_("ระบบเป็นผู้บันทึกเวลานี้เอง"))

    def text(self, value: datetime | None, lang: str) -> str:
        return moment_short(value) if value else EMPTY

    def title(self, value: datetime | None, lang: str) -> str:
        return moment_words(value, lang) if value else ""

    def restore(self, carried: str | None) -> datetime | None:
        return datetime.fromisoformat(carried) if carried else None

    def full(self, value: datetime | None, lang: str) -> str:
        """With the year and seconds, Bangkok time."""
        return moment_full(value) if value else EMPTY

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


@dataclass(frozen=True)
class Count(Kind):
    """A whole number from 0 to 1,000,000."""

    numeric = True
    macro = "number"

    def parse(self, raw: Any) -> int | None:
        if raw is None or raw == "":
            return None
        text = str(raw).strip().replace(",", "").removesuffix(".0")
        if isinstance(raw, bool) or not (text.isascii() and text.isdecimal()):
            raise Unfit(N_("ต้องเป็นจำนวนเต็มตั้งแต่ 0 ขึ้นไป"))
        # Length first: Python refuses to read a number of thousands of digits.
        if len(text) > 20 or int(text) > 1_000_000:
            raise Unfit(N_("จำนวนมากเกินไป"))
        return int(text)

    def text(self, value: int | None, lang: str) -> str:
        return EMPTY if value is None else f"{value:,}"

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 0, "maximum": 1_000_000}


@dataclass(frozen=True)
class Money(Kind):
    """Baht with two decimals, DECIMAL(15,2); 0 or more."""

    numeric = True
    macro = "number"

    def parse(self, raw: Any) -> Decimal | None:
        if raw is None or raw == "":
            return None
        if isinstance(raw, bool):
            raise Unfit(N_("ต้องเป็นจำนวนเงิน"))
        try:
            amount = Decimal(str(raw).strip().replace(",", ""))
        except InvalidOperation:
            raise Unfit(N_("ต้องเป็นจำนวนเงิน")) from None
        if not amount.is_finite() or amount < 0 or amount >= Decimal(10) ** 13:
            raise Unfit(N_("จำนวนเงินไม่ถูกต้อง"))
        if amount != round(amount, 2):
            raise Unfit(N_("จำนวนเงินมีทศนิยมได้ไม่เกินสองตำแหน่ง"))
        return amount.quantize(Decimal("0.01"))

    def text(self, value: Decimal | None, lang: str) -> str:
        return EMPTY if value is None else f"{value:,.2f}"

    def raw(self, value: Decimal | None) -> str:
        return "" if value is None else f"{value:.2f}"

    def schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": 0}


@dataclass(frozen=True)
class Person(Kind):
    """An employee id; reads as `ชื่อ(ชื่อเล่น)` (domain §1.3). The row brings the names."""

    macro = "person"

    def parse(self, raw: Any) -> str | None:
        if raw is None or raw == "":
            return None
        if not isinstance(raw, str) or not 1 <= len(raw) <= 20:
            raise Unfit(N_("รหัสพนักงานไม่ถูกต้อง"))
        return raw

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": 20}
