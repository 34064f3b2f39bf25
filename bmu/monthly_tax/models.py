"""The record: one row per client and tax month (domain §1.1 in the names of design §4). No months are soft-deleted,
so one live row per build and month is a plain unique constraint, which holds. And who has acknowledged its texts."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bmu.changes.models import Logged, UtcDateTime
from bmu.extensions import db
from bmu.monthly_tax.fields import PEOPLE

FILTERED = ("pnd_status", "pp30_status", "pp30_payment_status")


def _employee() -> Mapped[str | None]:
    return mapped_column(String(20), ForeignKey("employees.employee_id", ondelete="SET NULL", onupdate="CASCADE"))


def _status() -> Mapped[str | None]:
    return mapped_column(String(40))


def _moment() -> Mapped[datetime | None]:
    return mapped_column(UtcDateTime)


def _text() -> Mapped[str | None]:
    return mapped_column(Text)


class MonthlyTaxData(Logged, db.Model):
    """One company-month. The five `…responsible`/`…current_employee_id` columns hold who is responsible now."""

    __tablename__ = "monthly_tax_data"
    __table_args__ = (
        UniqueConstraint("build", "tax_year", "tax_month"),
        CheckConstraint("tax_month BETWEEN 1 AND 12", name="month"),
        CheckConstraint("pp30_payment_amount IS NULL OR pp30_payment_amount >= 0", name="amount"),
        Index(None, "tax_year", "tax_month"),
        *(Index(None, person, "tax_year", "tax_month") for person in PEOPLE),
        # For lists of all months by status, counted month by month: a million rows would have to be read for them.
        *(Index(None, status, "tax_year", "tax_month") for status in FILTERED),
    )
    entity = "monthly_tax_data"

    build: Mapped[str] = mapped_column(String(10), ForeignKey("clients.build", onupdate="CASCADE"))
    tax_year: Mapped[int]
    tax_month: Mapped[int]

    accounting_responsible: Mapped[str | None] = _employee()
    original_accounting_responsible: Mapped[str | None] = _employee()
    tax_inspection_responsible: Mapped[str | None] = _employee()
    original_tax_inspection_responsible: Mapped[str | None] = _employee()
    wht_filer_current_employee_id: Mapped[str | None] = _employee()
    original_wht_filer_employee_id: Mapped[str | None] = _employee()
    vat_filer_current_employee_id: Mapped[str | None] = _employee()
    original_vat_filer_employee_id: Mapped[str | None] = _employee()
    document_entry_responsible: Mapped[str | None] = _employee()
    original_document_entry_responsible: Mapped[str | None] = _employee()

    document_received_date: Mapped[date | None]
    document_status: Mapped[str | None] = _status()
    accounting_record_status: Mapped[str | None] = _status()
    bank_statement_status: Mapped[str | None] = _status()
    monthly_tax_impact: Mapped[str | None] = _status()
    bank_impact: Mapped[str | None] = _status()

    pnd_sent_for_review_date: Mapped[datetime | None] = _moment()
    pnd_review_returned_date: Mapped[datetime | None] = _moment()
    pnd_sent_to_customer_date: Mapped[datetime | None] = _moment()
    wht_draft_completed_date: Mapped[datetime | None] = _moment()
    pnd_status: Mapped[str | None] = _status()
    pnd_1_40_1_status: Mapped[str | None] = _status()
    pnd_1_40_1_attachment_count: Mapped[int | None]
    pnd_1_40_2_status: Mapped[str | None] = _status()
    pnd_1_40_2_attachment_count: Mapped[int | None]
    pnd_3_status: Mapped[str | None] = _status()
    pnd_3_attachment_count: Mapped[int | None]
    pnd_53_status: Mapped[str | None] = _status()
    pnd_53_attachment_count: Mapped[int | None]
    pp_36_status: Mapped[str | None] = _status()
    pp_36_attachment_count: Mapped[int | None]
    student_loan_form_status: Mapped[str | None] = _status()
    student_loan_form_attachment_count: Mapped[int | None]
    pnd_2_status: Mapped[str | None] = _status()
    pnd_2_attachment_count: Mapped[int | None]
    pnd_54_status: Mapped[str | None] = _status()
    pnd_54_attachment_count: Mapped[int | None]
    pt_40_status: Mapped[str | None] = _status()
    pt_40_attachment_count: Mapped[int | None]
    social_security_form_status: Mapped[str | None] = _status()
    social_security_form_attachment_count: Mapped[int | None]
    wht_inquiry: Mapped[str | None] = _text()
    wht_response: Mapped[str | None] = _text()
    wht_submission_comment: Mapped[str | None] = _text()
    wht_filing_response: Mapped[str | None] = _text()

    pp30_sent_for_review_date: Mapped[datetime | None] = _moment()
    pp30_review_returned_date: Mapped[datetime | None] = _moment()
    pp30_sent_to_customer_date: Mapped[datetime | None] = _moment()
    vat_draft_completed_date: Mapped[datetime | None] = _moment()
    pp30_status: Mapped[str | None] = _status()
    purchase_document_count: Mapped[int | None]
    income_confirmed: Mapped[str | None] = _status()
    expenses_confirmed: Mapped[str | None] = _status()
    pp30_payment_status: Mapped[str | None] = _status()
    pp30_payment_amount: Mapped[Decimal | None] = mapped_column(Numeric(15, 2))
    pp30_inquiry: Mapped[str | None] = _text()
    pp30_response: Mapped[str | None] = _text()
    pp30_submission_comment: Mapped[str | None] = _text()
    pp30_filing_response: Mapped[str | None] = _text()

    def people(self) -> dict[str, str | None]:
        """The five responsible columns and who is in them now."""
        return {key: getattr(self, key) for key in PEOPLE}

    def audience(self) -> frozenset[str]:
        """The people responsible now: who reads this record and hears of it (design §6, §7)."""
        return frozenset(person for person in self.people().values() if person)


class Acknowledgement(db.Model):
    """Somebody has read the texts of a record as a page shows them. Name and employee id as they were then."""

    __tablename__ = "acknowledgements"
    __table_args__ = (Index(None, "record_id", "page", "user_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    record_id: Mapped[str] = mapped_column(String(36), ForeignKey("monthly_tax_data.id", ondelete="CASCADE"))
    page: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[str | None] = mapped_column(String(36), ForeignKey("users.id", ondelete="SET NULL"), index=True)
    employee_id: Mapped[str | None] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    version: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
