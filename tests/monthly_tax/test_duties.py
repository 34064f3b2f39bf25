"""What applies to a record: the client's obligations in its month, VAT, and whatever somebody has entered."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from bmu.changes.work import By, transaction
from bmu.clients import obliging
from bmu.extensions import db
from bmu.i18n import Month
from bmu.monthly_tax import queries
from bmu.monthly_tax.catalogue import STATUS
from bmu.monthly_tax.duties import NO_SUCH_FORM, NO_VAT_RETURN, NO_WHT_FORM, NOT_VAT_CLIENT, duties
from bmu.monthly_tax.fields import FIELDS, FORM_STATUSES, FORMS
from bmu.monthly_tax.filters import Filters
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.monthly_tax.sorting import Sort
from tests.conftest import MONTH

EVERYTHING = (*FORMS, "pp30")
EMPTY = dict.fromkeys((*FORM_STATUSES, "pnd_status", "pp30_status"))


def set_to(record_id: str, **values: Any) -> dict[str, Any]:
    with transaction() as work:
        work.session.execute(update(MonthlyTaxData).where(MonthlyTaxData.id == record_id).values(EMPTY | values))
    found = queries.record(record_id)
    assert found
    return found


def oblige(*forms: str, since: Month = MONTH) -> None:
    obliging.oblige(By(None), "018", {"since": str(since), "forms": list(forms)})


@pytest.mark.parametrize(
    ("forms", "entered", "closed", "away"),
    [
        (EVERYTHING, {}, {}, set()),
        (("pnd_3", "pp30"), {}, {}, set(FORMS) - {"pnd_3"}),
        (("pnd_3", "pp30"), {"pt_40_status": "paid"}, {}, set(FORMS) - {"pnd_3", "pt_40"}),
        (("pp30",), {}, {"wht": NO_WHT_FORM}, set(FORMS)),
        (("pp30",), {"pnd_status": "paid"}, {}, set(FORMS)),
        (("pp30",), {"pt_40_status": "paid"}, {}, set(FORMS) - {"pt_40"}),
        (("pnd_3",), {}, {"vat": NO_VAT_RETURN}, {*EVERYTHING} - {"pnd_3"}),
        (("pnd_3",), {"pp30_status": "paid"}, {}, set(FORMS) - {"pnd_3"}),
        ((), {}, {"wht": NO_WHT_FORM, "vat": NO_VAT_RETURN}, {*EVERYTHING}),
    ],
)
def test_what_has_to_be_filed_applies_and_what_was_entered_too(
    app: Flask, record: dict[str, Any], forms: Any, entered: dict[str, str], closed: dict[str, str], away: set[str]
) -> None:
    with app.app_context():
        oblige(*forms)
        row = set_to(record["id"], **entered)
        assert (duties(row).closed, set(duties(row).not_applicable())) == (closed, away)
        assert set(queries.to_json(row)["not_applicable"]) == away


def test_a_change_holds_from_its_month_on_and_the_past_stays(app: Flask, record: dict[str, Any]) -> None:
    with app.app_context():
        before_id = queries.id_of("018", *MONTH.plus(-1))
        assert before_id
        oblige("pnd_3")
        assert len(duties(set_to(record["id"])).not_applicable()) == 10
        assert duties(set_to(before_id)).not_applicable() == []
        oblige("pp30", since=MONTH.plus(-1))
        assert duties(set_to(before_id)).not_applicable() == list(FORMS)
        assert len(duties(set_to(record["id"])).not_applicable()) == 10


def test_a_client_of_many_periods_is_listed_once(app: Flask) -> None:
    with app.app_context():
        lists = [(Filters(*MONTH), Sort("pnd_status")), (Filters(*MONTH, pp30=("not_started", *STATUS.codes)), Sort())]
        before = [queries.ids(*one) for one in lists]
        oblige("pnd_3", since=MONTH.plus(-5))
        oblige("pnd_53")
        assert [queries.ids(*one) for one in lists] == before and all(before)


def test_without_obligations_every_form_applies(app: Flask, record: dict[str, Any]) -> None:
    with app.app_context():
        for period in obliging.oblige(By(None), "018", {"since": "2020-01", "forms": []})["obligations"]:
            obliging.release(By(None), "018", period["since"])
        assert duties(set_to(record["id"])).not_applicable() == []


def test_without_vat_there_is_no_return_whatever_is_said_or_entered(app: Flask) -> None:
    with app.app_context():
        row = next(one for one in queries.records(queries.ids(Filters(*MONTH), Sort())) if not one["is_vat"])
        assert duties(row).closed["vat"] == NOT_VAT_CLIENT
        assert duties(set_to(row["id"], pp30_status="paid")).closed["vat"] == NOT_VAT_CLIENT


def test_a_form_and_its_sheets_say_why(app: Flask, record: dict[str, Any]) -> None:
    with app.app_context():
        oblige("pnd_3", "pp30")
        found = duties(set_to(record["id"]))
        assert {found.why_not(FIELDS[f"pt_40_{part}"]) for part in ("status", "attachment_count")} == {NO_SUCH_FORM}
        assert not any(found.why_not(FIELDS[key]) for key in ("pnd_3_status", "pnd_status", "bank_impact"))
        db.session.rollback()
