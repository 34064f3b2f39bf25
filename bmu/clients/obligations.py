"""What a client has to file, from which month on: the forms' names, and schedules of them. Pure.

A schedule is {month: forms}: from that month on these forms, until the next one. It is what JSON carries and what the
change log keeps. Before its first month, and without any, nothing is known: then every form may have to be filed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from bmu.i18n import BE_OFFSET, N_, Month, translate
from bmu.tables.kinds import EMPTY, Kind, Unfit

VAT_RETURN: Final = "pp30"
# By code, in the order of the monthly form (domain §10.4), the VAT return last.
FORMS: Final[Mapping[str, str]] = {
    "pnd_1_40_1": N_("ภ.ง.ด.1 40(1)"),
    "pnd_1_40_2": N_("ภ.ง.ด.1 40(2)"),
    "pnd_3": N_("ภ.ง.ด.3"),
    "pnd_53": N_("ภ.ง.ด.53"),
    "pp_36": N_("ภ.พ.36"),
    "pnd_54": N_("ภ.ง.ด.54"),
    "social_security_form": N_("ประกันสังคม"),
    "student_loan_form": N_("กยศ."),
    "pt_40": N_("ภ.ธ.40"),
    "pnd_2": N_("ภ.ง.ด.2"),
    VAT_RETURN: N_("ภ.พ.30"),
}
NONE = N_("ไม่มีแบบที่ต้องยื่น")
_SAYS_NONE: Final = frozenset({"-", EMPTY, "none", NONE, "No form to file"})

Forms = tuple[str, ...]
Schedule = Mapping[str, list[str]]


def ordered(codes: Iterable[str]) -> Forms:
    """Codes in the order of the form, each once."""
    wanted = set(codes)
    return tuple(code for code in FORMS if code in wanted)


def with_month(schedule: Schedule, since: Month, forms: Forms | None) -> dict[str, list[str]]:
    """The schedule with these forms from `since` on; None takes that month out of it."""
    changed: dict[str, list[str]] = {**schedule, str(since): list(forms or ())}
    if forms is None:
        del changed[str(since)]
    return dict(sorted(changed.items()))


def in_force(schedule: Schedule, month: Month) -> Forms | None:
    """What has to be filed in a month; None where nothing is known."""
    begun = [since for since in schedule if since <= str(month)]
    return tuple(schedule[max(begun)]) if begun else None


def words(forms: Iterable[str], lang: str) -> str:
    """Forms as people read them: `ภ.ง.ด.3, ภ.พ.30`."""
    return ", ".join(translate(FORMS.get(code, code), lang) for code in forms) or translate(NONE, lang)


@dataclass(frozen=True)
class FormsKind(Kind):
    """Some of the forms: a list of codes, or their names or codes in a text with commas between (`-` for none).
    Kept as a tuple of codes in the form's order; None where nothing was said."""

    def parse(self, raw: Any) -> Forms | None:
        if raw is None or raw == "":
            return None
        if isinstance(raw, str):
            raw = () if raw.strip() in _SAYS_NONE else raw.split(",")
        if not isinstance(raw, list | tuple) or not all(isinstance(one, str) for one in raw):
            raise Unfit(N_("ไม่ใช่ตัวเลือกที่มี"))
        return ordered(_code(one) for one in raw)

    def text(self, value: Iterable[str] | None, lang: str) -> str:
        return EMPTY if value is None else words(value, lang)

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string", "enum": list(FORMS)}, "uniqueItems": True}


@cache
def _names() -> dict[str, str]:
    """Every way to name a form, without blanks and case, and its code."""
    said = ((name, code) for code, label in FORMS.items() for name in (code, label, translate(label, "en")))
    return {_plain(name): code for name, code in said}


def _plain(name: str) -> str:
    return "".join(name.split()).casefold().removeprefix("แบบ")


def _code(name: str) -> str:
    code = _names().get(_plain(name))
    if code is None:
        raise Unfit(N_("ไม่รู้จักแบบนี้"))
    return code


@dataclass(frozen=True)
class MonthKind(Kind):
    """A tax month: `2026-09` or `09/2026`; years after 2500 are Buddhist (domain §6)."""

    def parse(self, raw: Any) -> Month | None:
        if raw is None or raw == "":
            return None
        if isinstance(raw, date):  # what a spreadsheet makes of 2026-09
            return Month(raw.year, raw.month)
        parts = str(raw).strip().replace("/", "-").split("-")
        if len(parts) == 2 and len(parts[1]) == 4:
            parts.reverse()
        try:
            year, month = (int(part) for part in parts if part.isascii() and part.isdecimal())
            return Month.parse(f"{year - BE_OFFSET if year > 2500 else year:04d}-{month:02d}")
        except ValueError:
            raise Unfit(N_("เดือนไม่ถูกต้อง ตัวอย่าง 2026-09 หรือ 09/2569")) from None

    def raw(self, value: Month | None) -> str:
        return str(value) if value else ""

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}
