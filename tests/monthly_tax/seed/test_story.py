"""How far the work of the demo has come: the spread of a month, and what belongs to each status."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

from bmu.clients.rules import STATUSES
from bmu.i18n import BANGKOK, Month
from bmu.monthly_tax import rules
from bmu.monthly_tax.catalogue import PENDING, STATUS
from bmu.monthly_tax.fields import FIELDS, FORMS, SIDES
from bmu.monthly_tax.validations import faults


def test_build_018_is_in_the_middle_of_its_newest_month(demo: Any) -> None:
    (record,) = (record for record in demo.newest if record["build"] == "018")
    assert (record["pnd_status"], record["pp30_status"]) == ("pending_review", "needs_correction")
    assert demo.is_vat(record)


def test_every_status_occurs_on_both_sides_of_the_newest_month(demo: Any) -> None:
    for side in SIDES:
        found = {record[side.status] for record in demo.newest if side in demo.sides(record)}
        assert found == {*STATUS.codes, None}


def test_the_newest_month_is_in_the_middle_of_its_work(demo: Any) -> None:
    found = Counter(record["pnd_status"] for record in demo.newest)
    waiting = found["pending_review"] + found["pending_recheck"] + found["needs_correction"]
    assert 0.2 < (waiting + found["inquire_customer"] + found["additional_review"]) / len(demo.newest) < 0.5
    assert 0.15 < found[None] / len(demo.newest) < 0.4


def test_older_months_are_done(demo: Any) -> None:
    found = Counter(record["pnd_status"] for record in demo.records if demo.month_of(record) < Month(2026, 10))
    done = sum(found[code] for code in ("received_receipt", "paid", "sent_to_customer", "not_submitted"))
    assert done / found.total() > 0.9


def test_without_vat_there_is_nothing_of_it(demo: Any) -> None:
    rows = [record for record in demo.records if not demo.is_vat(record)]
    assert rows
    for record in rows:
        assert record["vat_filer_current_employee_id"] is None
        assert not [key for key, field in FIELDS.items() if field.side == "vat" and record[key] is not None]


def test_nothing_is_entered_that_the_client_does_not_file(demo: Any) -> None:
    """Else it would apply all the same (decision 0019)."""
    away = [(record, form) for record in demo.records for form in FORMS if form not in demo.forms(record)]
    assert len(away) > len(demo.records)
    assert not [one for one, form in away if one[f"{form}_status"] or one[f"{form}_attachment_count"]]


def test_everybody_withholds_something(demo: Any) -> None:
    """A side of the demo is closed by VAT registration only: whoever shows the desk finds every status to choose."""
    assert all(set(demo.forms(record)) - {"pp30"} for record in demo.records)


def test_without_vat_there_is_no_vat_return_and_018_files_everything(demo: Any) -> None:
    for record in demo.records:
        assert ("pp30" in demo.forms(record)) == demo.is_vat(record)
        assert record["build"] != "018" or len(demo.forms(record)) == 11


def test_somebody_has_more_to_file_than_before(demo: Any) -> None:
    assert any(len(schedule) > 1 for schedule in demo.obligations.values())


def test_who_has_cancelled_has_no_record_in_the_newest_month(demo: Any) -> None:
    gone = {build for build, client in demo.clients.items() if client.company_status == STATUSES[-1]}
    assert gone and not gone & {record["build"] for record in demo.newest}


def test_no_record_is_older_than_its_company(demo: Any) -> None:
    for record in demo.records:
        began = demo.clients[record["build"]].establishment_date
        assert began is not None and Month(began.year, began.month) <= demo.month_of(record)


def test_nothing_stops_a_save_that_touches_a_single_field(demo: Any) -> None:
    for record in demo.records:
        for page in rules.SOURCE_PAGES:
            found = {key: faults(page, [key], record, demo.forms(record)) for key in FIELDS}
            assert not any(found.values()), found


def test_dates_are_in_the_order_of_the_work(demo: Any) -> None:
    for record in demo.records:
        for side in demo.sides(record):
            keys = [side.sent, side.returned, side.draft, side.customer]
            if record[side.status] == "pending_recheck":  # sent again after it had come back (domain §4.4)
                keys[:2] = [side.returned, side.sent]
            dates = [record[key] for key in keys if record[key]]
            assert all(earlier < later for earlier, later in pairwise(dates))
            received = record["document_received_date"]
            assert not dates or received is None or received <= dates[0].astimezone(BANGKOK).date()


def test_a_status_has_the_date_that_belongs_to_it(demo: Any) -> None:
    verdicts = {"passed", "needs_correction", "inquire_customer", "additional_review", "pending_recheck"}
    for record in demo.records:
        for side in demo.sides(record):
            needs = {side.sent: verdicts | PENDING, side.returned: verdicts}
            needs |= {side.draft: {"draft_completed"}, side.customer: {"sent_to_customer", "paid", "received_receipt"}}
            for date, codes in needs.items():
                assert record[side.status] not in codes or record[date]


def test_texts_are_many_and_some_have_several_lines(demo: Any) -> None:
    texts = {
        key: {r[key] for r in demo.records if r[key]} for key, field in FIELDS.items() if field.kind.macro == "text"
    }
    assert len(texts) == 8 and all(len(found) > 5 for found in texts.values())
    assert any("\n" in text for text in texts["pp30_inquiry"]) and max(map(len, texts["wht_inquiry"])) > 150
