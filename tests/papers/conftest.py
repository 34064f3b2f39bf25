"""Making files as people do, and bringing them in."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from tests.conftest import Colleague

HEAD = ["หมายเลข Build", "ชื่อบริษัท", "สถานะบริษัท"]
GOOD = ["901", "บริษัท ใหม่ จำกัด", "รายเดือน"]


def workbook(*lines: Sequence[Any]) -> bytes:
    """A workbook with these lines; a text that begins with `=` is a formula, as where a person types it."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(lines):
            sheet.write_row(number, 0, line)
    return made.getvalue()


def send(who: Colleague, sheet: str, data: bytes, do: str = "preview", **more: Any) -> Any:
    """Bring a file in as a program does, by the bearer token."""
    form = {"file": (io.BytesIO(data), "file.xlsx"), "do": do, **more}
    return who.call("POST", f"/import/{sheet}", data=form, content_type="multipart/form-data")
