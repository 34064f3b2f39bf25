"""A firm in which everything about the form can be asked: its records, who is responsible on them, who may write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import Flask
from sqlalchemy import update

from bmu.changes.work import transaction
from bmu.monthly_tax.fields import FIELDS, FORM_STATUSES, FORMS
from bmu.monthly_tax.models import MonthlyTaxData
from tests.conftest import FIVE, MONTH, STRANGER, Colleague

PAGES = {"taxStatus": "tax-status", "taxInspection": "tax-inspection", "taxFiling": "tax-filing"}
ACCOUNTANT, INSPECTOR, WHT_FILER, VAT_FILER, CLERK = FIVE.values()
OTHER_AUDITOR = "AC00005"
CAST = (*FIVE.values(), "admin", OTHER_AUDITOR, STRANGER)
# The records, and who is responsible on each: accountant, inspector, WHT filer, VAT filer, clerk.
TEAMS = {
    "vat": tuple(FIVE.values()),
    "not vat": tuple(FIVE.values()),
    # Handed over: two of the five have nothing to do with it any more, the accountant only keys, one files both taxes.
    "reassigned": (STRANGER, OTHER_AUDITOR, VAT_FILER, VAT_FILER, ACCOUNTANT),
    # The client files three forms; in a fourth somebody has entered something all the same.
    "few forms": tuple(FIVE.values()),
    # One person in two roles, which are worked at on two pages.
    "two roles": (WHT_FILER, INSPECTOR, WHT_FILER, VAT_FILER, CLERK),
}
# Who may write anything where, besides the administrator.
WRITERS = {
    "vat": {"taxStatus": {ACCOUNTANT}, "taxInspection": {INSPECTOR}, "taxFiling": {WHT_FILER, VAT_FILER}},
    "not vat": {"taxStatus": {ACCOUNTANT}, "taxInspection": {INSPECTOR}, "taxFiling": {WHT_FILER}},
    "few forms": {"taxStatus": {ACCOUNTANT}, "taxInspection": {INSPECTOR}, "taxFiling": {WHT_FILER, VAT_FILER}},
    "reassigned": {"taxStatus": {STRANGER}, "taxInspection": {OTHER_AUDITOR}, "taxFiling": {VAT_FILER}},
    "two roles": {"taxStatus": {WHT_FILER}, "taxInspection": {INSPECTOR}, "taxFiling": {WHT_FILER, VAT_FILER}},
}
STATUSES = ("pnd_status", "pp30_status", *FORM_STATUSES)
CODES = FIELDS["pnd_status"].kind.codes  # type: ignore[attr-defined]
STORED = "draft_ready"
# What is asked for is filled in, so that no validation speaks first; no text, so that none is to be read first.
BASE: dict[str, Any] = {
    **dict.fromkeys(FIELDS),
    **dict.fromkeys(STATUSES, STORED),
    **{f"{form}_attachment_count": 2 for form in FORMS},
    "purchase_document_count": 3,
    "income_confirmed": "customer_confirmed",
    "pp30_payment_status": "has_payment",
    "pp30_payment_amount": 100,
}

FEW, ENTERED = ("pnd_3", "pnd_53", "social_security_form"), "pnd_2"
AWAY = {f"{form}_{part}" for form in FORMS if form not in (*FEW, ENTERED) for part in ("status", "attachment_count")}
EMPTY: dict[str, Any] = dict.fromkeys(AWAY)


class Firm(NamedTuple):
    """The app, its cast signed in, and the four records by name: (id, build)."""

    app: Flask
    cast: Mapping[str, Colleague]
    records: Mapping[str, tuple[str, str]]

    def reset(self, name: str) -> str:
        """Put a record back to BASE and its team, past all rules; answers its id."""
        record_id, _ = self.records[name]
        values = BASE | dict(zip(FIVE, TEAMS[name], strict=True)) | (EMPTY if name == "few forms" else {})
        with self.app.app_context(), transaction() as work:
            work.session.execute(update(MonthlyTaxData).where(MonthlyTaxData.id == record_id).values(values))
        return record_id

    def form(self, who: str, at: str, name: str) -> Any:
        """The answer of the record's page."""
        return self.cast[who].get(f"/{PAGES[at]}/{self.records[name][1]}/{MONTH}")

    def put(self, who: str, at: str, name: str, values: Mapping[str, Any]) -> Any:
        return self.cast[who].put(self.records[name][0], {"sourcePage": at, **values})
