"""What the tables, the fields, the catalogue and the model say of a column agrees."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Date, Integer, Numeric, String
from sqlalchemy import Text as SqlText

from bmu.changes.models import UtcDateTime
from bmu.clients.models import Client
from bmu.monthly_tax.fields import FIELDS, FORMS, ORIGINALS, PEOPLE, PERSON_FIELDS, SIDES, SOURCE_PAGES
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.monthly_tax.queries import CLIENT_KEYS
from bmu.monthly_tax.sorting import SORTS
from bmu.monthly_tax.summary import FIGURES
from bmu.monthly_tax.table import TABLES
from bmu.tables.kinds import Choice, Count, Day, Moment, Money, Text
from tests.contracts.source import ROOT

COLUMNS: Any = MonthlyTaxData.__table__.columns
META = {"id", "version", "seq", "created_at", "updated_at", "updated_by", "build", "tax_year", "tax_month"}
each_table = pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)


@each_table
def test_every_column_of_a_table_is_one_of_the_record_or_its_client(table: Any) -> None:
    for column in table.columns:
        assert column.key in COLUMNS or column.key in CLIENT_KEYS, f"{table.name} shows {column.key}: there is none"


@each_table
def test_a_column_has_the_kind_of_its_field(table: Any) -> None:
    for column in table.columns:
        field = FIELDS.get(column.key) or PERSON_FIELDS.get(column.key)
        assert field is None or column.kind == field.kind


@each_table
def test_every_column_one_may_sort_by_can_be_sorted_by(table: Any) -> None:
    assert set(table.sortable) <= set(SORTS)


@each_table
def test_every_column_but_the_sticky_two_stands_in_a_group(table: Any) -> None:
    groups = {key for key, _label, _side in table.groups}
    assert [column.key for column in table.columns if not column.group] == ["build", "company_name"]
    assert {column.group for column in table.columns[2:]} <= groups


def test_every_column_of_the_model_is_a_field_a_person_or_bookkeeping() -> None:
    assert set(COLUMNS.keys()) == {*FIELDS, *PEOPLE, *ORIGINALS.values(), *META}


def test_clients_columns_exist() -> None:
    assert set(CLIENT_KEYS) <= set(Client.__table__.columns.keys())


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: field.key)
def test_a_field_fits_its_column(field: Any) -> None:
    wanted = {Choice: String, Text: SqlText, Day: Date, Moment: UtcDateTime, Count: Integer, Money: Numeric}
    assert type(COLUMNS[field.key].type) is wanted[type(field.kind)]
    assert len(field.on) == len(SOURCE_PAGES)


@pytest.mark.parametrize("field", [one for one in FIELDS.values() if isinstance(one.kind, Choice)], ids=lambda f: f.key)
def test_a_choice_stores_only_its_codes_and_they_fit(field: Any) -> None:
    kind, column = field.kind, COLUMNS[field.key].type
    assert isinstance(column, String)
    assert len(set(kind.codes)) == len(kind.codes)
    assert max(map(len, kind.codes)) <= (column.length or 0)
    assert [kind.parse(code) for code in kind.codes] == list(kind.codes)


def test_there_are_ten_forms_with_a_status_and_a_count_each() -> None:
    assert len(FORMS) == 10
    assert all(f"{form}_status" in FIELDS and f"{form}_attachment_count" in FIELDS for form in FORMS)


def test_the_two_taxes_name_real_columns() -> None:
    for side in SIDES:
        assert {side.status, side.sent, side.returned, side.customer, side.draft} <= set(FIELDS)
        assert side.filer in PEOPLE


def test_every_choice_has_a_tone_the_stylesheet_knows() -> None:
    style = (ROOT / "static/css/tones.css").read_text()
    kinds = [field.kind for field in FIELDS.values() if isinstance(field.kind, Choice)]
    tones = {kind.tone(code) for kind in kinds for code in kind.codes} | {""}
    missing = [tone for tone in sorted(tones - {""}) if f'data-tone="{tone}"' not in style and f"={tone}]" not in style]
    assert not missing, f"tones.css has no colour for {', '.join(missing)}"


def test_every_page_has_figures_with_totals() -> None:
    assert set(FIGURES) == set(SOURCE_PAGES)
