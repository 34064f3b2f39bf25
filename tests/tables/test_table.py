"""A row made ready for drawing: whose cells may be edited, what does not apply, how the header groups."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from bmu.monthly_tax import queries
from bmu.monthly_tax.filters import Filters
from bmu.monthly_tax.queries import Sort
from bmu.monthly_tax.table import TABLES
from bmu.tables.render import row_html
from tests.conftest import FIVE, MONTH

Row = dict[str, Any]
CELL = re.compile(r'<td data-column="([^"]+)"([^>]*)>(.*?)</td>', re.S)


@pytest.fixture(scope="module")
def rows(reading: Flask) -> list[Row]:
    with reading.app_context():
        return queries.records(queries.ids(Filters(*MONTH), Sort()))


@pytest.fixture(scope="module")
def row(rows: list[Row]) -> Row:
    """Build 018."""
    return next(one for one in rows if one["build"] == "018")


def drawn(reading: Flask, table: str, row: Row, lang: str = "th") -> dict[str, tuple[str, str]]:
    with reading.app_context():
        return {key: (attributes, text) for key, attributes, text in CELL.findall(row_html(TABLES[table], row, lang))}


@pytest.mark.parametrize("table", TABLES)
def test_a_row_has_the_cells_of_its_header_in_their_order(reading: Flask, row: Row, table: str) -> None:
    assert ["build", *drawn(reading, table, row)] == [column.key for column in TABLES[table].columns]


@pytest.mark.parametrize("table", TABLES)
def test_the_groups_span_the_columns_beneath_them(table: str) -> None:
    found = TABLES[table]
    assert sum(group.span for group in found.headings()) == len(found.columns) - 2
    below = [column.group for column in found.columns[2:]]
    assert below == [group.key for group in found.headings() for _ in range(group.span)]


@pytest.mark.parametrize(
    ("table", "column", "writers"),
    [
        ("tax-status", "pnd_status", "AC00024"),
        ("tax-status", "pp30_status", "AC00024"),
        ("tax-status", "pp30_payment_status", "AC00024"),
        ("tax-inspection", "pnd_status", "AC00008"),
        ("tax-inspection", "pp30_payment_status", ""),
        ("tax-filing", "pnd_status", "AC00012"),
        ("tax-filing", "pp30_status", "AC00015"),
        ("tax-filing", "pp30_payment_amount", "AC00015"),
        ("tax-filing", "pnd_review_returned_date", ""),
    ],
)
def test_a_cell_names_who_may_edit_it(reading: Flask, row: Row, table: str, column: str, writers: str) -> None:
    attributes, inside = drawn(reading, table, row)[column]
    assert (f'data-writers="{writers}"' in attributes) == bool(writers)
    assert ("<button" in inside) == bool(writers)


def test_what_is_shown_says_the_raw_value_too(reading: Flask, row: Row) -> None:
    changed = row | {"pp30_payment_amount": None, "pp30_status": "passed", "wht_filer_current_employee_id": "AC00012"}
    cells = drawn(reading, "tax-status", changed)
    assert 'data-value="passed"' in cells["pp30_status"][0] and "ผ่าน" in cells["pp30_status"][1]
    assert "data-value" not in cells["pp30_payment_amount"][0]
    assert 'data-value="AC00012"' in cells["wht_filer_current_employee_id"][0]
    assert row["names"]["AC00012"] in cells["wht_filer_current_employee_id"][1]


def test_a_client_without_vat_has_no_vat_cells(reading: Flask, rows: list[Row]) -> None:
    """BUG-118. Nobody may edit what does not apply."""
    without = next(one for one in rows if not one["is_vat"])
    for table in TABLES:
        for column in TABLES[table].columns:
            if column.side == "vat":
                attributes, inside = drawn(reading, table, without)[column.key]
                assert "data-writers" not in attributes and "data-value" not in attributes
                assert "<button" not in inside
        assert "ไม่จด VAT" in drawn(reading, table, without)["pp30_status"][1]
        assert "ไม่จด VAT" not in drawn(reading, table, without, "en")["pp30_status"][1]


def test_a_status_is_never_colour_alone(reading: Flask, rows: list[Row]) -> None:
    """Two statuses share a hue (domain §2.1): the label is always there."""
    for one in rows:
        for column in ("pnd_status", "pp30_status"):
            attributes, inside = drawn(reading, "tax-status", one)[column]
            assert re.sub(r"<[^>]+>", "", inside).strip(), attributes


def test_somebody_unknown_is_shown_by_the_id(reading: Flask, row: Row) -> None:
    cells = drawn(reading, "tax-status", row | {"tax_inspection_responsible": "XX99999"})
    assert "XX99999" in cells["tax_inspection_responsible"][1]


def test_five_people_are_never_shown_to_be_fewer(reading: Flask, row: Row) -> None:
    shown = {column.key for table in TABLES.values() for column in table.columns}
    assert set(FIVE) <= shown
