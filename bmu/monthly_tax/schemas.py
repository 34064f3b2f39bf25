"""The API's words for a record, made from the one definition of its fields."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, create_model

from bmu.clients.rules import normal_build
from bmu.i18n import N_
from bmu.monthly_tax.applies import M
from bmu.monthly_tax.catalogue import PAYMENT, STATUS, UNSET
from bmu.monthly_tax.fields import FIELDS, PEOPLE
from bmu.monthly_tax.queries import CLIENT_KEYS, RECORD_KEYS
from bmu.monthly_tax.sorting import SORTS
from bmu.openapi import Strict, Success
from bmu.tables.kinds import Day, Kind, Unfit

SourcePage = Literal["taxStatus", "taxInspection", "taxFiling"]
LIST_LIMIT = 100
BULK_LIMIT = 100
HISTORY_LIMIT = 500


def _schema(kind: Kind) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [kind.schema(), {"type": "null"}]})


def _value(kind: Kind) -> Any:
    return Annotated[Any, _schema(kind)]


def _build(text: str) -> str:
    try:
        return normal_build(text)
    except ValueError:
        raise ValueError(N_("หมายเลข Build ไม่ถูกต้อง")) from None


def _codes(known: tuple[str, ...]) -> AfterValidator:
    def check(text: str) -> str:
        if unknown := {code for code in text.split(",") if code} - set(known):
            raise ValueError(N_("ไม่ใช่ตัวเลือกที่มี") + ": " + ", ".join(sorted(unknown)))
        return text

    return AfterValidator(check)


def _day(raw: Any) -> date | None:
    try:
        return Day().parse(raw)
    except Unfit as unfit:
        raise ValueError(str(unfit)) from None


def _sort_key(text: str) -> str:
    if text not in SORTS:
        raise ValueError(N_("เรียงตามช่องนี้ไม่ได้"))
    return text


Build = Annotated[str, AfterValidator(_build)]
Statuses = Annotated[str, _codes((*STATUS.codes, UNSET))]
Payments = Annotated[str, _codes((*PAYMENT.codes, UNSET))]
Who = Annotated[str, Field(max_length=20)]
CalendarDay = Annotated[date | None, BeforeValidator(_day), _schema(Day())]
MOST_SAVES = 2**31 - 1  # the column's largest number
Version = Annotated[int, Field(ge=1, le=MOST_SAVES)]

_fields: dict[str, Any] = {
    key: (_value(field.kind), Field(None, description=field.label)) for key, field in FIELDS.items()
}


class _Save(BaseModel):
    """What is common to saves. Unknown names come through and are refused by name, with the record's rules."""

    model_config = ConfigDict(extra="allow")

    sourcePage: SourcePage = Field(..., description="the page saved from: picks the column of the matrix (domain §3)")
    version: Version | None = Field(None, description="the version seen; without it the last writer wins")

    def values(self) -> dict[str, Any]:
        """The fields given, and only those."""
        given = self.model_dump(exclude_unset=True)
        return {name: value for name, value in given.items() if name not in ("sourcePage", "version")}


def _column(key: str) -> Any:
    if key in FIELDS:
        return _fields[key][0]
    kind = {"int": "integer", "datetime": "string"}.get(M[key].type.python_type.__name__, "string")
    return Annotated[Any, WithJsonSchema({"anyOf": [{"type": kind}, {"type": "null"}]})]


_NAMES = [f"{role.removesuffix('_id')}_{part}" for role in PEOPLE for part in ("name", "first_name", "nick_name")]
_shown: dict[str, Any] = {key: (_column(key), ...) for key in RECORD_KEYS}
_shown["not_applicable"] = (list[str], Field(..., description="what the client does not file; `pp30` without VAT"))
_shown |= dict.fromkeys((*CLIENT_KEYS, *_NAMES, "updated_by_name"), (str | None, ...))
Record: type[BaseModel] = create_model("MonthlyTaxData", **_shown)


class RecordAnswer(Success):
    """One record."""

    data: Record


class RecordsAnswer(Success):
    """A page of records."""

    data: list[Record]


class Side(BaseModel):
    """The figures of one tax (domain §7.3)."""

    total: int
    responsible_count: int
    completed: int
    pending: int
    recheck: int
    draft_ready: int
    passed: int
    sent_to_customer: int


class Impacts(BaseModel):
    monthly_tax_impact_count: int
    bank_impact_count: int
    total: int


class Figures(BaseModel):
    wht: Side
    vat: Side
    impacts: Impacts


class SummaryAnswer(Success):
    """The figures of a page."""

    data: Figures


SaveBody: type[_Save] = create_model("MonthlyTaxDataSave", __base__=_Save, **_fields)


class BulkItem(Strict):
    id: str = Field(..., max_length=36)
    version: Version | None = None


class BulkBody(Strict):
    """The same fields written on many records; each answers for itself."""

    sourcePage: SourcePage
    records: list[BulkItem] = Field(..., min_length=1, max_length=BULK_LIMIT)
    values: dict[str, Any] = Field(..., min_length=1)


class CreateBody(Strict):
    build: Build
    tax_year: int = Field(..., ge=2000, le=2200)
    tax_month: int = Field(..., ge=1, le=12)
    accounting_responsible: Who | None = None
    tax_inspection_responsible: Who | None = None
    wht_filer_current_employee_id: Who | None = None
    vat_filer_current_employee_id: Who | None = None
    document_entry_responsible: Who | None = None
    values: dict[str, Any] = Field(default_factory=dict, description="fields of the record, as in a save")

    def people(self) -> dict[str, str | None]:
        """The five people."""
        return {role: getattr(self, role) or None for role in PEOPLE}


class UndoBody(Strict):
    version: int = Field(..., ge=2, le=MOST_SAVES, description="the version that the save to take back made")


class PeopleQuery(Strict):
    """Filters by who is responsible; both filers given are ORed (domain §7.2)."""

    accounting_responsible: Who | None = None
    tax_inspection_responsible: Who | None = None
    wht_filer_employee_id: Who | None = None
    wht_filer_current_employee_id: Who | None = None
    vat_filer_employee_id: Who | None = None
    vat_filer_current_employee_id: Who | None = None
    document_entry_responsible: Who | None = None

    def people(self) -> dict[str, str]:
        """Role column → employee id. The filer is whoever files now, by either name of the parameter."""
        found: dict[str, str | None] = {role: getattr(self, role) for role in PEOPLE}
        for side in ("wht", "vat"):
            now = f"{side}_filer_current_employee_id"
            found[now] = getattr(self, now) or getattr(self, f"{side}_filer_employee_id")
        return {role: person for role, person in found.items() if person}


class SummaryQuery(PeopleQuery):
    year: int | None = Field(None, ge=2000, le=2200)
    month: int | None = Field(None, ge=1, le=12)


class FormQuery(Strict):
    page: SourcePage


class ListQuery(SummaryQuery):
    page: int = Field(1, ge=1, le=1_000_000)
    limit: int = Field(20, ge=1, le=LIST_LIMIT)
    build: Build | None = None
    search: Annotated[str, Field(max_length=100)] = ""
    sortBy: Annotated[str, AfterValidator(_sort_key)] = "tax_year"
    sortOrder: Literal["asc", "desc"] = "desc"
    tax_registration_status: Annotated[str, Field(max_length=50)] | None = None
    pnd_status: Statuses = ""
    pp30_status: Statuses = ""
    pp30_payment_status: Payments = ""
    dateFrom: CalendarDay = None
    dateTo: CalendarDay = None
    filterMode: Literal["all", "wht", "vat"] = "all"


class ChangesQuery(Strict):
    since: int = Field(..., ge=0, le=2**53)
    table: Literal["tax-status", "tax-inspection", "tax-filing", "assignments"] | None = None
    everybody: bool = Field(False, description="of all records, for those who may read them")
    view: str = Field("", max_length=2000, description="a page's query string: the state of its list comes too")


class IdPath(BaseModel):
    id: str


class MonthPath(BaseModel):
    build: str
    year: int
    month: int


class AcknowledgeBody(Strict):
    """That one has read the texts of a record as a page shows them."""

    sourcePage: SourcePage
    hash: str = Field(..., max_length=64, description="of the texts that were read; a wrong one is answered with them")
    word: str = Field(..., max_length=10, description="yes, Yes or YES")
