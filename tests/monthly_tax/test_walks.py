"""Any month's work over the API: whoever saves whatever on whichever page, the dates are those of domain §4.4."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from flask import Flask
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from bmu import create_app
from tests import databases
from tests.conftest import FIVE, Colleague, close, config_for
from tests.monthly_tax.dates import CODES, MAY, PND, PP30, stamped, start

SIDES = (PND, PP30)
DATES = tuple(date for side in SIDES for date in side.dates)
ACCOUNTANT, INSPECTOR, WHT_FILER, VAT_FILER, _ = FIVE.values()
# Who works on which page, on which of the two taxes, and a text of theirs.
HANDS = (
    (ACCOUNTANT, "taxStatus", SIDES, "wht_response"),
    (INSPECTOR, "taxInspection", SIDES, "pp30_inquiry"),
    (WHT_FILER, "taxFiling", (PND,), "wht_filing_response"),
    (VAT_FILER, "taxFiling", (PP30,), "pp30_filing_response"),
    ("admin", "taxStatus", SIDES, "wht_submission_comment"),
    ("admin", "taxInspection", SIDES, "wht_inquiry"),
    ("admin", "taxFiling", SIDES, "pp30_filing_response"),
)


class Step(NamedTuple):
    """A save: who on which page, the statuses (one tax, or both at once), a text besides or none."""

    who: str
    at: str
    statuses: dict[str, str]
    text: dict[str, str]


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """A save that the page offers: mostly what moves the work on, sometimes nothing but a text."""
    who, at, sides, field = draw(st.sampled_from(HANDS))
    code = st.sampled_from(sorted(MAY[at]))
    chosen = draw(st.lists(st.sampled_from(sides), unique=True))
    text = draw(st.sampled_from([{}, {field: "อีกครั้ง"}, {field: "เรียบร้อย"}]))
    return Step(who, at, {side.status: draw(code) for side in chosen}, text)


@pytest.fixture(scope="module")
def cast(firm: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Colleague]]:
    folder = tmp_path_factory.mktemp("walks")
    app = create_app(config_for(databases.copy(firm, folder), folder))
    yield {who: Colleague(app, who) for who in {hand[0] for hand in HANDS}}
    close(app)


def begin(app: Flask, first: tuple[str | None, str | None]) -> str:
    with app.app_context():
        return start(dict(zip([side.status for side in SIDES], first, strict=True)))


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    first=st.tuples(*(st.sampled_from([None, *CODES]),) * 2),
    walk=st.lists(steps(), min_size=4, max_size=10),
)
def test_each_save_sets_just_the_dates_of_the_domain_and_none_is_ever_cleared(
    cast: dict[str, Colleague], first: tuple[str | None, str | None], walk: list[Step]
) -> None:
    admin = cast["admin"]
    record_id = begin(admin.app, first)
    now = admin.get(record_id).json["data"]
    assert [now[date] for date in DATES] == [None] * 8
    for step in walk:
        now = _saved(cast[step.who], record_id, now, step)
        assert admin.get(record_id).json["data"] == now
    event(f"{sum(now[date] is not None for date in DATES)} dates")
    _look_back(admin, record_id, now)


def _saved(who: Colleague, record_id: str, before: dict[str, Any], step: Step) -> dict[str, Any]:
    """Save, and save the same again: the record after it, as it must be."""
    body = {"sourcePage": step.at, "version": before["version"], **step.statuses, **step.text}
    answer = who.put(record_id, body)
    assert answer.status_code == 200, answer.text
    after = answer.json["data"]
    changed = {key for key, value in {**step.statuses, **step.text}.items() if before[key] != value}
    assert after["version"] == before["version"] + bool(changed)
    found = (stamped(side, step.at, before[side.status], after[side.status]) for side in SIDES)
    dates = {date for date in found if date}
    for date in DATES:
        assert after[date] == (after["updated_at"] if date in dates else before[date]), (step, date)
    assert who.put(record_id, body).json["data"] == after, "the same again is nothing new"
    return after


def _look_back(admin: Colleague, record_id: str, now: dict[str, Any]) -> None:
    """The history tells of each date, set to its line's time and never emptied."""
    told: dict[str, Any] = {}
    for line in reversed(admin.get(f"{record_id}/history").json["data"]):
        if line["version"] > 1 and line["action"] == "update":
            set_here = {key: new for key, (_, new) in line["fields"].items() if key in DATES}
            assert set(set_here.values()) <= {line["at"]}
            told |= set_here
    assert all(now[date] == told[date] for date in DATES if now[date])


@settings(max_examples=15, deadline=None, derandomize=True)
@given(first=st.tuples(*(st.sampled_from([None, *CODES]),) * 2), hand=st.sampled_from(HANDS), data=st.data())
def test_a_status_that_the_page_does_not_offer_changes_nothing(
    cast: dict[str, Colleague], first: tuple[str | None, str | None], hand: Any, data: st.DataObject
) -> None:
    who, at, sides, field = hand
    barred = sorted(set(CODES) - MAY[at])
    if not barred:
        return
    record_id, side = begin(cast["admin"].app, first), sides[0]
    code = data.draw(st.sampled_from(barred))
    before = cast["admin"].get(record_id).json["data"]
    answer = cast[who].put(record_id, {"sourcePage": at, side.status: code, field: "ไปด้วยกัน"})
    if code != before[side.status]:
        assert (answer.status_code, set(answer.json["errors"])) == (403, {side.status})
        assert cast["admin"].get(record_id).json["data"] == before
    else:
        assert answer.status_code == 200
        assert [answer.json["data"][date] for date in DATES] == [None] * 8
