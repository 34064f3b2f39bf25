"""The dates of transitions as domain §4.4 has them, copied by hand so that they can disagree with rules.py."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import select, update

from bmu.changes.work import transaction
from bmu.extensions import db
from bmu.monthly_tax.models import MonthlyTaxData
from tests.conftest import MONTH

Record = dict[str, Any]
PENDING = {"pending_review", "pending_recheck"}
ANYWHERE = ["received_receipt", "paid", "draft_ready", "not_submitted"]
CODES = [*ANYWHERE, *sorted(PENDING), "draft_completed", "sent_to_customer"]
CODES += ["passed", "needs_correction", "inquire_customer", "additional_review"]
MAY = {
    "taxStatus": set(CODES),
    "taxInspection": {*CODES[8:], "received_receipt", "paid", "not_submitted"},
    "taxFiling": {"received_receipt", "paid", "sent_to_customer", "draft_completed"},
}


class Side(NamedTuple):
    status: str
    sent: str
    returned: str
    customer: str
    draft: str

    @property
    def dates(self) -> tuple[str, ...]:
        return self[1:]


PND = Side(
    "pnd_status",
    "pnd_sent_for_review_date",
    "pnd_review_returned_date",
    "pnd_sent_to_customer_date",
    "wht_draft_completed_date",
)
PP30 = Side(
    "pp30_status",
    "pp30_sent_for_review_date",
    "pp30_review_returned_date",
    "pp30_sent_to_customer_date",
    "vat_draft_completed_date",
)


def stamped(side: Side, at: str, old: str | None, new: str | None) -> str | None:
    """Which date a change sets, as domain §4.4 says it."""
    if old == new:
        return None
    if at == "taxInspection":
        verdict = new in {"passed", "needs_correction", "inquire_customer", "additional_review"}
        return side.returned if verdict or (old in PENDING and new not in PENDING) else None
    if at == "taxStatus" and new in PENDING:
        return side.sent
    return {"draft_completed": side.draft, "sent_to_customer": side.customer}.get(new or "")


FULL: Record = {
    **{f"{form}_status": "not_submitted" for form in ("pnd_1_40_1", "pnd_1_40_2", "pnd_3", "pnd_53", "pp_36")},
    **{f"{form}_status": "paid" for form in ("student_loan_form", "pnd_2", "pnd_54", "pt_40", "social_security_form")},
    "purchase_document_count": 1,
    "income_confirmed": "customer_confirmed",
}


def start(statuses: Record) -> str:
    """Build 018 with these statuses, everything filled in and no dates, past all rules. Answers its id."""
    where = (MonthlyTaxData.build == "018", MonthlyTaxData.tax_month == MONTH.month)
    dates = {name: None for side in (PND, PP30) for name in side.dates}
    with transaction() as work:
        work.session.execute(update(MonthlyTaxData).where(*where).values({**FULL, **statuses, **dates}))
    return db.session.execute(select(MonthlyTaxData.id).where(*where)).scalar_one()
