"""Where the time of a save goes: each of its stages, timed inside the server (staged.py), while 300 pages listen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.bench.report import Cell, Sheet, percentile
from tests.bench.save import Pace, firm_on, load
from tests.bench.server import running

PACE = Pace(page=True, rate=8, seconds=20, writers=0, flat=0)
STAGED = "tests.bench.staged:app"
DATABASES = ("SQLite", "PostgreSQL")
MEANING = {
    "request": "HTTP, routing, the log's lines, JSON of the answer",
    "who asks": "token, CSRF, session",
    "parse": "the body's shape, each value by its kind",
    "rules": "matrix, validations, what follows from a choice, dates",
    "transaction": "the unit of work, the ORM's objects and flush",
    "statements": "the driver and the database",
    "turn": "waiting for others who save: SQLite's one writer, PostgreSQL's counter",
    "commit": "the disk, and what was not sent before it",
    "answer": "the record read and made ready for who saved",
    "notices": "who is told in the bell, and telling them",
    "tell": "who listens to what",
    "render": "rows as HTML, records as JSON",
    "emit": "one message for each form of the row, put in the queues of 15 sockets",
}


def measure(folder: Path) -> Iterator[Sheet]:
    """The sheet of this part."""
    spent = {database: _stages(database, folder) for database in DATABASES}
    head = ("stage", *(f"{database} {what}" for database in DATABASES for what in ("p50 ms", "p95", "share")), "what")
    sheet = Sheet("Inside a save", head)
    first = spent[DATABASES[0]]
    for stage in sorted(first, key=lambda stage: -percentile(first[stage], 50)):
        sheet.add(stage, *_cells(spent, stage), MEANING.get(stage, ""))
    sheet.add(
        "in all", *(cell for database in DATABASES for cell in _whole(spent[database])), "until the answer is ready"
    )
    sheet.notes = [
        f"Wall time without the stages inside; {PACE.rate} saves/s at random moments; sending comes afterwards."
    ]
    yield sheet


def _stages(database: str, folder: Path) -> dict[str, list[float]]:
    """Milliseconds of each save by stage."""
    with firm_on(database, folder) as firm, running(firm.folder, firm.database, app=STAGED) as server:
        load(server, firm, PACE)
        lines = server.said("stages")[20:]
    names = {name for line in lines for name in line if isinstance(line[name], float)}
    return {name: [line.get(name, 0.0) for line in lines] for name in names}


def _cells(spent: dict[str, dict[str, list[float]]], stage: str) -> Iterator[Cell]:
    for database in DATABASES:
        mine = spent[database].get(stage, [0.0])
        share = 100 * sum(mine) / sum(map(sum, spent[database].values()))
        yield from (percentile(mine, 50), percentile(mine, 95), f"{share:.0f} %")


def _whole(spent: dict[str, list[float]]) -> Iterator[Cell]:
    saves = [sum(stages) for stages in zip(*spent.values(), strict=True)]
    yield from (percentile(saves, 50), percentile(saves, 95), "100 %")
