"""The dates of transitions (domain §4.4): set by the server, when the status changes, and never cleared.

The table of dates.py is copied by hand from the domain, so that it can disagree with rules.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from bmu.monthly_tax.rules import stamps
from tests.conftest import Colleague
from tests.monthly_tax.dates import CODES, MAY, PND, PP30, stamped, start

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]


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
