"""The dates of transitions (domain §4.4): set by the server, when the status changes, and never cleared.

The table below is copied by hand from the domain, so that it can disagree with rules.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from bmu.changes.work import transaction
from bmu.extensions import db
from bmu.monthly_tax import service
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.monthly_tax.rules import stamps
from bmu.monthly_tax.service import Save
from tests.conftest import MONTH, Colleague, actor

SignIn = Callable[[str], Colleague]
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


steps = st.lists(
    st.tuples(st.sampled_from([PND, PP30]), st.sampled_from(list(MAY)), st.sampled_from(CODES)).filter(
        lambda step: step[2] in MAY[step[1]]
    ),
    max_size=9,
)
FULL: Record = {
    **{f"{form}_status": "not_submitted" for form in ("pnd_1_40_1", "pnd_1_40_2", "pnd_3", "pnd_53", "pp_36")},
    **{f"{form}_status": "paid" for form in ("student_loan_form", "pnd_2", "pnd_54", "pt_40", "social_security_form")},
    "purchase_document_count": 1,
    "income_confirmed": "customer_confirmed",
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(first=st.tuples(*(st.sampled_from([None, *CODES]),) * 2), changes=steps)
def test_any_sequence_of_saves_sets_just_the_dates_of_the_domain(
    reading: Flask, first: tuple[str | None, ...], changes: list[tuple[Side, str, str]]
) -> None:
    admin = actor(reading, "admin")
    with reading.app_context():
        record_id = start(dict(zip(("pnd_status", "pp30_status"), first, strict=True)))
        before = service.read(admin, record_id)
        known: Record = {name: None for side in (PND, PP30) for name in side.dates}
        old = dict(zip(("pnd_status", "pp30_status"), first, strict=True))
        for side, at, code in changes:
            saved = service.save(admin, record_id, Save(at, None, {side.status: code}))
            assert (saved["version"] == before["version"] + 1) == (old[side.status] != code)
            if date := stamped(side, at, old[side.status], code):
                known[date] = saved["updated_at"]
            assert {name: saved[name] for name in known} == known
            old[side.status], before = code, saved


@pytest.mark.parametrize("at", MAY)
def test_the_rule_itself_is_the_table_of_the_domain(at: str) -> None:
    """Every old × new on every page, those too that no page can cause."""
    now = datetime(2026, 11, 5, tzinfo=UTC)
    for side in (PND, PP30):
        for old in (None, *CODES):
            for new in (None, *CODES):
                found = stamps(at, {side.status: old}, {side.status: new}, now)
                wanted = stamped(side, at, old, new)
                assert found == ({wanted: now} if wanted else {}), (side.status, old, new)


def start(statuses: Record) -> str:
    """Build 018 with these statuses, everything filled in and no dates, past all rules. Answers its id."""
    where = (MonthlyTaxData.build == "018", MonthlyTaxData.tax_month == MONTH.month)
    dates = {name: None for side in (PND, PP30) for name in side.dates}
    with transaction() as work:
        work.session.execute(update(MonthlyTaxData).where(*where).values({**FULL, **statuses, **dates}))
    return db.session.execute(select(MonthlyTaxData.id).where(*where)).scalar_one()


def test_saving_anything_else_does_not_stamp_again(sign_in: SignIn, record: Record) -> None:
    """TRAP: a comment re-stamped all dates of the current status (domain §4.3 1)."""
    who = sign_in("AC00024")
    sent = who.put(record["id"], {"sourcePage": "taxStatus", "pnd_status": "draft_completed"}).json["data"]
    later = who.put(record["id"], {"sourcePage": "taxStatus", "wht_response": "x", "pnd_status": "draft_completed"})
    dates = [*PND.dates, *PP30.dates]
    assert {name: later.json["data"][name] for name in dates} == {name: sent[name] for name in dates}


def test_an_equal_save_changes_neither_version_nor_dates(sign_in: SignIn, record: Record) -> None:
    body = {"sourcePage": "taxStatus", "pnd_status": "draft_completed"}
    first = sign_in("AC00024").put(record["id"], body).json["data"]
    assert sign_in("AC00024").put(record["id"], body).json["data"] == first


def test_the_other_tax_keeps_its_dates(sign_in: SignIn, record: Record) -> None:
    """TRAP: saving on the WHT tab re-stamped the PP30 dates (domain §4.3 2)."""
    saved = sign_in("AC00012").put(record["id"], {"sourcePage": "taxFiling", "pnd_status": "sent_to_customer"})
    assert {name: saved.json["data"][name] for name in PP30.dates} == {name: record[name] for name in PP30.dates}


def test_a_filer_does_not_inflate_the_inspectors_count(app: Flask, sign_in: SignIn, record: Record) -> None:
    """TRAP: a filer's save set the returned date (domain §4.3 3)."""
    with app.app_context():
        start({"pnd_status": "pending_review"})
    saved = sign_in("AC00012").put(record["id"], {"sourcePage": "taxFiling", "pnd_status": "paid"})
    assert saved.json["data"]["pnd_review_returned_date"] is None


def test_a_status_sent_again_later_is_stamped_again(sign_in: SignIn, record: Record) -> None:
    """Every change is one: the date is that of the last time."""
    who = sign_in("AC00024")
    first = who.put(record["id"], {"sourcePage": "taxStatus", "pp30_status": "sent_to_customer"}).json["data"]
    who.put(record["id"], {"sourcePage": "taxStatus", "pp30_status": "paid"})
    again = who.put(record["id"], {"sourcePage": "taxStatus", "pp30_status": "sent_to_customer"}).json["data"]
    assert again["pp30_sent_to_customer_date"] == again["updated_at"] > first["updated_at"]


def test_every_transition_is_in_the_history(sign_in: SignIn, record: Record) -> None:
    """Who, when, from, to, page."""
    saved = sign_in("AC00008").put(record["id"], {"sourcePage": "taxInspection", "pnd_status": "paid"}).json["data"]
    newest = sign_in("AC00024").get(f"{record['id']}/history").json["data"][0]
    assert newest["fields"]["pnd_status"] == [record["pnd_status"], "paid"]
    assert (newest["by"], newest["page"], newest["at"]) == ("AC00008", "taxInspection", saved["updated_at"])


@pytest.mark.parametrize("form", ["pnd_3_status", "pp_36_status"])
def test_the_ten_forms_have_no_dates(sign_in: SignIn, record: Record, form: str) -> None:
    for code in ("draft_completed", "sent_to_customer"):
        saved = sign_in("AC00024").put(record["id"], {"sourcePage": "taxStatus", form: code}).json["data"]
        dates = [*PND.dates, *PP30.dates]
        assert {name: saved[name] for name in dates} == {name: record[name] for name in dates}
