"""What can be taken out, as sheets and portions of rows: a table as filtered, a month of the firm, the change log.

Everything is read in portions between which others run; no save waits for an export.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, Final, TypeVar

from bmu.clients import queries as client_queries
from bmu.i18n import N_, Month, translate
from bmu.monthly_tax import queries
from bmu.monthly_tax.catalogue import STATUS
from bmu.monthly_tax.desk import Desk
from bmu.monthly_tax.duties import NOT_APPLICABLE, duties, word
from bmu.monthly_tax.fields import FIELDS, PEOPLE
from bmu.monthly_tax.filters import Filters
from bmu.monthly_tax.queries import Sort, Values
from bmu.offload import sleep
from bmu.papers import assignments, clients, employees, log
from bmu.papers.cells import BLANK, Cell, cell
from bmu.papers.sheet import Column, Sheet
from bmu.papers.writing import Row, write
from bmu.tables.kinds import Kind, Moment, Person, Text
from bmu.tables.table import Table

PORTION: Final = 50
T = TypeVar("T")


@dataclass(frozen=True)
class Paper:
    """A file to be: its sheet, what follows the sheet's name in the file's (`2026-10`, or ""), and its rows."""

    sheet: Sheet
    when: str
    portions: Iterator[Sequence[Row]]

    def names(self, form: str, lang: str) -> tuple[str, str]:
        """The file's name in ASCII, and in `lang`."""
        tail = f"{'_' if self.when else ''}{self.when}.{form}"
        return self.sheet.name + tail, translate(self.sheet.title, lang) + tail

    def write(self, form: str, lang: str) -> IO[bytes]:
        """The file, open at its beginning."""
        return write(form, translate(self.sheet.title, lang), self.sheet.headings(lang), self.portions)


def in_portions(ids: Sequence[T], read: Callable[[Sequence[T]], Sequence[Row]]) -> Iterator[Sequence[Row]]:
    """The rows that `read` makes of some of `ids` at a time; others run in between."""
    for start in range(0, len(ids), PORTION):
        yield read(ids[start : start + PORTION])
        sleep(0)


def desk_paper(desk: Desk, lang: str) -> Paper:
    """The table of a desk as it is filtered and sorted: all its pages, the columns that its mode shows."""
    shown = [c for c in desk.table.columns if desk.filters.mode in ("all", c.side) or not c.side]
    sheet = Sheet(desk.table.name, desk.table.title, tuple(Column(c.key, c.label, c.kind) for c in shown))

    def rows(ids: Sequence[str]) -> list[Row]:
        return [_of_table(desk.table, sheet, row, lang) for row in queries.records(ids, table=desk.table)]

    return Paper(sheet, str(desk.month), in_portions(queries.ids(desk.filters, desk.sort), rows))


def _of_table(table: Table, sheet: Sheet, row: Values, lang: str) -> list[Cell]:
    """The cells of a row; what does not apply to the client is said in place of a status, as on the page."""
    return [
        _away(column.kind, why, lang)
        if (why := table.absent(table.by_key[column.key], row))
        else cell(column.kind, row[column.key], lang, row["names"])
        for column in sheet.columns
    ]


def _away(kind: Kind, why: str, lang: str) -> Cell:
    return Cell(translate(why, lang)) if kind is STATUS else BLANK


_CLIENT = clients.SHEET.columns
MONTH: Final = Sheet(
    "month",
    N_("งานประจำเดือนทั้งสำนักงาน"),
    (
        Column("build", "Build", Text(10)),
        *(column for column in _CLIENT if column.key in queries.CLIENT_KEYS),
        *(Column(key, label, Person()) for key, label in PEOPLE.items()),
        *(Column(key, field.label, field.kind) for key, field in FIELDS.items()),
        Column("updated_at", N_("บันทึกล่าสุดเมื่อ"), Moment()),
        Column("updated_by", N_("บันทึกล่าสุดโดย"), Person()),
    ),
)


def month_paper(month: Month, lang: str) -> Paper:
    """Everything about all clients in a month. For those who read everything."""

    def rows(ids: Sequence[str]) -> list[Row]:
        return [_of_month(row, lang) for row in queries.records(ids)]

    return Paper(MONTH, str(month), in_portions(queries.ids(Filters(*month), Sort()), rows))


def _of_month(row: Values, lang: str) -> list[Cell]:
    due = duties(row)

    def one(column: Column) -> Cell:
        field = FIELDS.get(column.key)
        if field and row[field.key] is None and due.why_not(field):
            return _away(column.kind, word(field.side, row) or NOT_APPLICABLE, lang)
        # What was entered before a client gave up its VAT stays in the record, not on paper.
        away = field is not None and field.side in due.closed
        return BLANK if away else cell(column.kind, row[column.key], lang, row["names"])

    return [one(column) for column in MONTH.columns]


def log_paper(month: Month, lang: str) -> Paper:
    """Every change of a record or client saved in a calendar month (Bangkok). For those who read everything."""
    return Paper(log.SHEET, str(month), log.portions(month, lang))


def clients_paper(filters: client_queries.Filters, sort: str, descending: bool, lang: str) -> Paper:
    """The list of clients as filtered, every field: an import takes it back."""

    def rows(ids: Sequence[str]) -> list[Row]:
        return [of_sheet(clients.SHEET, values, lang) for values in clients.values(ids)]

    return Paper(clients.SHEET, "", in_portions(clients.ids(filters, sort, descending), rows))


def employees_paper(lang: str) -> Paper:
    """Everybody the firm ever employed: an import takes it back."""
    found = employees.everybody()
    return Paper(
        employees.SHEET,
        "",
        in_portions(found, lambda some: [of_sheet(employees.SHEET, values, lang) for values in some]),
    )


def assignments_paper(month: Month, lang: str) -> Paper:
    """Who is responsible for what in a month, by employee ids: an import takes it back."""
    ids = queries.ids(Filters(*month), Sort())

    def rows(some: Sequence[str]) -> list[Row]:
        return [of_sheet(assignments.SHEET, values, lang) for values in assignments.values(some)]

    return Paper(assignments.SHEET, str(month), in_portions(ids, rows))


def of_sheet(sheet: Sheet, values: Any, lang: str) -> list[Cell]:
    """A row of plain values, without colours where a person is meant to write."""
    return [cell(column.kind, values[column.key], lang) for column in sheet.columns]
