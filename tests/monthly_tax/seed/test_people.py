"""Who is responsible in the demo: the cast, and nobody for what they may not hold."""

from __future__ import annotations

from typing import Any

from bmu.accounts.rules import AUDIT, BOTH, DATA_ENTRY, SERVICE
from bmu.i18n import Month
from bmu.monthly_tax.fields import FORMS, ORIGINALS, PEOPLE

FIVE = ("AC00024", "AC00008", "AC00031", "AC00012", "AC00015")  # in the order of PEOPLE
MAY_HOLD = {
    "accounting_responsible": {SERVICE},
    "tax_inspection_responsible": {AUDIT},
    "document_entry_responsible": {DATA_ENTRY, BOTH},
    "wht_filer_current_employee_id": {BOTH},
    "vat_filer_current_employee_id": {BOTH},
}


def test_build_018_belongs_to_exactly_the_five_in_every_month(demo: Any) -> None:
    ours = [record for record in demo.records if record["build"] == "018"]
    assert [demo.month_of(record) for record in ours] == [Month(2026, 8), Month(2026, 9), Month(2026, 10)]
    for record in ours:
        assert tuple(record[role] for role in PEOPLE) == FIVE
        assert tuple(record[ORIGINALS[role]] for role in PEOPLE) == FIVE
        assert all(record[f"{form}_status"] for form in FORMS)
        assert record["purchase_document_count"] is not None and record["income_confirmed"]


def test_the_stranger_has_clients_but_nothing_of_018(demo: Any) -> None:
    builds = {record["build"] for record in demo.records if record["accounting_responsible"] == "AC00040"}
    told = set().union(
        *(demo.heard[line.seq] for r in demo.records if r["build"] == "018" for line in demo.lines[r["id"]])
    )
    assert builds and "018" not in builds
    assert "AC00040" not in told and told == set(FIVE)


def test_everybody_holds_what_their_role_may_hold(demo: Any) -> None:
    for record in demo.records:
        for role, allowed in MAY_HOLD.items():
            for person in (record[role], record[ORIGINALS[role]]):
                keys_her_own = role == "document_entry_responsible" and person == "AC00024"
                assert person is None or demo.users[person].role in allowed or keys_her_own


def test_ac00024_and_the_filers_hold_two_roles_on_some_records(demo: Any) -> None:
    def both(person: str, *roles: str) -> int:
        return sum(all(record[role] == person for role in roles) for record in demo.newest)

    assert both("AC00024", "accounting_responsible", "document_entry_responsible") >= 1
    assert both("AC00012", "wht_filer_current_employee_id", "vat_filer_current_employee_id") >= 1
    assert both("AC00015", "wht_filer_current_employee_id", "vat_filer_current_employee_id") >= 1


def test_some_work_was_handed_over_and_the_first_one_is_remembered(demo: Any) -> None:
    over = [
        record for record in demo.records if any(record[role] != record[first] for role, first in ORIGINALS.items())
    ]
    assert over
    for record in over:
        lines = [line for line in demo.lines[record["id"]] if line.action == "hand_over"]
        ((role, (former, now)),) = lines[0].fields.items()
        assert (former, now) == (record[ORIGINALS[role]], record[role])
        assert {former, now} <= demo.heard[lines[0].seq]


def test_who_is_responsible_still_works_here(demo: Any) -> None:
    people = {record[role] for record in demo.records for role in PEOPLE} - {None}
    assert len(people) > 30
    assert {demo.users[person].status for person in people} == {"active"}
