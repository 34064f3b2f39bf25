"""The form offers what the API accepts: every person, page and record; each field, each status.

What the form shows is read from its HTML, what may be written is asked of `PUT /:id` (which test_matrix.py holds
against the domain): neither side knows the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select, update

from bmu import create_app
from bmu.changes.work import By, transaction
from bmu.clients import obliging
from bmu.clients.models import Client, Obligation
from bmu.extensions import db
from bmu.monthly_tax.fields import FIELDS, PEOPLE
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.tables.kinds import Choice
from tests import databases
from tests.conftest import FIVE, MONTH, Colleague, close, config_for
from tests.monthly_tax.formfirm import (
    AWAY,
    BASE,
    CAST,
    CODES,
    ENTERED,
    FEW,
    OTHER_AUDITOR,
    PAGES,
    STATUSES,
    STORED,
    TEAMS,
    VAT_FILER,
    WHT_FILER,
    WRITERS,
    Firm,
)
from tests.monthly_tax.formpage import FormPage
from tests.monthly_tax.oracle import VAT


@pytest.fixture(scope="module")
def desk(firm: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    folder = tmp_path_factory.mktemp("form")
    app = create_app(config_for(databases.copy(firm, folder), folder))
    with app.app_context():
        found = select(MonthlyTaxData.id, MonthlyTaxData.build).join(Client, Client.build == MonthlyTaxData.build)
        found = found.where(MonthlyTaxData.tax_month == MONTH.month).order_by(Client.build_order)
        vat = db.session.execute(found.where(Client.tax_registration_status == VAT)).all()
        other = db.session.execute(found.where(Client.tax_registration_status != VAT)).first()
        obliging.oblige(By(None), vat[3].build, {"since": "2020-01", "forms": [*FEW, "pp30"]})
        for since in list(db.session.scalars(select(Obligation.since).where(Obligation.build == vat[3].build)))[1:]:
            obliging.release(By(None), vat[3].build, f"{since // 100}-{since % 100:02}")
        db.session.remove()
    rows = [vat[0], other, vat[1], vat[3], vat[2]]
    records = {name: (row[0], row[1]) for name, row in zip(TEAMS, rows, strict=True) if row}
    yield Firm(app, {who: Colleague(app, who) for who in CAST}, records)
    close(app)


def another(key: str) -> Any:
    """A valid value for a field, other than that of BASE."""
    kind, now = FIELDS[key].kind, BASE.get(key)
    if isinstance(kind, Choice):
        return next(code for code in ("paid", "no_payment", *kind.codes) if code in kind.codes and code != now)
    return {"day": "2026-11-05", "number": 7, "moment": "2026-11-05T03:00:00.000Z"}.get(kind.macro, "ข้อความใหม่")


def accepted(desk: Firm, who: str, at: str, name: str) -> set[str]:
    """The fields that the API takes: it names those that it does not."""
    values = {key: another(key) for key in FIELDS}
    answer = desk.put(who, at, name, values)
    if answer.status_code == 404 or (answer.status_code == 403 and "errors" not in answer.json):
        return set()
    left = set(values) - (set(answer.json["errors"]) if answer.status_code == 403 else set())
    if left:
        again = desk.put(who, at, name, {key: values[key] for key in left})
        assert again.status_code in (200, 422), again.text
    return left


CASES = tuple(product(TEAMS, PAGES, CAST))
HANDS = tuple((name, at, who) for name, at, who in CASES if who in {"admin", *WRITERS[name][at]})


@pytest.mark.parametrize(("name", "at", "who"), CASES)
def test_a_field_is_as_the_api_takes_it(desk: Firm, name: str, at: str, who: str) -> None:
    record_id = desk.reset(name)
    answer = desk.form(who, at, name)
    reads = who in TEAMS[name] or desk.cast[who].get(record_id).status_code == 200
    takes = accepted(desk, who, at, name)
    assert bool(takes) == ((name, at, who) in HANDS)
    assert desk.cast[who].get(f"{record_id}/form", page=at).status_code == answer.status_code
    if answer.status_code != 200:
        assert not takes
        assert answer.status_code == (404 if not reads and opens(desk, who, at) else 403)
        return
    assert reads
    shown = FormPage(answer.text)
    assert shown.is_form
    assert {key for key, seen in shown.fields.items() if seen.writable} == takes
    assert {key for key, seen in shown.fields.items() if seen.state == "E"} == takes
    for key, seen in shown.fields.items():
        assert bool(seen.control) == (seen.state != "R") and seen.disabled == (seen.state == "D"), key
    there = {key for key, one in FIELDS.items() if one.state(at) != "-" and one.side not in shown.closed}
    assert set(shown.fields) == there


@pytest.mark.parametrize("at", PAGES)
def test_a_form_that_does_not_apply_is_closed_and_says_why(desk: Firm, at: str) -> None:
    desk.reset("few forms")
    answer = desk.form("admin", at, "few forms")
    shown = FormPage(answer.text).fields
    assert {key for key, seen in shown.items() if seen.state == "R"} >= AWAY
    assert shown[f"{ENTERED}_status"].writable and "ไม่เกี่ยวข้อง" in answer.text
    assert 'href="/clients/' in answer.text.split('class="hint away-note"')[1].split("</p>")[0]
    assert "away-note" not in desk.form("admin", at, "vat").text
    refused = desk.put("admin", at, "few forms", {"pt_40_status": "paid"})
    assert refused.status_code == 403 and "ไม่ต้องยื่นแบบนี้" in refused.json["errors"]["pt_40_status"][0]


def test_a_side_with_nothing_to_file_is_closed_until_something_is_entered(desk: Firm) -> None:
    record_id, build = desk.records["few forms"]

    def set_to(forms: tuple[str, ...], **values: Any) -> set[str]:
        with desk.app.app_context():
            obliging.oblige(By(None), build, {"since": "2020-01", "forms": list(forms)})
            with transaction() as work:
                work.session.execute(update(MonthlyTaxData).where(MonthlyTaxData.id == record_id).values(values))
        return set(FormPage(desk.form("admin", "taxStatus", "few forms").text).closed)

    empty = dict.fromkeys(STATUSES)
    assert set_to((), **empty) == {"wht", "vat"}
    assert set_to((), **empty | {"pp30_status": "paid"}) == {"wht"}
    assert set_to((), **empty | {"pt_40_status": "paid"}) == {"vat"}
    assert set_to((*FEW, "pp30"), **empty) == set()


def opens(desk: Firm, who: str, at: str) -> bool:
    return PAGES[at] in desk.cast[who].get("/api/auth/me").json["data"]["pages"]


@pytest.mark.parametrize(("name", "at", "who"), HANDS)
def test_a_status_offers_the_codes_that_the_api_takes(desk: Firm, name: str, at: str, who: str) -> None:
    desk.reset(name)
    fields = FormPage(desk.form(who, at, name).text).fields
    mine = {key: seen.offered for key, seen in fields.items() if key in STATUSES and seen.writable}
    assert mine
    takes: dict[str, set[str]] = {key: set() for key in mine}
    # The one that it holds comes first: after that it may hold another.
    for code in [STORED, *(code for code in (*CODES, "") if code != STORED)]:
        asked = desk.put(who, at, name, dict.fromkeys(mine, code or None))
        assert asked.status_code in (200, 403, 422), asked.text
        refused = set(asked.json["errors"]) if asked.status_code == 403 else set()
        for key in mine.keys() - refused:
            takes[key].add(code)
    # What the record holds is taken on every page, whatever the page offers (domain §3.1 R).
    assert mine == takes
    assert all(STORED in codes for codes in mine.values())


def test_there_is_something_to_choose_on_each_page(desk: Firm) -> None:
    """The domain's counts (§3.1): 12, 7 and 4, with the stored code and, on TaxStatus, taking it back to none."""
    for at, count in {"taxStatus": 12 + 1, "taxInspection": 7 + 1, "taxFiling": 4 + 1}.items():
        desk.reset("vat")
        assert len(FormPage(desk.form("admin", at, "vat").text).fields["pnd_status"].offered) == count, at


@pytest.mark.parametrize("at", PAGES)
def test_an_empty_status_stays_empty_until_one_chooses(desk: Firm, at: str) -> None:
    """A browser picks the first choice that is enabled, where none is marked."""
    record_id = desk.reset("vat")
    with desk.app.app_context(), transaction() as work:
        emptied = update(MonthlyTaxData).where(MonthlyTaxData.id == record_id).values(dict.fromkeys(STATUSES))
        work.session.execute(emptied)
    html = desk.form("admin", at, "vat").text
    assert "" in FormPage(html).fields["pnd_status"].offered
    first = html.split('name="pnd_status"')[1].split("<option ")[1]
    assert first.startswith('value="" selected')


@pytest.mark.parametrize("at", PAGES)
def test_every_field_with_a_control_has_its_label_and_a_place_for_what_is_wrong(desk: Firm, at: str) -> None:
    desk.reset("vat")
    fields = FormPage(desk.form("admin", at, "vat").text).fields
    assert len(fields) > 30
    for key, seen in fields.items():
        assert seen.labelled, key
        assert seen.error_place == f"f-{key}-error", key
        assert not seen.control or seen.described_by == seen.error_place, key


def test_who_reads_all_looks_at_both_sides_of_a_filing(desk: Firm) -> None:
    """They file neither, so nothing is theirs to write; a filer of one tax does not look at the other."""
    desk.reset("vat")
    assert FormPage(desk.form(OTHER_AUDITOR, "taxFiling", "vat").text).closed == set()
    assert FormPage(desk.form(WHT_FILER, "taxFiling", "vat").text).closed == {"vat"}
    assert FormPage(desk.form(VAT_FILER, "taxFiling", "vat").text).closed == {"wht"}
    assert FormPage(desk.form("admin", "taxFiling", "not vat").text).closed == {"vat"}


def test_the_teams_are_of_five() -> None:
    assert set(FIVE) == set(PEOPLE) and all(len(team) == 5 for team in TEAMS.values())
