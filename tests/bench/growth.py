"""What a list costs as a firm grows: in its first month, after a year, after 22 years, and one nine times as large.

The firms are made once and kept in the temporary folder (2 GB, some five minutes); they are read only, but for who
signs in.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

import click
from alembic.script import ScriptDirectory
from flask_migrate import upgrade

from bmu.cli.seed import Size, sow
from bmu.i18n import tax_month
from tests.bench.firm import NOW, Firm, another_id, copy_rows
from tests.bench.lists import API, IN_MONTH, times
from tests.bench.report import Bar, Sheet, percentile
from tests.bench.server import Server, running

KEPT = Path(tempfile.gettempdir()) / "bmu-bench-firms"
GROWTH = Bar(1.5)


class Shape(NamedTuple):
    """`months` are drawn; `copies` of the oldest of them lie before it, without a log of their own."""

    clients: int
    months: int
    copies: int
    employees: int


SHAPES = (Shape(375, 1, 0, 40), Shape(375, 12, 0, 40), Shape(375, 12, 262, 40), Shape(3300, 2, 304, 350))
ADMIN, OWN = "admin", "AC00024"
# What is asked, and by whom; {last}, {middle}: pages of all records, 20 each.
PATHS = {
    "/tax-status, 100 rows": (ADMIN, "/tax-status?limit=100"),
    "… page 3": (ADMIN, "/tax-status?limit=100&page=3"),
    "… searched": (ADMIN, "/tax-status?limit=20&q=1"),
    "… by WHT status": (ADMIN, "/tax-status?limit=20&pnd=paid"),
    "… not started": (ADMIN, "/tax-status?limit=20&pnd=not_started"),
    "… by payment": (ADMIN, "/tax-status?limit=20&payment=has_payment"),
    "… of VAT clients": (ADMIN, "/tax-status?limit=20&mode=vat"),
    "… by person": (ADMIN, "/tax-status?limit=20&person=AC00031"),
    "own /tax-status, 20 rows": (OWN, "/tax-status?limit=20"),
    "own /tax-filing, 20 rows": ("AC00012", "/tax-filing?limit=20"),
    "own API list of a month": (OWN, f"{API}?{IN_MONTH}"),
    "own API list of all": (OWN, API),
    "API list of a month": (ADMIN, f"{API}?{IN_MONTH}"),
    "API list of all": (ADMIN, API),
    "… page 10": (ADMIN, f"{API}?page=10"),
    "… the middle page": (ADMIN, f"{API}?page={{middle}}"),
    "… the last page": (ADMIN, f"{API}?page={{last}}"),
    "API list of all, searched": (ADMIN, f"{API}?search=1"),
    "… all of a status": (ADMIN, f"{API}?pnd_status=paid"),
    "… all not started": (ADMIN, f"{API}?pp30_status=not_started"),
    "… all with payment": (ADMIN, f"{API}?pp30_payment_status=has_payment"),
    "… all of VAT clients": (ADMIN, f"{API}?tax_registration_status=จดภาษีมูลค่าเพิ่ม"),
    "API figures of a month": (ADMIN, f"{API}/summary?{IN_MONTH}"),
}


def measure(_folder: Path) -> Iterator[Sheet]:
    """The sheets of this part."""
    firms = [kept(shape) for shape in SHAPES]
    sizes = [firm.count() for firm in firms]
    known = [firm.signed_in() for firm in firms]
    ratios = [f"{size:,} : {sizes[0]:,}" for size in sizes[2:]]
    sheet = Sheet(
        "Lists as a firm grows: the server's milliseconds, p50",
        ("", *(f"{size:,}" for size in sizes), *ratios, f"≤ {GROWTH.most}"),
    )
    with ExitStack() as stack:
        servers = [stack.enter_context(running(firm.folder)) for firm in firms]
        for name, (who, path) in PATHS.items():
            asked = [
                (server, people[who][0], path.format(last=max(1, size // 20), middle=max(1, size // 40)))
                for server, people, size in zip(servers, known, sizes, strict=True)
            ]
            middle = [percentile(one, 50) for one in times(asked)]
            grown = [one / middle[0] for one in middle[2:]]
            sheet.add(name, *middle, *grown, GROWTH.verdict(max(grown)))
        _memory(sheet, servers)
    sheet.notes = [
        f"Records: {SHAPES[0].clients} clients for 1, 12 and 274 months; {SHAPES[-1].clients:,} for 306.",
        "From the request log, compression included, asked in turn; own: of the accountant AC00024.",
    ]
    yield sheet


def _memory(sheet: Sheet, servers: list[Server]) -> None:
    """What the processes hold after all that."""
    held = [server.memory() / 1024 for server in servers]
    grown = [one / held[0] for one in held[2:]]
    sheet.add("memory of the process, MB", *held, *grown, GROWTH.verdict(max(grown)))


def kept(shape: Shape) -> Firm:
    """The firm of this shape as of this month and schema, made when it is not there yet."""
    head = ScriptDirectory("bmu/migrations").get_current_head()
    name = "-".join(map(str, (*shape, tax_month(NOW), head)))
    if not (KEPT / name).is_dir():
        making = Path(tempfile.mkdtemp(prefix="making-", dir=_folder()))
        _make(making, shape)
        making.rename(KEPT / name)
    return Firm(KEPT / name)


def _folder() -> Path:
    """Where firms are kept, without those that nobody finished."""
    KEPT.mkdir(exist_ok=True)
    for left in KEPT.glob("making-*"):
        shutil.rmtree(left)
    return KEPT


def _make(folder: Path, shape: Shape) -> None:
    firm = Firm(folder)
    with firm.open():
        upgrade()
        sow(Size(shape.clients, shape.months, shape.employees), NOW)
    with closing(sqlite3.connect(folder / "bmu.sqlite")) as base:
        for setting in ("synchronous = OFF", "journal_mode = MEMORY", "cache_size = -400000"):
            base.execute(f"PRAGMA {setting}")
        _copy_months(base, shape)


def _copy_months(base: sqlite3.Connection, shape: Shape) -> None:
    """Copies of the oldest month before it, the indexes made afterwards: a third of the time."""
    oldest = tax_month(NOW).plus(1 - shape.months)
    ours = f"tax_year = {oldest.year} AND tax_month = {oldest.month} ORDER BY id"
    table = "type = 'index' AND tbl_name = 'monthly_tax_data' AND sql IS NOT NULL"
    indexes = base.execute(f"SELECT name, sql FROM sqlite_master WHERE {table}").fetchall()
    for name, _ in indexes:
        base.execute(f"DROP INDEX {name}")
    with click.progressbar(range(1, shape.copies + 1), label=f"{shape.clients} clients") as bar:
        for ago in bar:
            month = oldest.plus(-ago)
            here = {"id": another_id("id", ago), "tax_year": str(month.year), "tax_month": str(month.month)}
            copy_rows(base, "monthly_tax_data", here, ours)
    for _, made in indexes:
        base.execute(made)
    base.commit()
