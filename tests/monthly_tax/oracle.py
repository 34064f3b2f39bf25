"""Lists and figures counted in plain Python over all records, to be compared with what the database answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from bmu.clients.rules import thai_order
from bmu.i18n import BANGKOK
from bmu.monthly_tax.fields import FIELDS
from bmu.tables.kinds import Choice

Row = dict[str, Any]
PEOPLE = (
    *("accounting_responsible", "tax_inspection_responsible", "document_entry_responsible"),
    *("wht_filer_current_employee_id", "vat_filer_current_employee_id"),
)
FILERS = PEOPLE[3:]
OF_PAGE = {"tax-status": PEOPLE[:1], "tax-inspection": PEOPLE[1:2], "tax-filing": FILERS}
VAT = "จดภาษีมูลค่าเพิ่ม"
FORMS = {"pnd_1_40_1", "pnd_1_40_2", "pnd_3", "pnd_53", "pp_36", "pnd_54", "social_security_form"}
FORMS |= {"student_loan_form", "pt_40", "pnd_2"}


def day_in_bangkok(moment: str | None) -> date | None:
    return datetime.fromisoformat(moment).astimezone(BANGKOK).date() if moment else None


def away(row: Row, field: str) -> bool:
    """Whether a side does not apply to the row's client (decision 0019). What is entered applies."""
    if field.startswith("pp30"):
        return "pp30" in row["not_applicable"]
    return field == "pnd_status" and set(row["not_applicable"]) >= FORMS and row[field] is None


def one_of(row: Row, field: str, codes: Iterable[str]) -> bool:
    wanted = list(codes)
    return not wanted or (row[field] or ("" if away(row, field) else "not_started")) in wanted


def within(row: Row, side: str, start: date | None, end: date | None) -> bool:
    sent = day_in_bangkok(row["pp30_sent_for_review_date" if side == "vat" else "pnd_sent_for_review_date"])
    if start is None and end is None:
        return True
    return sent is not None and (start is None or sent >= start) and (end is None or sent <= end)


def says(row: Row, words: str) -> bool:
    return words.lower() in row["build"] or words.lower() in row["company_name"].lower()


def place(row: Row, key: str) -> Any:
    """What a row is sorted by; None when it is empty and comes last."""
    if key == "build":
        return counted(row["build"])
    if key == "company_name":
        return thai_order(row["company_name"])
    if key == "tax_year":
        return (row["tax_year"], row["tax_month"])
    if key in PEOPLE:
        return row[f"{key.removesuffix('_id')}_first_name"]
    kind = FIELDS[key].kind if key in FIELDS else None
    if isinstance(kind, Choice):
        return kind.codes.index(row[key]) if row[key] else None
    return row[key]


def counted(build: str) -> tuple[int, int]:
    number, _, branch = build.partition(".")
    return int(number), int(branch or -1)


def in_order(rows: Iterable[Row], key: str, *, descending: bool = False) -> list[Row]:
    """Sorted as the lists promise: empty last, either way; ties by build, newest month first, id."""
    tied = sorted(rows, key=lambda row: (counted(row["build"]), -row["tax_year"], -row["tax_month"], row["id"]))
    full = [row for row in tied if place(row, key) is not None]
    empty = [row for row in tied if place(row, key) is None]
    if key in ("pnd_status", "pp30_status"):
        empty.sort(key=lambda row: away(row, key))
    return sorted(full, key=lambda row: place(row, key), reverse=descending) + empty


def figures(rows: Iterable[Row], table: str, who: Callable[[Row, str], bool]) -> dict[str, int]:
    """The figures of a page (domain §7.3 with its R). `who(row, role)`: whether the role on the row is the asker's."""
    found: dict[str, int] = {}
    all_rows = list(rows)
    for side, status, returned, filer in (
        ("wht", "pnd_status", "pnd_review_returned_date", FILERS[0]),
        ("vat", "pp30_status", "pp30_review_returned_date", FILERS[1]),
    ):
        mine = [row for row in all_rows if not away(row, status)]
        if table == "tax-filing":
            mine = [row for row in mine if who(row, filer)]
        codes = [row[status] for row in mine]
        pending = ("pending_review", "pending_recheck")
        with_customer = ("received_receipt", "paid", "sent_to_customer")
        completed = [code in (*with_customer, "draft_completed", "passed") for code in codes]
        if table == "tax-inspection":
            completed = [bool(row[returned]) and row[status] not in pending for row in mine]
        filing = table == "tax-filing"
        found |= {
            f"{side}.total": len(mine),
            f"{side}.responsible_count": sum(code in (*with_customer, "not_submitted") for code in codes),
            f"{side}.completed": sum(completed),
            f"{side}.pending": codes.count("pending_review"),
            f"{side}.recheck": codes.count("pending_recheck"),
            f"{side}.draft_ready": codes.count("draft_ready") * filing,
            f"{side}.passed": codes.count("passed") * filing,
            f"{side}.sent_to_customer": sum(code in with_customer for code in codes) * filing,
        }
    found["impacts.monthly_tax_impact_count"] = sum(row["monthly_tax_impact"] is not None for row in all_rows)
    found["impacts.bank_impact_count"] = sum(row["bank_impact"] is not None for row in all_rows)
    found["impacts.total"] = sum(table != "tax-filing" or who(row, FILERS[0]) for row in all_rows)
    return found
