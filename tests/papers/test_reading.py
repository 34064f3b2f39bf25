"""Wrong files: each gets a message that names the cell, and no file makes the reader fall over."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import pytest

from bmu.papers import reading, unpack
from bmu.papers.clients import SHEET
from bmu.papers.reading import cell_name, read
from tests.papers.conftest import GOOD, HEAD, workbook

DAY = "วันที่จัดตั้ง"
NUMBER = "เลขทะเบียนนิติบุคคล"


def faults(data: bytes) -> list[tuple[str, str]]:
    return [(fault.at, fault.why) for fault in read(data, SHEET).faults]


def repacked(data: bytes, **parts: Any) -> bytes:
    """A workbook with some parts changed: `name=lambda old: new`; a name's `__` is its `/`, `_dot_` its `.`."""
    made = io.BytesIO()
    changes = {name.replace("__", "/").replace("_dot_", "."): change for name, change in parts.items()}
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changes.pop(name, lambda text: text)(old.read(name)))
        for name, change in changes.items():
            new.writestr(name, change(b""))
    return made.getvalue()


SHEET_XML = "xl__worksheets__sheet1_dot_xml"
DTD = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
WRONG: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "", reading.NO_ROWS),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0", "", unpack.NOT_A_WORKBOOK),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "", unpack.OLD_WORKBOOK),
    "half a workbook": (workbook(HEAD, GOOD)[:2000], "", unpack.BROKEN),
    "another archive": (repacked(workbook(HEAD))[:0] or b"PK\x05\x06" + b"\0" * 18, "", unpack.NOT_A_WORKBOOK),
    "macros": (repacked(workbook(HEAD, GOOD), xl__vbaProject_dot_bin=lambda _: b"x"), "", unpack.DANGEROUS),
    "entities": (repacked(workbook(HEAD, GOOD), **{SHEET_XML: lambda old: DTD + old}), "", unpack.DANGEROUS),
    "a bomb": (repacked(workbook(HEAD), xl__bomb_dot_xml=lambda _: b"0" * 9_000_000), "", unpack.TOO_LARGE),
    "headings alone": (workbook(HEAD), "", reading.NO_ROWS),
    "an unknown heading": (workbook([*HEAD, "สีที่ชอบ"], GOOD), "D1", reading.UNKNOWN),
    "a heading twice": (workbook([*HEAD, HEAD[0]], GOOD), "D1", reading.TWICE),
    "no build": (workbook(HEAD[1:], GOOD[1:]), "A1", reading.MISSING),
    "a formula": (workbook(HEAD, ["901", "=1+1", "รายเดือน"]), "B2", reading.FORMULA),
    "an error of Excel": (
        repacked(
            workbook(HEAD, [901, "x", "รายเดือน"]),
            **{SHEET_XML: lambda old: old.replace(b'r="A2"><v>901', b'r="A2" t="e"><v>#REF!')},
        ),
        "A2",
        reading.EXCEL_ERROR,
    ),
    "a cell far down": (
        repacked(workbook(HEAD, GOOD), **{SHEET_XML: lambda old: old.replace(b'r="A2"', b'r="A1048576"')}),
        "A1048576",
        reading.BEYOND,
    ),
    "a cell far right": (
        repacked(workbook(HEAD, GOOD), **{SHEET_XML: lambda old: old.replace(b'r="C2"', b'r="XFD2"')}),
        "XFD2",
        reading.BEYOND,
    ),
    "an empty name": (workbook(HEAD, ["901", "  ", "รายเดือน"]), "B2", reading.EMPTY_CELL),
    "a short line": (workbook(HEAD, ["901", "x"]), "C2", reading.EMPTY_CELL),
    "a branch as a number": (workbook(HEAD, [122.1, "x", "รายเดือน"]), "A2", reading.NOT_TEXT),
    "a truth value": (workbook(HEAD, ["901", True, "รายเดือน"]), "B2", reading.NOT_TEXT),
    "a date as a name": (workbook(HEAD, ["901", date(2026, 1, 2), "รายเดือน"]), "B2", reading.NOT_TEXT),
    "a day that is none": (workbook([*HEAD, DAY], [*GOOD, "30/2/2569"]), "D2", "วันที่ไม่ถูกต้อง"),
    "an unknown choice": (workbook(HEAD, ["901", "x", "เลิกแล้ว"]), "C2", "ไม่ใช่ตัวเลือกที่มี"),
    "a wrong check digit": (workbook([*HEAD, NUMBER], [*GOOD, "0105561000000"]), "D2", ""),
    "values without heading": (workbook(HEAD, [*GOOD, "x"]), "D2", reading.NO_HEADING),
    "a build that is none": (workbook(HEAD, ["ABC", "x", "รายเดือน"]), "A2", ""),
    "an open quote in CSV": (",".join(HEAD).encode() + b'\n901,"x,y\n', "", unpack.BROKEN),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_told_at_the_cell(name: str) -> None:
    data, at, why = WRONG[name]
    found = faults(data)
    assert found, "it was taken"
    assert found[0][0] == at
    assert not why or found[0][1] == why


def test_there_are_more_than_twenty_of_them() -> None:
    assert len(WRONG) > 20


def test_a_good_file_has_no_fault() -> None:
    found = read(workbook(HEAD, GOOD, [902, "x", "รายเดือน"]), SHEET)
    assert not found.faults
    assert [line.values["build"] for line in found.lines] == ["901", "902"]
    assert found.lines[0].cells["company_name"] == "B2"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp874"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_as_thai_excel_writes_it(encoding: str, delimiter: str) -> None:
    text = "\r\n".join(delimiter.join(line) for line in (HEAD, GOOD))
    found = read(text.encode(encoding), SHEET)
    assert not found.faults and found.lines[0].values["company_name"] == GOOD[1]


def test_empty_lines_and_notes_are_passed_over_and_lines_keep_their_numbers() -> None:
    found = read(workbook([], HEAD, ["# ตัวอย่าง"], [], GOOD, ["902", "", "รายเดือน"]), SHEET)
    assert [line.number for line in found.lines] == [5, 6]
    assert [fault.at for fault in found.faults] == ["B6"]


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 2)
    csv = "\n".join(",".join(line) for line in (HEAD, GOOD, GOOD, GOOD)).encode()
    assert faults(csv)[0] == ("A4", reading.TOO_MANY_ROWS)


def test_faults_are_not_counted_without_end() -> None:
    csv = "\n".join([",".join(HEAD), *["x,,"] * 500]).encode()
    assert len(faults(csv)) == reading.MOST_FAULTS


@pytest.mark.parametrize(("place", "name"), [(0, "A1"), (25, "Z1"), (26, "AA1"), (701, "ZZ1"), (702, "AAA1")])
def test_a_cell_is_named_as_excel_names_it(place: int, name: str) -> None:
    assert cell_name(place, 1) == name
