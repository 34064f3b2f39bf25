"""Files: what is dangerous is neutral and comes back as it was; what is large stays small in memory."""

from __future__ import annotations

import io
import re
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from bmu.papers import writing
from bmu.papers.cells import TONES, Cell, cell, guarded, plain, tint, unguarded
from bmu.papers.writing import tab, write
from bmu.tables.kinds import Count, Day, Moment, Money, Text
from tests.contracts.source import ROOT


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", " =1", "＝1", "'=1"])
def test_what_begins_like_a_formula_is_held_by_an_apostrophe(text: str) -> None:
    assert plain(text) == f"'{text}"


@pytest.mark.parametrize("text", ["a=1", "018", "บริษัท", "1-2", "'พี่'"])
def test_what_does_not_stays_as_it_is(text: str) -> None:
    assert plain(text) == text


@given(st.text(alphabet="=+-@' \taก1＝", max_size=8))
def test_a_guarded_text_comes_back_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        (Moment(), datetime(2026, 10, 31, 17, 30, tzinfo=UTC), datetime.fromisoformat("2026-11-01T00:30")),
        (Day(), date(2026, 1, 2), date(2026, 1, 2)),
        (Money(), Decimal("12500.50"), 12500.5),
        (Count(), 0, 0),
        (Text(), "", None),
    ],
)
def test_a_value_stands_typed_in_its_cell(kind: Any, value: Any, wanted: Any) -> None:
    assert cell(kind, value, "th").value == wanted


def test_the_colours_are_those_of_the_screen() -> None:
    style = (ROOT / "static/css/tones.css").read_text()
    for tone, colour in TONES.items():
        found = re.search(rf'\[data-tone="{tone}"\][^{{]*\{{ --c: (?:light-dark\()?(#[0-9a-f]+)', style)
        assert found and found[1] == colour, tone


def test_black_is_easily_read_on_every_colour() -> None:
    for tone in TONES:
        assert min(int(tint(tone)[at : at + 2], 16) for at in (1, 3, 5)) >= 0xA0, tone


@pytest.mark.parametrize("name", ["ก" * 40, "a[b]:*?/\\c", "สถานะ"])
def test_a_sheets_name_is_one_that_excel_takes(name: str) -> None:
    assert len(tab(name, 12)) <= 31
    assert not set(tab(name)) & set("[]:*?/\\")


def test_what_does_not_fit_one_sheet_goes_on_on_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "FULL", 3)
    file = write("xlsx", "ตาราง", ["ก"], [[[Cell(n)] for n in range(8)]])
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.read()))
    assert [book.get_sheet_by_name(name).to_python()[1:] for name in book.sheet_names] == [
        [[0.0], [1.0], [2.0]],
        [[3.0], [4.0], [5.0]],
        [[6.0], [7.0]],
    ]
    file.close()


def test_an_empty_list_makes_a_file_with_headings() -> None:
    with write("xlsx", "ตาราง", ["ก", "ข"], []) as file:
        assert CalamineWorkbook.from_filelike(io.BytesIO(file.read())).get_sheet_by_index(0).to_python() == [["ก", "ข"]]


def _many(portions: int) -> Iterator[Sequence[list[Cell]]]:
    for number in range(portions):
        yield [[Cell(f"บริษัท {number} {place}") for place in range(10)] for _ in range(50)]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_the_memory_it_takes_does_not_grow_with_the_file(form: str) -> None:
    def peak(portions: int) -> int:
        tracemalloc.start()
        write(form, "ตาราง", ["ก"] * 10, _many(portions)).close()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(1)
    assert peak(200) < peak(20) + 500_000
