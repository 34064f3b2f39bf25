"""The fields of a client, said once: what they are called, what fits them, how they read. For page, API and CLI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bmu.clients import rules
from bmu.i18n import N_
from bmu.tables.fieldset import Field
from bmu.tables.kinds import Choice, Day, Kind, Option, Text, Unfit

NAME, BUILD, VAT_STATE = "company_name", "build", "tax_registration_status"


@dataclass(frozen=True)
class Line(Text):
    """Text in one line, in the one spelling in which names are searched for."""

    def parse(self, raw: Any) -> str | None:
        text = super().parse(raw)
        return rules.normal_text(text) if text else None


@dataclass(frozen=True)
class RegistrationNumber(Kind):
    """The 13 digits of a juristic person; blanks and dashes may stand between them."""

    def parse(self, raw: Any) -> str | None:
        if raw is None or raw == "":
            return None
        try:
            return rules.checked_number(str(raw))
        except ValueError:
            raise Unfit(N_("เลขทะเบียนนิติบุคคลต้องเป็นเลข 13 หลักที่ขึ้นต้นด้วย 0 และเลขตรวจสอบถูกต้อง")) from None

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^0[0-9]{12}$"}


@dataclass(frozen=True)
class PostalCode(Kind):
    """Five digits."""

    def parse(self, raw: Any) -> str | None:
        if raw is None or raw == "":
            return None
        text = str(raw).strip()
        if not (text.isascii() and text.isdecimal() and len(text) == 5):
            raise Unfit(N_("รหัสไปรษณีย์ต้องเป็นเลข 5 หลัก"))
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[0-9]{5}$"}


@dataclass(frozen=True)
class Build(Kind):
    """A build; a short number is padded (`18` → `018`)."""

    def parse(self, raw: Any) -> str:
        try:
            return rules.normal_build(str(raw or ""))
        except ValueError:
            raise Unfit(N_("หมายเลข Build ต้องเป็นตัวเลข เช่น 018 หรือ 122.1 สำหรับสาขา")) from None


BUSINESS_TYPE = Choice(
    (
        Option("บริษัทจำกัด", N_("บริษัทจำกัด")),
        Option("บริษัทมหาชนจำกัด", N_("บริษัทมหาชนจำกัด")),
        Option("ห้างหุ้นส่วน", N_("ห้างหุ้นส่วน")),
    )
)
REGISTRATION = Choice(
    (
        Option(rules.VAT, N_("จดภาษีมูลค่าเพิ่ม"), tone="good"),
        Option(rules.NOT_VAT, N_("ยังไม่จดภาษีมูลค่าเพิ่ม")),
    )
)
SIZE = Choice(tuple(Option(size, size) for size in rules.SIZES))
STATUS = Choice(
    (
        Option("รายเดือน", N_("รายเดือน")),
        Option("รายเดือน / วางมือ", N_("รายเดือน / วางมือ"), tone="warn"),
        Option("รายเดือน / จ่ายรายปี", N_("รายเดือน / จ่ายรายปี"), tone="vat"),
        Option("รายเดือน / เดือนสุดท้าย", N_("รายเดือน / เดือนสุดท้าย"), tone="busy"),
        Option("ยกเลิกทำ", N_("ยกเลิกทำ"), tone="bad"),
    )
)


@dataclass(frozen=True)
class Section:
    """Fields that stand together on the page, under a Thai title."""

    title: str
    fields: tuple[Field, ...]


SECTIONS = (
    Section(
        N_("ข้อมูลบริษัท"),
        (
            Field(NAME, N_("ชื่อบริษัท"), Line(500), required=True, size="wide"),
            Field("business_type", N_("ประเภทธุรกิจ"), BUSINESS_TYPE),
            Field("legal_entity_number", N_("เลขทะเบียนนิติบุคคล"), RegistrationNumber()),
            Field("establishment_date", N_("วันที่จัดตั้ง"), Day(), size="short"),
            Field("company_size", N_("ไซต์บริษัท"), SIZE, size="short"),
            Field("company_status", N_("สถานะบริษัท"), STATUS, required=True),
            Field("business_category", N_("หมวดธุรกิจ"), Line(200)),
            Field("business_subcategory", N_("หมวดธุรกิจย่อย"), Line(200)),
        ),
    ),
    Section(
        N_("ภาษีมูลค่าเพิ่ม"),
        (
            Field(VAT_STATE, N_("สถานะจดทะเบียนภาษี"), REGISTRATION),
            Field("vat_registration_date", N_("วันที่จดภาษีมูลค่าเพิ่ม"), Day(), size="short"),
        ),
    ),
    Section(
        N_("ที่อยู่"),
        (
            Field("address_number", N_("เลขที่"), Line(50), size="short"),
            Field("building", N_("อาคาร"), Line(100)),
            Field("room_number", N_("ห้องเลขที่"), Line(20), size="short"),
            Field("floor_number", N_("ชั้นที่"), Line(20), size="short"),
            Field("village", N_("หมู่บ้าน"), Line(100)),
            Field("moo", N_("หมู่ที่"), Line(20), size="short"),
            Field("soi", N_("ซอย"), Line(100)),
            Field("road", N_("ถนน"), Line(100)),
            Field("subdistrict", N_("ตำบล/แขวง"), Line(100)),
            Field("district", N_("อำเภอ/เขต"), Line(100)),
            Field("province", N_("จังหวัด"), Line(100)),
            Field("postal_code", N_("รหัสไปรษณีย์"), PostalCode(), size="short"),
            Field("full_address", N_("ที่อยู่บริษัท"), Text(2000, many_lines=True), size="wide"),
        ),
    ),
    Section(N_("หมายเหตุ"), (Field("note", N_("หมายเหตุ"), Text(4000, many_lines=True), size="wide"),)),
)
BUILD_FIELD = Field(BUILD, N_("หมายเลข Build"), Build(), required=True, size="short")
FIELDS = {field.key: field for section in SECTIONS for field in section.fields}
