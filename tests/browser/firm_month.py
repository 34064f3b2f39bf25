"""What a firm's month takes besides people: workbooks that come in, files that go out, and what the database holds."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from itertools import cycle
from pathlib import Path
from typing import Any

import xlsxwriter
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from bmu.i18n import BANGKOK
from bmu.papers.sheet import Sheet
from bmu.tables.kinds import Choice, Count, Day, Kind, Moment, Money
from tests.browser.house import Server
from tests.conftest import FIVE, MONTH

Lines = list[dict[str, Any]]
VAT, NOT_VAT = "จดภาษีมูลค่าเพิ่ม", "ยังไม่จดภาษีมูลค่าเพิ่ม"
OURS = 25


def new_clients(count: int) -> Lines:
    """Clients as a firm has them on paper, by column key; builds from 2001 on."""
    sizes = cycle(("SS", "S", "M", "L"))
    return [
        {
            "build": str(2001 + place),
            "company_name": f"บริษัท ทดสอบทั้งเดือน {place} จำกัด",
            "company_status": "รายเดือน",
            "company_size": next(sizes),
            "tax_registration_status": VAT if place % 3 else NOT_VAT,
            "vat_registration_date": date(2019, 1 + place % 12, 15) if place % 3 else None,
            "address_number": f"{place}/9",
            "province": "ตรัง",
        }
        for place in range(count)
    ]


def five_of(clients: Lines, able: Mapping[str, Sequence[str]]) -> Lines:
    """Who works for them: the cast for the first OURS, whoever may for the others; nobody files VAT without VAT."""
    others = {role: cycle([one for one in able[role] if one != FIVE[role]]) for role in FIVE}
    found = []
    for place, client in enumerate(clients):
        people = {role: FIVE[role] if place < OURS else next(others[role]) for role in FIVE}
        if client["tax_registration_status"] != VAT:
            people["vat_filer_current_employee_id"] = ""
        found.append({"build": client["build"], "month": str(MONTH), **people})
    return found


def workbook(sheet: Sheet, lines: Lines, folder: Path) -> Path:
    """A workbook that says `lines` under the sheet's Thai headings."""
    labels = {column.key: column.label for column in sheet.columns}
    made, file = io.BytesIO(), folder / f"{sheet.name}.xlsx"
    with xlsxwriter.Workbook(made, {"default_date_format": "dd/mm/yyyy"}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, [labels[key] for key in lines[0]])
        for number, line in enumerate(lines, 1):
            page.write_row(number, 0, list(line.values()))
    file.write_bytes(made.getvalue())
    return file


def bring_in(page: Page, sheet: str, file: Path) -> str:
    """Bring a file in through its page: preview, and where something would change, import. What was said last."""
    page.goto(f"/import/{sheet}")
    page.set_input_files("[name=file]", file)
    page.click("[value=preview]")
    expect(page.locator("#bring-result .notice")).to_be_visible()
    button = page.locator("#bring-result [value=import]")
    if button.count():
        button.click()
        expect(page.locator("#bring-result [data-tone=good]")).to_be_visible(timeout=30_000)
    return page.locator("#bring-result .notice").inner_text()


def taken_out(page: Page, address: str, link: str, folder: Path) -> Path:
    """The file behind a link of a page, taken out by a click on it; menus that hold it are opened first."""
    page.goto(address)
    found = page.locator(f'a[download][href*="{link}"]')
    if not found.is_visible():
        page.locator("details:has(a[download]) > summary").click()
    with page.expect_download() as coming:
        found.click()
    file = folder / coming.value.suggested_filename
    coming.value.save_as(file)
    return file


def lines_of(file: Path) -> list[list[Any]]:
    """The cells of a workbook's first sheet, headings first."""
    return CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()


def stored(server: Server, statement: str, *values: Any) -> Lines:
    """Rows of the server's database by column."""
    import sqlite3

    with closing(sqlite3.connect(server.folder / "bmu.sqlite", timeout=10)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(statement, values)]


def as_shown(kind: Kind, value: Any, names: Mapping[str, str] | None = None) -> Any:
    """What a cell of a workbook must hold for a column of the database, in Thai and Bangkok's time."""
    if value is None or value == "":
        return ""
    if isinstance(kind, Moment):
        return datetime.fromisoformat(value).replace(tzinfo=UTC, microsecond=0).astimezone(BANGKOK).replace(tzinfo=None)
    if isinstance(kind, Day):
        return date.fromisoformat(value)
    if isinstance(kind, Count | Money):
        return float(value)
    if isinstance(kind, Choice):
        return kind.text(value, "th")
    return (names or {}).get(value, value)


def differences(found: list[list[Any]], sheet: Sheet, rows: Lines, names: Mapping[str, str] | None = None) -> list[str]:
    """The cells that do not hold what the database does; one that is empty there may say in words why it is."""
    assert found[0] == sheet.headings("th")
    assert len(found) - 1 == len(rows), f"{len(found) - 1} lines for {len(rows)} rows"
    return [
        f"{row['build'] if 'build' in row else line[0]} {column.key}: {cell!r}, not {wanted!r}"
        for line, row in zip(found[1:], rows, strict=True)
        for column, cell in zip(sheet.columns, line, strict=True)
        if column.key in row
        and (wanted := as_shown(column.kind, row[column.key], names))
        != (cell.date() if _midnight(cell, wanted) else cell)
        and not (wanted == "" and isinstance(cell, str) and re.match("ไม่", cell))
    ]


def _midnight(cell: Any, wanted: Any) -> bool:
    return isinstance(cell, datetime) and not isinstance(wanted, datetime)
