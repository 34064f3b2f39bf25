"""What of a record applies to its client in its month, by VAT registration and obligations (decision 0019). Pure.

A form that does not apply is no status: its column is NULL, as that of a form not started. What tells them apart is
the client's schedule of obligations at the record's month. Whatever somebody has entered applies all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bmu.clients.obligations import FORMS as KNOWN_FORMS
from bmu.clients.obligations import VAT_RETURN
from bmu.i18n import N_
from bmu.monthly_tax.fields import FORMS, PND, PP30, SIDES, VAT, WHT, Field, Side

NOT_VAT_CLIENT = N_("บริษัทนี้ยังไม่จดภาษีมูลค่าเพิ่ม กรุณาตรวจสอบสถานะจดทะเบียนภาษีมูลค่าเพิ่ม")
NO_VAT_RETURN = N_("ลูกค้ารายนี้ไม่ต้องยื่น ภ.พ.30 ในเดือนนี้ ตามแบบที่ต้องยื่นในข้อมูลลูกค้า")
NO_WHT_FORM = N_("ลูกค้ารายนี้ไม่ต้องยื่นแบบภาษีหัก ณ ที่จ่ายในเดือนนี้ ตามแบบที่ต้องยื่นในข้อมูลลูกค้า")
NO_SUCH_FORM = N_("ลูกค้ารายนี้ไม่ต้องยื่นแบบนี้ในเดือนนี้ ตามแบบที่ต้องยื่นในข้อมูลลูกค้า")
# What stands in the place of a status that does not apply: neither ไม่มียื่น nor ยังไม่ดำเนินการ.
NO_VAT, NOT_APPLICABLE = N_("ไม่จด VAT"), N_("ไม่เกี่ยวข้อง")
AWAY: Final = {WHT: "pnd_away", VAT: "pp30_away"}  # where queries.records say that a side does not apply

_FORM_OF: Final = {f"{form}_{part}": form for form in FORMS for part in ("status", "attachment_count")}


@dataclass(frozen=True, slots=True)
class Duties:
    """`forms`: those of the ten that have to be filed; `entered`: those in which somebody has entered a status;
    `closed`: the sides that do not apply, and why (Thai sources)."""

    forms: frozenset[str] = frozenset(FORMS)
    entered: frozenset[str] = frozenset()
    closed: Mapping[str, str] = field(default_factory=dict)

    def why_not(self, one: Field) -> str:
        """Why a field of the record does not apply; "" when it does."""
        form = _FORM_OF.get(one.key)
        if form and not self.applies(form):
            return self.closed.get(WHT, NO_SUCH_FORM)
        return self.closed.get(one.side, "")

    def applies(self, form: str) -> bool:
        """Whether one of the ten forms may be filled in."""
        return form in self.forms or form in self.entered

    def not_applicable(self) -> list[str]:
        """The forms that do not apply, by code, in the order of the form; the VAT return among them."""
        away = [form for form in FORMS if not self.applies(form)]
        return [*away, VAT_RETURN] if VAT in self.closed else away


def duties(row: Mapping[str, Any]) -> Duties:
    """Of a record with all its values, as queries.records gives them."""
    known = row["obligations"]
    forms = frozenset(FORMS) if known is None else frozenset(known.split(",")) & FORMS.keys()
    entered = frozenset(form for form in FORMS if row[f"{form}_status"])
    return Duties(forms, entered, {side.key: why for side in SIDES if (why := _closed(side, row))})


def _closed(side: Side, row: Mapping[str, Any]) -> str:
    if not row[AWAY[side.key]]:
        return ""
    if side is PND:
        return NO_WHT_FORM
    return NO_VAT_RETURN if row["is_vat"] else NOT_VAT_CLIENT


def word(side: str, row: Mapping[str, Any]) -> str:
    """What a table says in place of a side's values (Thai source); "" while the side applies."""
    if side not in AWAY or not row[AWAY[side]]:
        return ""
    return NO_VAT if side == PP30.key and not row["is_vat"] else NOT_APPLICABLE


assert {*FORMS, VAT_RETURN} == set(KNOWN_FORMS)
