"""What is looked at before a workbook is opened: whether it is one, how much it would become, what is in it. Pure."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from bmu.i18n import N_
from bmu.tables.kinds import Unfit

LARGEST: Final = 5_000_000
UNPACKED: Final = 150_000_000
RATIO: Final = 200
ENTRIES: Final = 500
_PIECE: Final = 65_536
_OLD: Final = b"\xd0\xcf\x11\xe0"
_SHEETS: Final = "xl/worksheets/"
# A cell's opening tag, and the formula right behind it.
_CELL: Final = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br=\"([A-Z]{1,3}[0-9]{1,7})\"([^>]*)>(<(?:\w+:)?f[\s/>])?")

NOT_A_WORKBOOK = N_("ไฟล์นี้ไม่ใช่ไฟล์ Excel (.xlsx) หรือ CSV")
OLD_WORKBOOK = N_("ไฟล์นี้เป็น Excel แบบเก่าหรือใส่รหัสผ่านไว้ กรุณาบันทึกเป็น .xlsx ที่ไม่มีรหัสผ่าน")
TOO_LARGE = N_("ไฟล์ใหญ่เกินไป")
BROKEN = N_("ไฟล์เสียหาย เปิดไม่ได้")
DANGEROUS = N_("ไฟล์มีสิ่งที่ไม่อนุญาต (มาโครหรือ DTD)")


def check(data: bytes) -> None:
    """Raises Unfit unless `data` is a workbook that may be opened: no bomb, no macros, no entities."""
    if len(data) > LARGEST:
        raise Unfit(TOO_LARGE)
    if data.startswith(_OLD):
        raise Unfit(OLD_WORKBOOK)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_sizes(archive.infolist(), len(data))
            _check_parts(archive)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError, zlib.error) as error:
        raise Unfit(BROKEN if data.startswith(b"PK") else NOT_A_WORKBOOK) from error


def _check_sizes(parts: list[zipfile.ZipInfo], packed: int) -> None:
    """By what the archive says of itself; `pieces` stops at what it really holds."""
    total = sum(part.file_size for part in parts)
    if len(parts) > ENTRIES or total > UNPACKED or total > RATIO * max(packed, 1):
        raise Unfit(TOO_LARGE)


def _check_parts(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    if "xl/workbook.xml" not in names:
        raise Unfit(NOT_A_WORKBOOK)
    if any("vbaproject" in name.lower() for name in names):
        raise Unfit(DANGEROUS)
    left = UNPACKED
    for name in names:
        for piece in pieces(archive, name):
            left -= len(piece)
            if left < 0:
                raise Unfit(TOO_LARGE)
            if b"<!DOCTYPE" in piece or b"<!ENTITY" in piece:
                raise Unfit(DANGEROUS)


def pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """A part of the archive, a piece at a time, each beginning with the end of the one before it."""
    before = b""
    with archive.open(name) as part:
        while piece := part.read(_PIECE):
            yield before + piece
            before = piece[-512:]


@dataclass(frozen=True)
class Places:
    """Cells (`B5`) of the first sheet that are not read: formulas, errors such as #REF!, and what lies too far out."""

    formulas: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)


def survey(data: bytes, rows: int, columns: int, most: int = 20) -> Places:
    """The cells that may not be read, at most `most` of each sort. A formula is never worked out: what it said when
    the file was saved is nobody's word. And a cell far out would make the reader allocate all that lies before it."""
    found = Places()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for piece in pieces(archive, _first_sheet(archive)):
            for cell in _CELL.finditer(piece):
                at, more, formula = cell[1].decode(), cell[2], cell[3]
                if _is_beyond(at, rows, columns):
                    _note(found.beyond, at, most)
                elif formula:
                    _note(found.formulas, at, most)
                elif b't="e"' in more or b't="e"' in cell[0]:
                    _note(found.errors, at, most)
    return found


def _note(places: list[str], at: str, most: int) -> None:
    if at not in places and len(places) < most:
        places.append(at)


def _is_beyond(at: str, rows: int, columns: int) -> bool:
    letters = at.rstrip("0123456789")
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place > columns or int(at[len(letters) :]) > rows


def _first_sheet(archive: zipfile.ZipFile) -> str:
    """The part that holds the sheet that stands first in the workbook."""
    book = archive.read("xl/workbook.xml")
    relations = archive.read("xl/_rels/workbook.xml.rels")
    sheet = re.search(rb"<(?:\w+:)?sheet\b[^>]*?\b\w+:id=\"([^\"]+)\"", book)
    for relation in re.findall(rb"<Relationship\b[^>]*>", relations):
        target = re.search(rb"\bTarget=\"([^\"]+)\"", relation)
        if sheet and target and b'Id="' + sheet[1] + b'"' in relation:
            path = target[1].decode().lstrip("/")
            return path if path.startswith("xl/") else f"xl/{path}"
    raise Unfit(BROKEN)
