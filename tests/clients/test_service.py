"""The verbs of a client: what fits, what conflicts, what the log keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from bmu.changes.models import ChangeAudience, ChangeLog
from bmu.changes.work import By
from bmu.clients import queries, service
from bmu.clients.rules import NOT_VAT, VAT
from bmu.errors import Conflict, Invalid, NotFound
from bmu.extensions import db
from bmu.i18n import Month
from bmu.monthly_tax.filters import Filters
from bmu.monthly_tax.queries import Sort, ids
from tests.conftest import FIVE, MONTH, STRANGER

BY = By("admin", "ผู้ดูแล")


@pytest.fixture(autouse=True)
def _inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
        db.session.remove()


def newest() -> ChangeLog:
    line = db.session.scalars(select(ChangeLog).order_by(ChangeLog.seq.desc())).first()
    assert line is not None
    return line


def test_a_new_client_is_padded_logged_and_starts_at_version_1() -> None:
    made = service.create(BY, {"build": " 95 ", "company_name": "บริษัท  ใหม่ จำกัด"})
    assert (made["build"], made["company_name"], made["version"]) == ("095", "บริษัท ใหม่ จำกัด", 1)
    assert (newest().entity, newest().fields["build"]) == ("clients", [None, "095"])


def test_a_build_is_given_once() -> None:
    with pytest.raises(Conflict) as refused:
        service.create(BY, {"build": "18", "company_name": "x"})
    assert "build" in refused.value.errors


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("company_name", " "),
        ("legal_entity_number", "0105549000008"),
        ("legal_entity_number", "1100000000008"),
        ("legal_entity_number", "12"),
        ("postal_code", "1011"),
        ("tax_registration_status", "VAT"),
        ("company_size", "XS"),
        ("company_status", ""),
        ("vat_registration_date", "31/02/2569"),
        ("build", "019"),
        ("archived_at", "2026-01-01"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(field: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        service.edit(BY, "018", {field: value})
    assert list(refused.value.errors) == [field]


@pytest.mark.parametrize("build", ["", "12a", "1.2.3", "12345678901"])
def test_a_build_that_is_none_is_refused(build: str) -> None:
    with pytest.raises(Invalid) as refused:
        service.create(BY, {"build": build, "company_name": "x"})
    assert list(refused.value.errors) == ["build"]


def test_a_number_may_be_written_with_dashes_and_a_date_in_the_buddhist_era() -> None:
    saved = service.edit(BY, "018", {"legal_entity_number": "0-1055-49000-00-7", "establishment_date": "1/2/2549"})
    assert (saved["legal_entity_number"], saved["establishment_date"]) == ("0105549000007", "2006-02-01")


def test_without_vat_there_is_no_date_of_it() -> None:
    service.edit(BY, "018", {"tax_registration_status": VAT, "vat_registration_date": "01/02/2020"})
    saved = service.edit(BY, "018", {"tax_registration_status": NOT_VAT})
    assert (saved["is_vat"], saved["vat_registration_date"]) == (False, None)
    assert newest().fields["vat_registration_date"] == ["2020-02-01", None]


def test_a_full_address_made_of_its_parts_follows_them_and_one_typed_stays() -> None:
    followed = service.edit(BY, "018", {"address_number": "77/7"})
    assert "77/7" in followed["full_address"]
    service.edit(BY, "018", {"full_address": "ตู้ ปณ. 1"})
    assert service.edit(BY, "018", {"road": "สุขุมวิท"})["full_address"] == "ตู้ ปณ. 1"


def test_a_save_that_changes_nothing_is_no_change() -> None:
    before = queries.to_json(queries.client_of("018"))  # type: ignore[arg-type]
    assert service.edit(BY, "018", {"company_name": before["company_name"], "note": before["note"]}) == before


def test_two_people_change_two_fields_and_both_stay() -> None:
    seen = service.edit(BY, "018", {"note": "ก"})
    service.edit(BY, "018", {"road": "พระราม 4"})
    # The second sends the whole form: the road as they saw it is no change of theirs.
    saved = service.edit(BY, "018", {"note": "ข", "road": seen["road"]}, seen["version"])
    assert (saved["note"], saved["road"]) == ("ข", "พระราม 4")


def test_who_changes_the_same_field_second_is_told_both_values() -> None:
    seen = service.edit(BY, "018", {"note": "ก"})
    service.edit(By("AC00008", "อีกคน"), "018", {"note": "ของเขา"})
    with pytest.raises(Conflict) as refused:
        service.edit(BY, "018", {"note": "ของฉัน"}, seen["version"])
    told = refused.value.extra["conflicts"]["note"]
    assert (told["yours"], told["theirs"], told["by_name"]) == ("ของฉัน", "ของเขา", "อีกคน")


def test_a_change_is_heard_by_whoever_works_for_the_client() -> None:
    service.edit(BY, "018", {"company_name": "บริษัท เปลี่ยนชื่อ จำกัด"})
    heard = set(db.session.scalars(select(ChangeAudience.employee_id).where(ChangeAudience.seq == newest().seq)))
    assert heard == set(FIVE.values())
    assert STRANGER not in heard


def test_an_archived_client_leaves_later_months_and_stays_in_those_that_were(app: Flask) -> None:
    def listed(month: Month) -> int:
        return len(ids(Filters(*month, build="018"), Sort()))

    def opened(month: Month) -> int:
        assert app.test_cli_runner().invoke(args=["seed", "month", str(month)]).exit_code == 0
        return listed(month)

    later = MONTH.plus(3)
    assert (listed(MONTH), opened(later)) == (1, 1)
    service.archive(BY, "018")
    assert (listed(MONTH), listed(later)) == (1, 0)
    after = later.plus(1)
    assert opened(after) == 0
    service.restore(BY, "018")
    assert (listed(later), listed(after)) == (1, 0)


def test_archiving_twice_is_once() -> None:
    once = service.archive(BY, "18")
    assert once["archived_at"]
    assert service.archive(BY, "018") == once


def test_a_client_that_is_not_there_cannot_be_edited() -> None:
    for build in ("999", "x"):
        with pytest.raises(NotFound):
            service.edit(BY, build, {"note": "x"})


def test_the_list_searches_filters_and_leaves_archived_ones_out() -> None:
    def builds(**filters: Any) -> list[str]:
        return [one.build for one in queries.page(queries.Filters(**filters), "build", False, 1, 100)[0]]

    everybody = builds()
    assert len(everybody) == 40
    assert set(builds(registration=VAT)) | set(builds(registration=NOT_VAT)) | set(builds(registration="unset")) == set(
        everybody
    )
    assert builds(search="สยามตัวอย่าง") == ["018"]
    service.archive(BY, "018")
    assert "018" not in builds()
    assert builds(archived="yes") == ["018"]
    assert builds(archived="all") == everybody
