"""Writing files, a portion of rows at a time: the memory it takes does not grow with them.

The books are plain objects that know neither database nor request, so that `offload` may fill them in a real thread:
between the portions, and while one is written, everybody else goes on.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import IO, Any, Final, Protocol

import xlsxwriter

from bmu.offload import offload
from bmu.papers.cells import TEXT, Cell, plain, tint

Row = Sequence[Cell]
XLSX, CSV = "xlsx", "csv"
TYPES: Final = {
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    CSV: "text/csv; charset=utf-8",
}
FULL = 1_000_000  # Excel's own end is a little after it
_FORMATS: Final = {
    TEXT: "@",
    "day": "dd/mm/yyyy",
    "moment": "dd/mm/yyyy hh:mm:ss",
    "count": "#,##0",
    "money": "#,##0.00",
}
_WIDTHS: Final = {"day": 12, "moment": 19, "count": 10, "money": 14}
_WIDEST, _NARROWEST = 60, 8


class Book(Protocol):
    """A file that grows."""

    def add(self, rows: Sequence[Row]) -> None: ...

    def close(self) -> None: ...


class CsvBook:
    """CSV as Thai Excel opens it: UTF-8 with its mark, and nothing that could be taken for a formula."""

    def __init__(self, file: IO[bytes], title: str, headings: Sequence[str]) -> None:
        self.file = file
        file.write("\ufeff".encode())
        self._line([plain(heading) for heading in headings])

    def _line(self, *lines: Sequence[str]) -> None:
        out = io.StringIO()
        csv.writer(out).writerows(lines)
        self.file.write(out.getvalue().encode())

    def add(self, rows: Sequence[Row]) -> None:
        self._line(*([plain(cell.value) for cell in row] for row in rows))

    def close(self) -> None:
        pass


class XlsxBook:
    """A workbook: typed values, a frozen head, a filter on it. What does not fit one sheet goes on on the next."""

    def __init__(self, file: IO[bytes], title: str, headings: Sequence[str]) -> None:
        # Texts stay texts: "=1+1" and "http://…" in a company's name are neither formula nor link.
        keeps = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(file, {**keeps, "strings_to_numbers": False})
        self.title, self.headings = title, headings
        self.formats: dict[tuple[str, str], Any] = {}
        self.head = self.book.add_format({"bold": True, "bg_color": "#f1f3f5", "bottom": 1, "text_wrap": True})
        self.sheet: Any = None
        self.line, self.sheets = 0, 0

    def add(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if self.sheet is None or self.line > FULL:
                self._begin(row)
            for place, cell in enumerate(row):
                self._put(place, cell)
            self.line += 1

    def _begin(self, first: Row) -> None:
        """The next sheet, its columns as wide as what stands in the first row."""
        self.sheets += 1
        self.sheet = self.book.add_worksheet(tab(self.title, self.sheets))
        for place, heading in enumerate(self.headings):
            like = first[place] if place < len(first) else Cell(None)
            self.sheet.set_column(place, place, _width(heading, like))
            self.sheet.write_string(0, place, heading, self.head)
        self.sheet.freeze_panes(1, 0)
        self.sheet.repeat_rows(0)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.line = 1

    def _put(self, place: int, cell: Cell) -> None:
        value, look = cell.value, self._format(cell.style, cell.tone)
        if isinstance(value, str):
            self.sheet.write_string(self.line, place, value, look)
        elif isinstance(value, datetime | date):
            self.sheet.write_datetime(self.line, place, value, look)
        elif value is not None:
            self.sheet.write_number(self.line, place, value, look)

    def _format(self, style: str, tone: str) -> Any:
        if (style, tone) not in self.formats:
            look = {"num_format": _FORMATS[style]}
            ground = {"bg_color": tint(tone), "font_color": "#000000"} if tone else {}
            self.formats[style, tone] = self.book.add_format(look | ground)
        return self.formats[style, tone]

    def close(self) -> None:
        if self.sheet is None:
            self._begin(())
        self.sheet.autofilter(0, 0, self.line - 1, len(self.headings) - 1)
        self.book.close()


def tab(title: str, number: int = 1) -> str:
    """A sheet's name as Excel takes one: at most 31 letters, none of `[]:*?/\\`."""
    clean = "".join(sign for sign in title if sign not in "[]:*?/\\")
    more = f" {number}" if number > 1 else ""
    return clean[: 31 - len(more)] + more


def _width(heading: str, like: Cell) -> int:
    wanted = max(len(heading) + 2, _WIDTHS.get(like.style, len(str(like.value or "")) + 2))
    return min(max(wanted, _NARROWEST), _WIDEST)


BOOKS: Final[dict[str, Callable[[IO[bytes], str, Sequence[str]], Book]]] = {XLSX: XlsxBook, CSV: CsvBook}


def write(form: str, title: str, headings: Sequence[str], portions: Iterable[Sequence[Row]]) -> IO[bytes]:
    """A file of these rows, `form` one of BOOKS, open at its beginning; it is gone when it is closed.

    `portions` are asked for one after the other, here; only the writing is done beside the event loop.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    book: Book = offload(BOOKS[form], file, title, headings)
    try:
        for rows in portions:
            offload(book.add, rows)
    except BaseException:
        with suppress(Exception):
            book.close()  # a workbook has files of its own meanwhile
        file.close()
        raise
    offload(book.close)
    file.seek(0)
    return file
