"""What can be brought in, by name: the sheet, who may, and an empty file to fill in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bmu.clients.obligations import FORMS, FormsKind, MonthKind, words
from bmu.papers import assignments, clients, employees
from bmu.papers.cells import Cell
from bmu.papers.exports import Paper
from bmu.papers.importing import Importer
from bmu.papers.reading import NOTE
from bmu.papers.sheet import Column, Sheet
from bmu.tables.kinds import Choice, Day


@dataclass(frozen=True)
class Import:
    """`page`: whoever opens that page may import here, and comes back to it. `asks_why`: a reason is kept."""

    sheet: Sheet
    page: str
    importer: Callable[[], Importer]
    asks_why: bool = False


IMPORTS: Final = {
    one.sheet.name: one
    for one in (
        Import(clients.SHEET, "clients", clients.importer),
        Import(employees.SHEET, "people", employees.importer),
        Import(assignments.SHEET, "assignments", assignments.importer, asks_why=True),
    )
}


def template(sheet: Sheet, lang: str) -> Paper:
    """An empty file: the headings, and below them a note of what fits each column, which an import passes over."""
    notes = [_note(column, lang) for column in sheet.columns]
    notes[0] = f"{NOTE} {notes[0]}"
    return Paper(sheet, "template", iter([[[Cell(note) for note in notes]]]))


def _note(column: Column, lang: str) -> str:
    must = "* " if column.required else ""
    if isinstance(column.kind, Choice):
        return must + " | ".join(column.kind.text(code, lang) for code in column.kind.codes)
    if isinstance(column.kind, FormsKind):
        return must + words(FORMS, lang)
    shown = {Day: "31/12/2026", MonthKind: "2026-09"}
    return must + shown.get(type(column.kind), "")
