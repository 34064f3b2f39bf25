"""Who is told of what (domain §11 with its R): event × recipient, for both taxes."""

from __future__ import annotations

from typing import Any

import pytest

from bmu.monthly_tax.fields import PEOPLE, PND, PP30, SIDES, Side
from bmu.monthly_tax.notices import PREVIEW, Told, facts, of_change, preview
from bmu.monthly_tax.rules import FILING_PAGE, INSPECTION_PAGE, STATUS_PAGE
from tests.conftest import FIVE, STRANGER

STATUS, INSPECTION, FILING = STATUS_PAGE, INSPECTION_PAGE, FILING_PAGE
ACCOUNTANT, INSPECTOR = FIVE["accounting_responsible"], FIVE["tax_inspection_responsible"]
PREFIX = {PND.key: "wht", PP30.key: "pp30"}
each_side = pytest.mark.parametrize("side", SIDES, ids=lambda side: side.key)


def filer(side: Side) -> str:
    return FIVE[side.filer]


def told(side: Side, page: str, by: str | None = STRANGER, **changed: Any) -> list[tuple[str, str, str | None]]:
    """(person, event, text) of a save; `changed`: `status` (before, after), or a text's name and its new value."""
    names = {name: side.status if name == "status" else f"{PREFIX[side.key]}_{name}" for name in changed}
    fields = {names[name]: list(value) if name == "status" else [None, value] for name, value in changed.items()}
    found = of_change("update", page, fields, FIVE, by)
    assert {one.topic for one in found} <= {side.key}
    return [(one.person, one.event, one.text) for one in found]


@each_side
@pytest.mark.parametrize(
    ("page", "status", "wanted"),
    [
        (STATUS, (None, "pending_review"), [("inspector", "review")]),
        (STATUS, ("needs_correction", "pending_recheck"), [("inspector", "recheck")]),
        (STATUS, ("pending_review", "pending_recheck"), [("inspector", "recheck")]),
        (INSPECTION, ("pending_review", "needs_correction"), [("accountant", "inspected")]),
        (INSPECTION, ("pending_recheck", "inquire_customer"), [("accountant", "inspected")]),
        (INSPECTION, ("paid", "additional_review"), [("accountant", "inspected")]),
        (INSPECTION, ("pending_review", "passed"), [("accountant", "inspected"), ("filer", "ready")]),
        (INSPECTION, ("pending_review", "not_submitted"), [("accountant", "inspected")]),
        (INSPECTION, ("passed", "paid"), []),
        (STATUS, ("pending_review", "needs_correction"), []),
        (STATUS, ("passed", "draft_ready"), [("filer", "ready")]),
        (STATUS, (None, "passed"), [("filer", "ready")]),
        (FILING, ("draft_completed", "sent_to_customer"), [("accountant", "sent_to_customer")]),
        (FILING, ("draft_ready", "draft_completed"), []),
        (FILING, ("sent_to_customer", "paid"), []),
        (STATUS, ("paid", None), []),
    ],
)
def test_a_change_of_status_tells_who_has_work_now(side: Side, page: str, status: Any, wanted: Any) -> None:
    people = {"inspector": INSPECTOR, "accountant": ACCOUNTANT, "filer": filer(side)}
    assert told(side, page, status=status) == [(people[who], event, None) for who, event in wanted]


@each_side
@pytest.mark.parametrize(
    ("page", "name", "to"),
    [
        (INSPECTION, "inquiry", "accounting_responsible"),
        (STATUS, "response", "tax_inspection_responsible"),
        (STATUS, "submission_comment", ""),
        (FILING, "filing_response", "accounting_responsible"),
    ],
)
def test_a_text_is_told_to_whom_it_speaks(side: Side, page: str, name: str, to: str) -> None:
    assert told(side, page, **{name: "ขอเอกสาร"}) == [(FIVE[to or side.filer], name, "ขอเอกสาร")]
    assert told(side, page, **{name: None}) == []


@each_side
def test_a_verdict_comes_with_the_inspectors_question_and_never_with_another_text(side: Side) -> None:
    """TRAP: the accountant saw their own text as the inspector's (domain §11.1 N3)."""
    verdict = ("pending_review", "needs_correction")
    assert told(side, INSPECTION, status=verdict, inquiry="ขาด 2 ใบ") == [(ACCOUNTANT, "inspected", "ขาด 2 ใบ")]
    found = told(side, INSPECTION, status=verdict, response="ของผู้ทำบัญชี", submission_comment="ของผู้ทำบัญชี")
    assert (ACCOUNTANT, "inspected", None) in found


@each_side
def test_of_several_things_for_one_person_the_status_is_told_with_the_text(side: Side) -> None:
    sent = ("draft_completed", "sent_to_customer")
    assert told(side, FILING, status=sent, filing_response="ส่งแล้ว") == [(ACCOUNTANT, "sent_to_customer", "ส่งแล้ว")]
    ready = told(side, STATUS, status=("passed", "draft_ready"), submission_comment="ยื่นได้")
    assert ready == [(filer(side), "ready", "ยื่นได้")]
    again = told(side, STATUS, status=("needs_correction", "pending_recheck"), response="แก้แล้ว")
    assert again == [(INSPECTOR, "recheck", "แก้แล้ว")]


@each_side
def test_nobody_is_told_of_what_they_did(side: Side) -> None:
    """TRAP: N4 also went to the person who did it."""
    assert told(side, STATUS, ACCOUNTANT, status=("draft_completed", "sent_to_customer")) == []
    assert told(side, INSPECTION, INSPECTOR, status=("pending_review", "passed")) == [
        (ACCOUNTANT, "inspected", None),
        (filer(side), "ready", None),
    ]
    assert told(side, INSPECTION, ACCOUNTANT, status=("pending_review", "needs_correction")) == []


def test_each_tax_is_told_by_itself() -> None:
    """TRAP: an unread notice about PND swallowed the one about PP30."""
    fields = {PND.status: [None, "pending_review"], PP30.status: [None, "pending_review"]}
    found = of_change("update", STATUS, fields, FIVE, ACCOUNTANT)
    assert found == [
        Told(INSPECTOR, "review", PND.key, "pending_review"),
        Told(INSPECTOR, "review", PP30.key, "pending_review"),
    ]


def test_anybody_who_sends_for_review_tells_the_inspector() -> None:
    """TRAP: the inspector was not told when an administrator sent it."""
    assert told(PND, STATUS, "admin", status=(None, "pending_review")) == [(INSPECTOR, "review", None)]


def test_a_role_that_nobody_holds_is_told_nothing() -> None:
    nobody = dict.fromkeys(PEOPLE)
    assert of_change("update", STATUS, {PND.status: [None, "pending_review"]}, nobody, ACCOUNTANT) == []


@pytest.mark.parametrize("role", PEOPLE)
def test_old_and_new_are_told_of_a_reassignment_by_role(role: str) -> None:
    found = of_change("hand_over", None, {role: [FIVE[role], STRANGER]}, FIVE | {role: STRANGER}, "CLI")
    assert found == [Told(STRANGER, "assigned", role), Told(FIVE[role], "unassigned", role)]


def test_two_roles_given_to_one_person_are_told_one_by_one() -> None:
    given = {"accounting_responsible": [ACCOUNTANT, STRANGER], "document_entry_responsible": [None, STRANGER]}
    found = of_change("hand_over", None, given | {"original_document_entry_responsible": [None, STRANGER]}, FIVE, None)
    assert [one.topic for one in found if one.person == STRANGER] == list(given)


@pytest.mark.parametrize("action", ["undo", "create"])
def test_neither_an_undo_nor_a_new_record_tells_anybody(action: str) -> None:
    fields = {PND.status: [None, "pending_review"], "accounting_responsible": [None, ACCOUNTANT]}
    assert of_change("hand_over", STATUS, fields, FIVE, None) and of_change("update", STATUS, fields, FIVE, None)
    assert of_change(action, STATUS, fields, FIVE, None) == []


def test_a_preview_is_the_first_hundred_characters_in_one_line() -> None:
    assert preview("ขอ\nเอกสาร  เพิ่ม") == "ขอ เอกสาร เพิ่ม"
    assert preview("ก" * PREVIEW) == "ก" * PREVIEW
    assert preview("ก" * (PREVIEW + 1)) == "ก" * PREVIEW + "..."


def test_what_is_kept_are_codes_and_names() -> None:
    record = {"build": "018", "company_name": "บริษัท ก", "tax_year": 2026, "tax_month": 10, "wht_response": "x"}
    assert facts(Told(INSPECTOR, "review", "wht", "pending_review", "ก" * 200), record, "วิภา(ภา)") == {
        **{"build": "018", "company_name": "บริษัท ก", "tax_year": 2026, "tax_month": 10},
        **{"status": "pending_review", "text": "ก" * 100 + "...", "by": "วิภา(ภา)"},
    }
