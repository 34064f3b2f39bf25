"""Reading files: a workbook's first sheet or CSV, each cell by its column's kind; what is wrong names its cell. Pure.

It is offloaded, so it knows neither request nor database, and says what is wrong in Thai source strings.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from python_calamine import CalamineError, CalamineWorkbook

from bmu.i18n import LANGUAGES, N_, translate
from bmu.papers.cells import unguarded
from bmu.papers.sheet import Column, Sheet
from bmu.papers.unpack import BROKEN, LARGEST, NOT_A_WORKBOOK, TOO_LARGE, check, survey
from bmu.tables.kinds import Choice, Day, Unfit

MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 100
MOST_FAULTS: Final = 100
NOTE: Final = "#"
SHORT: Final = 40

FORMULA = N_("เป็นสูตร กรุณาวางเป็นค่า")
EXCEL_ERROR = N_("เป็นข้อผิดพลาดของ Excel")
BEYOND = N_("อยู่ไกลเกินไป กรุณาลบแถวและคอลัมน์ที่ไม่ใช้")
TOO_MANY_ROWS = N_("มีแถวมากเกินไป")
NO_ROWS = N_("ไม่มีข้อมูลในไฟล์")
UNKNOWN = N_("ไม่รู้จักหัวคอลัมน์นี้")
TWICE = N_("หัวคอลัมน์นี้ซ้ำ")
MISSING = N_("ไม่พบคอลัมน์ที่จำเป็น")
EMPTY_CELL = N_("จำเป็นต้องระบุ")
NOT_TEXT = N_("ต้องเป็นข้อความ")
NO_HEADING = N_("มีข้อมูลใต้คอลัมน์ที่ไม่มีหัว")
NOT_UTF8 = N_("อ่านตัวอักษรในไฟล์ CSV ไม่ได้ กรุณาบันทึกเป็น CSV UTF-8")


@dataclass(frozen=True)
class Fault:
    """What is wrong: at which cell (`B5`; "" for the whole file), why (a Thai source string), and what stands there."""

    at: str
    why: str
    what: str = ""


@dataclass(frozen=True)
class Line:
    """A line of the file: its number (1 is the file's first), its values by the columns' keys, their cells."""

    number: int
    values: dict[str, Any]
    cells: dict[str, str]


@dataclass
class Found:
    """What a file holds."""

    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def blame(self, at: str, why: str, what: Any = "") -> None:
        """Note a fault; the first hundred are enough to put right."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(at, why, str(what)[:SHORT]))


def read(data: bytes, sheet: Sheet) -> Found:
    """The lines of a file for `sheet`. It holds faults instead of raising, whatever the file is."""
    found = Found()
    try:
        lines = _xlsx(data, found) if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")) else _csv(data)
        if not found.faults:
            _take(lines, sheet, found)
    except Unfit as unfit:
        found.blame("", str(unfit))
    except (CalamineError, csv.Error):
        found.blame("", BROKEN)
    if not found.faults and not found.lines:
        found.blame("", NO_ROWS)
    return found


def _xlsx(data: bytes, found: Found) -> Iterator[list[Any]]:
    check(data)
    places = survey(data, MOST_ROWS + 1, MOST_COLUMNS)
    for why, cells in ((FORMULA, places.formulas), (EXCEL_ERROR, places.errors), (BEYOND, places.beyond)):
        for at in cells:
            found.blame(at, why)
    if found.faults:
        return iter(())
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
    first = [""] * (sheet.start[1] if sheet.start else 0)
    return (first + row for row in sheet.iter_rows())


def _csv(data: bytes) -> Iterator[list[Any]]:
    if len(data) > LARGEST:
        raise Unfit(TOO_LARGE)
    text = _decoded(data)
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return ([unguarded(value) for value in line] for line in lines)


def _decoded(data: bytes) -> str:
    """UTF-8, or what Thai Excel writes when asked for plain CSV."""
    if b"\0" in data:
        raise Unfit(NOT_A_WORKBOOK)
    for encoding in ("utf-8-sig", "cp874"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unfit(NOT_UTF8)


def _take(lines: Iterable[Sequence[Any]], sheet: Sheet, found: Found) -> None:
    columns: dict[int, Column] | None = None
    for number, line in enumerate(lines, 1):
        if not any(map(_filled, line)) or str(line[0]).startswith(NOTE):
            continue
        if columns is None:
            columns = _columns(number, line, sheet, found)
            if found.faults:
                return
        elif len(found.lines) >= MOST_ROWS:
            return found.blame(f"A{number}", TOO_MANY_ROWS)
        else:
            _line(number, line, columns, found)


def _filled(value: Any) -> bool:
    return value is not None and (not isinstance(value, str) or bool(value.strip()))


def _columns(number: int, line: Sequence[Any], sheet: Sheet, found: Found) -> dict[int, Column]:
    """Which column stands where, by its Thai or English heading."""
    known = {_heading(name): column for column in sheet.columns for name in column.names}
    columns: dict[int, Column] = {}
    for place, value in enumerate(line):
        if not _filled(value):
            continue
        column = known.get(_heading(value))
        if column is None:
            found.blame(cell_name(place, number), UNKNOWN, value)
        elif column in columns.values():
            found.blame(cell_name(place, number), TWICE, value)
        else:
            columns[place] = column
    for column in sheet.columns:
        if column.required and column not in columns.values():
            found.blame(cell_name(0, number), MISSING, column.label)
    return columns


def _heading(value: Any) -> str:
    return " ".join(str(value).casefold().removesuffix("*").split())


def _line(number: int, line: Sequence[Any], columns: dict[int, Column], found: Found) -> None:
    values: dict[str, Any] = {}
    cells: dict[str, str] = {}
    for place, raw in enumerate(line):
        column = columns.get(place)
        if column is None and _filled(raw):
            found.blame(cell_name(place, number), NO_HEADING, raw)
        elif column is not None and not column.said_only:
            cells[column.key] = cell_name(place, number)
            _cell(column, raw, cells[column.key], values, found)
    for place, column in columns.items():
        if column.required and column.key not in cells:
            found.blame(cell_name(place, number), EMPTY_CELL)
    found.lines.append(Line(number, values, cells))


def _cell(column: Column, raw: Any, at: str, values: dict[str, Any], found: Found) -> None:
    try:
        value = column.kind.parse(_code(column.kind, _typed(column, raw)) if _filled(raw) else None)
        if value is None and column.required:
            raise Unfit(EMPTY_CELL)
        values[column.key] = value
    except Unfit as unfit:
        found.blame(at, str(unfit), raw)


def _typed(column: Column, raw: Any) -> Any:
    """What a workbook says, as a kind reads it. Numbers in a column of texts are whole ones or refused: nobody can
    tell branch 122.1 from 122.10 once it is a number."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | date):
        raise Unfit(NOT_TEXT)
    if isinstance(raw, float) and not column.kind.numeric:
        if not raw.is_integer():
            raise Unfit(NOT_TEXT)
        return str(int(raw))
    if isinstance(raw, datetime) and isinstance(column.kind, Day) and (raw.hour, raw.minute, raw.second) == (0, 0, 0):
        return raw.date()
    if isinstance(raw, date) and not isinstance(column.kind, Day):
        raise Unfit(NOT_TEXT)
    return raw


def _code(kind: Any, raw: Any) -> Any:
    """The code of a choice that is written as it reads in any language; anything else as it is."""
    if not isinstance(kind, Choice) or not isinstance(raw, str):
        return raw
    return _codes(kind).get(raw.strip().casefold(), raw)


@cache
def _codes(kind: Choice) -> dict[str, str]:
    """The codes by everything that they may be written as."""
    found: dict[str, str] = {}
    for option in kind.options:
        for said in (option.code, *(translate(option.label, lang) for lang in LANGUAGES)):
            found.setdefault(said.casefold(), option.code)
    return found


def cell_name(place: int, number: int) -> str:
    """`B5` for column 1 (from 0) and line 5."""
    return f"{_letters(place)}{number}"


@cache
def _letters(place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
