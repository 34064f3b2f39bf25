"""The matrix of domain §3: page × person × field × status, each asked of the API.

The tables below are copied by hand from domain §3.1 and §3.2, not from rules.py, so that they can disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from flask import Flask
from sqlalchemy import update

from bmu.changes.work import transaction
from bmu.monthly_tax.fields import FIELDS
from bmu.monthly_tax.models import MonthlyTaxData
from tests.conftest import FIVE, STRANGER, Colleague

SignIn = Callable[[str], Colleague]
PAGES = ("taxStatus", "taxInspection", "taxFiling")
ACCOUNTANT, INSPECTOR, WHT_FILER, VAT_FILER, CLERK = FIVE.values()
OTHER_AUDITOR = "AC00005"  # reads everything, and is none of the five of build 018

# §3.1: may the status be chosen on TaxStatus, TaxInspection, TaxFiling?
CODES = {
    "received_receipt": "✓✓✓",
    "paid": "✓✓✓",
    "sent_to_customer": "✓-✓",
    "draft_completed": "✓-✓",
    "passed": "✓✓-",
    "pending_review": "✓--",
    "pending_recheck": "✓--",
    "draft_ready": "✓--",
    "needs_correction": "✓✓-",
    "inquire_customer": "✓✓-",
    "additional_review": "✓✓-",
    "not_submitted": "✓✓-",
    # §2.1 has no code for "not yet": taking a status back to none is the accountant's.
    None: "✓--",
}
FORMS = (
    *("pnd_1_40_1", "pnd_1_40_2", "pnd_3", "pnd_53", "pp_36"),
    *("student_loan_form", "pnd_2", "pnd_54", "pt_40", "social_security_form"),
)
# §3.2: the three pages' letters, and a value to try. E may be written, anything else may not.
GENERAL = {
    "document_received_date": ("ERR", "2026-11-05"),
    "document_status": ("ERR", "late"),
    "accounting_record_status": ("ERR", "completed"),
    "bank_statement_status": ("ERR", "no_bank"),
    "monthly_tax_impact": ("ERR", "partial"),
    "bank_impact": ("ERR", "no_docs"),
}
WHT = {
    "pnd_sent_for_review_date": ("RRR", "2026-11-05T03:00:00.000Z"),
    "pnd_review_returned_date": ("RRR", "2026-11-05T03:00:00.000Z"),
    "pnd_sent_to_customer_date": ("RRR", "2026-11-05T03:00:00.000Z"),
    "wht_draft_completed_date": ("RRR", "2026-11-05T03:00:00.000Z"),
    **{f"{form}_attachment_count": ("ERE", 7) for form in FORMS},
    "wht_inquiry": ("RE-", "ถาม"),
    "wht_response": ("ER-", "ตอบ"),
    "wht_submission_comment": ("E-R", "ฝากยื่น"),
    "wht_filing_response": ("R-E", "ยื่นแล้ว"),
}
VAT = {
    "pp30_sent_for_review_date": ("RRR", "2026-11-05T03:00:00.000Z"),
    "pp30_review_returned_date": ("RRR", "2026-11-05T03:00:00.000Z"),
    "pp30_sent_to_customer_date": ("RRR", "2026-11-05T03:00:00.000Z"),
    "vat_draft_completed_date": ("RRR", "2026-11-05T03:00:00.000Z"),
    "purchase_document_count": ("ERR", 9),
    "income_confirmed": ("ERR", "waiting_customer"),
    "expenses_confirmed": ("ERR", "confirm_expense"),
    "pp30_payment_amount": ("EDE", 250.75),
    "pp30_payment_status": ("EDE", "no_payment"),
    "pp30_inquiry": ("RE-", "ถาม"),
    "pp30_response": ("ER-", "ตอบ"),
    "pp30_submission_comment": ("E-R", "ฝากยื่น"),
    "pp30_filing_response": ("R-E", "ยื่นแล้ว"),
}
SIDES = {"general": GENERAL, "wht": WHT, "vat": VAT}
STATUSES = {"pnd_status": "wht", **{f"{form}_status": "wht" for form in FORMS}, "pp30_status": "vat"}
# Not fields of the form at all: nobody writes them here, whoever they are.
NEVER: dict[str, Any] = {
    "accounting_responsible": STRANGER,
    "vat_filer_current_employee_id": STRANGER,
    "original_accounting_responsible": STRANGER,
    "build": "061",
    "tax_year": 2020,
    "seq": 1,
    "id": "x",
    "updated_by": STRANGER,
    "company_name": "บริษัทอื่น",
    "accounting_responsible_name": "คนอื่น",
}
# §3.2 R: who holds which page's role on the record; a filer only that of their own tax.
HOLDS = {
    ACCOUNTANT: {"taxStatus": {"general", "wht", "vat"}},
    INSPECTOR: {"taxInspection": {"general", "wht", "vat"}},
    WHT_FILER: {"taxFiling": {"wht"}},
    VAT_FILER: {"taxFiling": {"vat"}},
    CLERK: {},
    "admin": {one: {"general", "wht", "vat"} for one in PAGES},
    OTHER_AUDITOR: {},
    STRANGER: {},
}
PEOPLE = tuple(HOLDS)
# A record in which everything is filled in, so that no validation speaks before the matrix does.
FULL: dict[str, Any] = {
    "purchase_document_count": 3,
    "income_confirmed": "customer_confirmed",
    "pp30_payment_status": "has_payment",
    "pp30_payment_amount": 100,
    **{f"{form}_attachment_count": 2 for form in FORMS},
}


class Try(NamedTuple):
    """One value asked for: `base` is what the status fields hold before."""

    field: str
    value: Any
    side: str
    may: bool
    base: str = "not_submitted"


def tries(at: str) -> Iterator[Try]:
    column = PAGES.index(at)
    for side, fields in SIDES.items():
        for field, (letters, value) in fields.items():
            yield Try(field, value, side, letters[column] == "E")
    for field, side in STATUSES.items():
        for code, marks in CODES.items():
            yield Try(field, code, side, marks[column] == "✓", "paid" if code == "not_submitted" else "not_submitted")
    for field, value in NEVER.items():
        yield Try(field, value, "general", False)


def expected(username: str, at: str, one: Try) -> int:
    return 200 if one.may and one.side in HOLDS[username].get(at, ()) else 403


def test_the_tables_of_this_test_name_every_field() -> None:
    assert {*GENERAL, *WHT, *VAT, *STATUSES} == set(FIELDS)


def test_the_tables_of_this_test_count_as_the_domain_does() -> None:
    assert [sum(marks[page] == "✓" for code, marks in CODES.items() if code) for page in range(3)] == [12, 7, 4]


HOLDERS = [(username, at) for username, pages in HOLDS.items() for at in PAGES if at in pages]
OTHERS = [(username, at) for username, pages in HOLDS.items() for at in PAGES if at not in pages]


@pytest.mark.parametrize(("username", "at"), HOLDERS)
def test_every_field_and_status_is_as_the_domain_says(
    app: Flask, sign_in: SignIn, record: dict[str, Any], username: str, at: str
) -> None:
    who, wrong, asked, base = sign_in(username), [], list(tries(at)), ""
    for one in sorted(asked, key=lambda one: one.base):
        if base != one.base:
            reset(app, record["id"], one.base)
        answer = who.put(record["id"], {"sourcePage": at, one.field: one.value})
        if answer.status_code != expected(username, at, one):
            wrong.append(f"{one.field}={one.value}: {answer.status_code} {answer.text}")
        if answer.status_code == 403:
            assert set(answer.json["errors"]) == {one.field}, "the refusal names the field"
        base = one.base
    assert len(asked) > 190
    assert not wrong, f"{username} on {at}:\n" + "\n".join(wrong)


@pytest.mark.parametrize(("username", "at"), OTHERS)
def test_who_does_not_hold_the_pages_role_writes_nothing_there(
    app: Flask, sign_in: SignIn, record: dict[str, Any], username: str, at: str
) -> None:
    """Each field by itself; each status in all twelve fields at once."""
    reset(app, record["id"], "not_submitted")
    who, before = sign_in(username), sign_in("admin").get(record["id"]).json["data"]
    bodies = [{one.field: one.value} for one in tries(at) if one.field not in STATUSES]
    bodies += [dict.fromkeys(STATUSES, code) for code in CODES]
    wanted = 404 if username == STRANGER else 403
    answers = [who.put(record["id"], {"sourcePage": at, **body}).status_code for body in bodies]
    assert answers == [wanted] * len(bodies)
    assert sign_in("admin").get(record["id"]).json["data"] == before


def reset(app: Flask, record_id: str, status: str) -> None:
    """Put the record back to FULL, past all rules."""
    values = FULL | dict.fromkeys(STATUSES, status)
    with app.app_context(), transaction() as work:
        work.session.execute(update(MonthlyTaxData).where(MonthlyTaxData.id == record_id).values(values))


@pytest.mark.parametrize("at", PAGES)
def test_one_refused_field_refuses_the_whole_save_and_all_are_named(
    sign_in: SignIn, record: dict[str, Any], at: str
) -> None:
    """Never dropped silently (design §5)."""
    refused = {one.field: one.value for one in tries(at) if not one.may and one.field not in STATUSES}
    fine = next(one for one in tries(at) if one.may and one.side == "wht" and one.value not in ("", None))
    answer = sign_in("admin").put(record["id"], {"sourcePage": at, fine.field: fine.value, **refused})
    assert answer.status_code == 403
    same = {name for name, value in refused.items() if record.get(name) == value}
    assert set(answer.json["errors"]) == set(refused) - same
    assert sign_in("admin").get(record["id"]).json["data"] == record


def test_a_client_without_vat_has_no_pp30_to_write(app: Flask, sign_in: SignIn) -> None:
    """BUG-118: the VAT tab was usable for a client that is not registered."""
    listed = sign_in("admin").get(limit=100).json["data"]
    record = next(row for row in listed if row["tax_registration_status"] != "จดภาษีมูลค่าเพิ่ม")
    for at in PAGES:
        for one in tries(at):
            if one.side == "vat" and one.may:
                answer = sign_in("admin").put(record["id"], {"sourcePage": at, one.field: one.value})
                same = record[one.field] == one.value
                assert answer.status_code == (200 if same else 403), f"{at} {one.field}"
                assert same or "ยังไม่จดภาษีมูลค่าเพิ่ม" in answer.json["errors"][one.field][0]


@pytest.mark.parametrize(
    "said", [{}, *({"sourcePage": none} for none in ("", "TaxStatus", "tax-status", None, 1, "admin"))], ids=str
)
def test_a_save_says_from_which_page_it_comes(sign_in: SignIn, record: dict[str, Any], said: dict[str, Any]) -> None:
    answer = sign_in("admin").put(record["id"], {**said, "wht_response": "x"})
    assert (answer.status_code, set(answer.json["errors"])) == (422, {"sourcePage"})


def test_one_person_in_two_roles_writes_with_each_on_its_page(app: Flask, sign_in: SignIn) -> None:
    """A filer who files both taxes of a record writes both; an accountant who also keys gains nothing."""
    listed = sign_in("admin").get(limit=100).json["data"]
    filer, other = "wht_filer_current_employee_id", "vat_filer_current_employee_id"
    both = next(row for row in listed if row[filer] and row[filer] == row[other])
    who = sign_in(both[filer])
    for field in ("wht_filing_response", "pp30_filing_response"):
        assert who.put(both["id"], {"sourcePage": "taxFiling", field: "ยื่นครบ"}).status_code == 200
    assert who.put(both["id"], {"sourcePage": "taxStatus", "wht_response": "x"}).status_code == 403


def test_the_menu_of_a_page_offers_what_it_accepts(reading: Flask) -> None:
    """All twelve are shown; allowed ones first, each in the order of the catalogue (§3.1)."""
    from bmu.monthly_tax.rules import menu

    order = [code for code in CODES if code]
    for column, at in enumerate(PAGES):
        allowed = [code for code in order if CODES[code][column] == "✓"]
        wanted = [*((code, True) for code in allowed), *((code, False) for code in order if code not in allowed)]
        assert list(menu(at)) == wanted
