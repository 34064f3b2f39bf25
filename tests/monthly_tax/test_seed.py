"""The demo's records: what the five could have saved by the rules, and the log that tells how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bmu import create_app
from bmu.accounts.models import Employee, User
from bmu.accounts.rules import BOTH, DATA_ENTRY
from bmu.changes.models import ChangeAudience, ChangeLog
from bmu.changes.work import last_seq, plain
from bmu.cli.seed import Size, sow
from bmu.clients.models import Client
from bmu.clients.rules import STATUSES, VAT
from bmu.config import Config
from bmu.extensions import db
from bmu.i18n import BANGKOK, Month
from bmu.monthly_tax import rules
from bmu.monthly_tax.catalogue import PENDING, STATUS
from bmu.monthly_tax.fields import FIELDS, FORMS, ORIGINALS, PEOPLE, SIDES, Side
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.monthly_tax.seed.office import office_of

NOW = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)  # Monday, 12:30 in Bangkok
NEWEST = Month(2026, 10)
FIVE = ("AC00024", "AC00008", "AC00031", "AC00012", "AC00015")  # in the order of PEOPLE
MAY_HOLD = {
    "accounting_responsible": {"service"},
    "tax_inspection_responsible": {"audit"},
    "document_entry_responsible": {DATA_ENTRY, BOTH},
    "wht_filer_current_employee_id": {BOTH},
    "vat_filer_current_employee_id": {BOTH},
}
Values = dict[str, Any]


@dataclass(frozen=True)
class Demo:
    records: list[Values]
    lines: dict[str, list[ChangeLog]]
    heard: dict[int, set[str]]
    clients: dict[str, Client]
    roles: dict[str, str]
    last_seq: int

    @property
    def newest(self) -> list[Values]:
        return [record for record in self.records if month_of(record) == NEWEST]

    def is_vat(self, record: Values) -> bool:
        return self.clients[record["build"]].tax_registration_status == VAT

    def sides(self, record: Values) -> tuple[Side, ...]:
        return SIDES if self.is_vat(record) else SIDES[:1]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """60 clients × 3 months, read once; nobody writes."""
    folder = tmp_path_factory.mktemp("demo")
    app = create_app(_config(folder))
    with app.app_context():
        db.create_all()
        sow(Size(clients=60, months=3), NOW)
        yield _read()
        db.session.remove()
        db.engine.dispose()


def _config(folder: Path) -> Config:
    url = f"sqlite:///{folder / 'bmu.sqlite'}"
    return Config(url, folder, "a secret of the tests, 32 letters or more", testing=True, log_level="WARNING")


def _read() -> Demo:
    rows = db.session.execute(select(MonthlyTaxData.__table__)).mappings()
    lines: dict[str, list[ChangeLog]] = {}
    for line in db.session.scalars(select(ChangeLog).order_by(ChangeLog.seq)):
        lines.setdefault(line.entity_id, []).append(line)
    heard: dict[int, set[str]] = {}
    for told in db.session.scalars(select(ChangeAudience)):
        heard.setdefault(told.seq, set()).add(told.employee_id)
    clients = {client.build: client for client in db.session.scalars(select(Client))}
    roles = {user.employee_id or "": user.role for user in db.session.scalars(select(User))}
    return Demo([dict(row) for row in rows], lines, heard, clients, roles, last_seq())


def month_of(record: Values) -> Month:
    return Month(record["tax_year"], record["tax_month"])


def test_build_018_belongs_to_exactly_the_five_in_every_month(demo: Demo) -> None:
    ours = [record for record in demo.records if record["build"] == "018"]
    assert [month_of(record) for record in ours] == [Month(2026, 8), Month(2026, 9), NEWEST]
    for record in ours:
        assert tuple(record[role] for role in PEOPLE) == FIVE
        assert tuple(record[ORIGINALS[role]] for role in PEOPLE) == FIVE
        assert all(record[f"{form}_status"] for form in FORMS)
        assert record["purchase_document_count"] is not None and record["income_confirmed"]


def test_build_018_is_in_the_middle_of_its_newest_month(demo: Demo) -> None:
    (record,) = (record for record in demo.newest if record["build"] == "018")
    assert (record["pnd_status"], record["pp30_status"]) == ("pending_review", "needs_correction")
    assert demo.is_vat(record)


def test_the_stranger_has_clients_but_nothing_of_018(demo: Demo) -> None:
    builds = {record["build"] for record in demo.records if record["accounting_responsible"] == "AC00040"}
    told = set().union(
        *(demo.heard[line.seq] for r in demo.records if r["build"] == "018" for line in demo.lines[r["id"]])
    )
    assert builds and "018" not in builds
    assert "AC00040" not in told and told == set(FIVE)


def test_everybody_holds_what_their_role_may_hold(demo: Demo) -> None:
    for record in demo.records:
        for role, allowed in MAY_HOLD.items():
            for person in (record[role], record[ORIGINALS[role]]):
                keys_her_own = role == "document_entry_responsible" and person == "AC00024"
                assert person is None or demo.roles[person] in allowed or keys_her_own


def test_ac00024_and_the_filers_hold_two_roles_on_some_records(demo: Demo) -> None:
    def both(person: str, *roles: str) -> int:
        return sum(all(record[role] == person for role in roles) for record in demo.newest)

    assert both("AC00024", "accounting_responsible", "document_entry_responsible") >= 1
    assert both("AC00012", "wht_filer_current_employee_id", "vat_filer_current_employee_id") >= 1
    assert both("AC00015", "wht_filer_current_employee_id", "vat_filer_current_employee_id") >= 1


def test_some_work_was_handed_over_and_the_first_one_is_remembered(demo: Demo) -> None:
    over = [
        record for record in demo.records if any(record[role] != record[first] for role, first in ORIGINALS.items())
    ]
    assert over
    for record in over:
        lines = [line for line in demo.lines[record["id"]] if line.action == "hand_over"]
        ((role, (former, now)),) = lines[0].fields.items()
        assert (former, now) == (record[ORIGINALS[role]], record[role])
        assert {former, now} <= demo.heard[lines[0].seq]


def test_every_status_occurs_on_both_sides_of_the_newest_month(demo: Demo) -> None:
    for side in SIDES:
        found = {record[side.status] for record in demo.newest if side in demo.sides(record)}
        assert found == {*STATUS.codes, None}


def test_the_newest_month_is_in_the_middle_of_its_work(demo: Demo) -> None:
    found = Counter(record["pnd_status"] for record in demo.newest)
    waiting = found["pending_review"] + found["pending_recheck"] + found["needs_correction"]
    assert 0.2 < (waiting + found["inquire_customer"] + found["additional_review"]) / len(demo.newest) < 0.5
    assert 0.15 < found[None] / len(demo.newest) < 0.4


def test_older_months_are_done(demo: Demo) -> None:
    found = Counter(record["pnd_status"] for record in demo.records if month_of(record) < NEWEST)
    done = sum(found[code] for code in ("received_receipt", "paid", "sent_to_customer", "not_submitted"))
    assert done / found.total() > 0.9


def test_without_vat_there_is_nothing_of_it(demo: Demo) -> None:
    rows = [record for record in demo.records if not demo.is_vat(record)]
    assert rows
    for record in rows:
        assert record["vat_filer_current_employee_id"] is None
        assert not [key for key, field in FIELDS.items() if field.side == "vat" and record[key] is not None]


def test_who_has_cancelled_has_no_record_in_the_newest_month(demo: Demo) -> None:
    gone = {build for build, client in demo.clients.items() if client.company_status == STATUSES[-1]}
    assert gone and not gone & {record["build"] for record in demo.newest}


def test_no_record_is_older_than_its_company(demo: Demo) -> None:
    for record in demo.records:
        began = demo.clients[record["build"]].establishment_date
        assert began is not None and Month(began.year, began.month) <= month_of(record)


def test_nothing_stops_a_save_that_touches_a_single_field(demo: Demo) -> None:
    for record in demo.records:
        for page in rules.SOURCE_PAGES:
            faults = {key: rules.faults(page, [key], record, record) for key in FIELDS}
            assert not any(faults.values()), faults


def test_each_save_in_the_log_was_one_that_the_rules_accept(demo: Demo) -> None:
    for record in demo.records:
        old: Values = dict.fromkeys((*FIELDS, *PEOPLE))
        for line in demo.lines[record["id"]]:
            new = old | {key: _stored(key, value) for key, (_, value) in line.fields.items()}
            if line.page:
                _refuse_what_the_service_would(line, old, new, demo.is_vat(record))
            old = new


def _stored(key: str, value: Any) -> Any:
    field = FIELDS.get(key)
    return value if field is None or field.kind.macro == "moment" else field.kind.parse(value)


def _refuse_what_the_service_would(line: ChangeLog, old: Values, new: Values, is_vat: bool) -> None:
    dates = {key for side in SIDES for key in (side.sent, side.returned, side.draft, side.customer)}
    changed = {key: new[key] for key in line.fields if key not in dates}
    people = {role: old[role] for role in PEOPLE}
    assert line.page and rules.refused(line.page, changed, people, line.actor, is_vat=is_vat) == {}
    assert rules.faults(line.page, changed, new, old) == {}
    assert set(rules.stamps(line.page, old, new, line.at)) == dates & line.fields.keys()


def test_the_log_of_a_record_adds_up_to_the_record(demo: Demo) -> None:
    assert demo.lines.keys() == {record["id"] for record in demo.records}
    for record in demo.records:
        lines = demo.lines[record["id"]]
        assert [line.version for line in lines] == list(range(1, record["version"] + 1))
        assert (record["seq"], record["updated_at"], record["updated_by"]) == (
            lines[-1].seq,
            lines[-1].at,
            lines[-1].actor,
        )
        assert (lines[0].action, lines[0].at) == ("create", record["created_at"])
        told = {key: value for line in lines for key, (_, value) in line.fields.items()}
        assert told == {key: plain(record[key]) for key in told}
        assert all(record[key] is None for key in (*FIELDS, *PEOPLE) if key not in told)


def test_places_in_the_log_follow_time_without_a_gap(demo: Demo) -> None:
    lines = sorted((line for lines in demo.lines.values() for line in lines), key=lambda line: line.seq)
    assert [line.seq for line in lines] == list(range(1, demo.last_seq + 1))
    assert all(earlier.at <= later.at for earlier, later in pairwise(lines))


def test_the_five_of_a_record_hear_of_each_change(demo: Demo) -> None:
    for record in demo.records:
        five = {record[role] for role in PEOPLE if record[role]}
        *_, last = (demo.heard[line.seq] for line in demo.lines[record["id"]] if line.action != "hand_over")
        assert last == five or record["version"] == 2
        assert five <= demo.heard[record["seq"]]


def test_dates_are_in_the_order_of_the_work(demo: Demo) -> None:
    for record in demo.records:
        for side in demo.sides(record):
            keys = [side.sent, side.returned, side.draft, side.customer]
            if record[side.status] == "pending_recheck":  # sent again after it had come back (domain §4.4)
                keys[:2] = [side.returned, side.sent]
            dates = [record[key] for key in keys if record[key]]
            assert all(earlier < later for earlier, later in pairwise(dates))
            received = record["document_received_date"]
            assert not dates or received is None or received <= dates[0].astimezone(BANGKOK).date()


def test_a_status_has_the_date_that_belongs_to_it(demo: Demo) -> None:
    verdicts = {"passed", "needs_correction", "inquire_customer", "additional_review", "pending_recheck"}
    for record in demo.records:
        for side in demo.sides(record):
            needs = {side.sent: verdicts | PENDING, side.returned: verdicts}
            needs |= {side.draft: {"draft_completed"}, side.customer: {"sent_to_customer", "paid", "received_receipt"}}
            for date, codes in needs.items():
                assert record[side.status] not in codes or record[date]


def test_everything_happened_in_office_hours_and_before_now(demo: Demo) -> None:
    for lines in demo.lines.values():
        for line in lines:
            here = line.at.astimezone(BANGKOK)
            assert here.weekday() < 5 and time(8, 30) <= here.time() <= time(17, 30)
            assert line.at <= NOW


@pytest.mark.parametrize("day", ["2026-11-01T00:05:00+07:00", "2027-03-01T00:05:00+07:00", "2027-01-31T23:59:00+07:00"])
def test_a_young_month_has_work_behind_it_and_none_ahead(day: str) -> None:
    now = datetime.fromisoformat(day)
    newest = Month(now.year, now.month).plus(-1)
    before, office = office_of(newest.plus(-1), now), office_of(newest, now)
    assert before.at(0.9999) < office.at(0) < office.at(0.5) < office.at(0.9999) <= now


def test_texts_are_many_and_some_have_several_lines(demo: Demo) -> None:
    texts = {
        key: {r[key] for r in demo.records if r[key]} for key, field in FIELDS.items() if field.kind.macro == "text"
    }
    assert len(texts) == 8 and all(len(found) > 5 for found in texts.values())
    assert any("\n" in text for text in texts["pp30_inquiry"]) and max(map(len, texts["wht_inquiry"])) > 150


def test_people_are_employees_who_still_work_here(demo: Demo) -> None:
    active = set(db.session.scalars(select(Employee.employee_id).where(Employee.status == "active")))
    assert {record[role] for record in demo.records for role in PEOPLE} - {None} <= active
