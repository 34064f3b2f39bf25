"""The demo's change log: saves that the rules accept, which add up to the records."""

from __future__ import annotations

from datetime import datetime, time
from itertools import pairwise
from typing import Any

import pytest

from bmu.changes.models import ChangeLog
from bmu.changes.work import plain
from bmu.i18n import BANGKOK, Month
from bmu.monthly_tax import rules
from bmu.monthly_tax.duties import NO_VAT_RETURN, Duties
from bmu.monthly_tax.fields import FIELDS, PEOPLE, SIDES, VAT
from bmu.monthly_tax.seed.office import office_of
from bmu.monthly_tax.validations import faults

Values = dict[str, Any]


def test_each_save_in_the_log_was_one_that_the_rules_accept(demo: Any) -> None:
    for record in demo.records:
        old: Values = dict.fromkeys((*FIELDS, *PEOPLE))
        for line in demo.lines[record["id"]]:
            new = old | {key: _stored(key, value) for key, (_, value) in line.fields.items()}
            if line.page:
                _refuse_what_the_service_would(line, old, new, demo.forms(record))
            old = new


def _stored(key: str, value: Any) -> Any:
    field = FIELDS.get(key)
    return value if field is None or field.kind.macro == "moment" else field.kind.parse(value)


def _refuse_what_the_service_would(line: ChangeLog, old: Values, new: Values, forms: tuple[str, ...]) -> None:
    dates = {key for side in SIDES for key in (side.sent, side.returned, side.draft, side.customer)}
    changed = {key: new[key] for key in line.fields if key not in dates}
    people = {role: old[role] for role in PEOPLE}
    closed = {} if "pp30" in forms else {VAT: NO_VAT_RETURN}
    duties = Duties(frozenset(forms), frozenset(), closed)
    assert line.page and rules.refused(rules.Hand(line.page, line.actor, people, duties), changed) == {}
    assert faults(line.page, changed, new, forms) == {}
    assert set(rules.stamps(line.page, old, new, line.at)) == dates & line.fields.keys()


def test_the_log_of_a_record_adds_up_to_the_record(demo: Any) -> None:
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


def test_places_in_the_log_follow_time_without_a_gap(demo: Any) -> None:
    lines = sorted((line for lines in demo.lines.values() for line in lines), key=lambda line: line.seq)
    assert [line.seq for line in lines] == list(range(1, demo.last_seq + 1))
    assert all(earlier.at <= later.at for earlier, later in pairwise(lines))


def test_the_five_of_a_record_hear_of_each_change(demo: Any) -> None:
    for record in demo.records:
        five = {record[role] for role in PEOPLE if record[role]}
        *_, last = (demo.heard[line.seq] for line in demo.lines[record["id"]] if line.action != "hand_over")
        assert last == five or record["version"] == 2
        assert five <= demo.heard[record["seq"]]


def test_everything_happened_in_office_hours_and_before_now(demo: Any) -> None:
    for lines in demo.lines.values():
        for line in lines:
            here = line.at.astimezone(BANGKOK)
            assert here.weekday() < 5 and time(8, 30) <= here.time() <= time(17, 30)
            assert line.at <= demo.now


@pytest.mark.parametrize("day", ["2026-11-01T00:05:00+07:00", "2027-03-01T00:05:00+07:00", "2027-01-31T23:59:00+07:00"])
def test_a_young_month_has_work_behind_it_and_none_ahead(day: str) -> None:
    now = datetime.fromisoformat(day)
    newest = Month(now.year, now.month).plus(-1)
    before, office = office_of(newest.plus(-1), now), office_of(newest, now)
    assert before.at(0.9999) < office.at(0) < office.at(0.5) < office.at(0.9999) <= now
