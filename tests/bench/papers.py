"""Files in and out while others save: 10,000 clients brought in and changed, a month of 1,000 clients taken out and
handed over."""

from __future__ import annotations

import csv
import io
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import requests
import xlsxwriter

from bmu.papers.assignments import SHEET as ASSIGNMENTS
from bmu.papers.clients import SHEET
from tests.bench.firm import found
from tests.bench.report import Bar, Sheet, percentile
from tests.bench.server import running

ROWS = 10_000
ROLE = "accounting_responsible"
DONE, LONGEST = Bar(10), Bar(250)
PARTS = (50, 95)


def measure(folder: Path) -> Iterator[Sheet]:
    """The sheet of this part."""
    firm = found(folder / "papers", clients=1000, months=2)
    admin = firm.signed_in()["admin"][0]
    _, [team, *_] = firm.crew(100)
    data, changed = _clients(), _clients("ย้ายแล้ว")
    head = (
        "work",
        "s",
        "saves",
        "p50 ms",
        "p95",
        "max",
        "disk max",
        f"s ≤ {DONE.most:.0f}",
        f"max ≤ {LONGEST.most:.0f}",
    )
    sheet = Sheet("Files in and out while somebody saves every 50 ms", head)
    with running(firm.folder) as server:
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {admin}"
        save = Saver(server.url, admin, team.record, firm.folder / "disk")
        for name, job in (
            ("nothing", lambda: time.sleep(3)),
            ("taking out a table (xlsx)", lambda: _get(session, f"{server.url}/tax-status/export.xlsx?scope=all")),
            ("taking out the month (xlsx)", lambda: _get(session, f"{server.url}/papers/month.xlsx")),
            (f"previewing {ROWS:,} clients", lambda: _bring(session, server.url, data, "preview")),
            (f"bringing in {ROWS:,} clients", lambda: _bring(session, server.url, data, "import")),
            (f"previewing them again, {ROWS:,} the same", lambda: _bring(session, server.url, data, "preview")),
            (f"changing {ROWS:,} clients", lambda: _bring(session, server.url, changed, "import")),
            ("handing over a month of 1,000", lambda: _hand_over(session, server.url)),
        ):
            seconds, spent, disk = save.during(job)
            verdicts = DONE.verdict(seconds), LONGEST.verdict(max(spent))
            sheet.add(
                name,
                seconds,
                len(spent),
                *(percentile(spent, part) for part in PARTS),
                max(spent),
                max(disk),
                *verdicts,
            )
    sheet.notes = [
        "A save waits for the disk whatever the program does. Disk: 4 kB of a file of its own,",
        "kept (fsync) every 50 ms at the same time; the longest.",
    ]
    yield sheet


class Saver:
    """Somebody who saves all the time. `disk`: a file with which the disk itself is watched meanwhile."""

    def __init__(self, url: str, token: str, record: str, disk: Path) -> None:
        self.address, self.disk, self.number = f"{url}/api/monthly-tax-data/{record}", disk, 0
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def during(self, job: Callable[[], object]) -> tuple[float, list[float], list[float]]:
        """How many seconds `job` took, and meanwhile the milliseconds of each save, and of the disk alone."""
        over = threading.Event()
        spent: tuple[list[float], list[float]] = ([], [])
        threads = [
            threading.Thread(target=_often, args=(over, *one))
            for one in zip((self._save, self._keep), spent, strict=True)
        ]
        for thread in threads:
            thread.start()
        began = time.perf_counter()
        job()
        seconds = time.perf_counter() - began
        over.set()
        for thread in threads:
            thread.join()
        return seconds, *spent

    def _save(self) -> None:
        self.number += 1
        body = {"sourcePage": "taxStatus", "wht_response": f"ครั้งที่ {self.number}"}
        self.session.put(self.address, json=body, timeout=60).raise_for_status()

    def _keep(self) -> None:
        with self.disk.open("wb", buffering=0) as file:
            file.write(os.urandom(4096))
            os.fsync(file.fileno())


def _often(over: threading.Event, act: Callable[[], object], spent: list[float]) -> None:
    while not over.wait(0.05):
        began = time.perf_counter()
        act()
        spent.append(1000 * (time.perf_counter() - began))


def _get(session: requests.Session, url: str) -> None:
    session.get(url, timeout=120).raise_for_status()


def _bring(session: requests.Session, url: str, data: bytes, do: str, sheet: str = "clients") -> None:
    form = {"do": do, "reason": "bench"}
    answer = session.post(f"{url}/import/{sheet}", files={"file": ("c.xlsx", data)}, data=form, timeout=300)
    answer.raise_for_status()


def _hand_over(session: requests.Session, url: str) -> None:
    """Every record of the month gets another accountant: taken out, one column exchanged, brought in."""
    able = session.get(f"{url}/api/assignments/people", timeout=60).json()["data"][ROLE]
    lines = session.get(f"{url}/assignments/export.csv", timeout=60).content.decode("utf-8-sig").splitlines()
    head, *records = csv.reader(lines)
    place = head.index(next(column.label for column in ASSIGNMENTS.columns if column.key == ROLE))
    for number, record in enumerate(records):
        one, other = (able[(number + step) % len(able)]["employee_id"] for step in (0, 1))
        record[place] = other if record[place] == one else one
    made = io.StringIO()
    csv.writer(made).writerows([head, *records])
    _bring(session, url, made.getvalue().encode(), "import", ASSIGNMENTS.name)


def _clients(village: str = "") -> bytes:
    """A workbook of clients with every column of the sheet; `village`: what is another than before."""
    made = io.BytesIO()
    values = {"company_status": "รายเดือน", "company_size": "M", "vat_registration_date": "", "postal_code": "10110"}
    values |= {"legal_entity_number": "", "establishment_date": "01/02/2560", "business_type": "บริษัทจำกัด"}
    values |= {"tax_registration_status": "ยังไม่จดภาษีมูลค่าเพิ่ม", "obligation_forms": "", "obligation_since": ""}
    with xlsxwriter.Workbook(made, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, SHEET.headings("th"))
        for row in range(1, ROWS + 1):
            own = {"build": str(20_000 + row), "company_name": f"บริษัท นำเข้า {row} จำกัด"} | values
            own |= {"village": village} if village else {}
            sheet.write_row(row, 0, [own.get(column.key, f"ค่า {row % 50}") for column in SHEET.columns])
    return made.getvalue()
