"""The browser's code places what the server draws: it knows no column, no label, no status."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bmu.monthly_tax.fields import FIELDS, ORIGINALS, PEOPLE
from bmu.monthly_tax.queries import CLIENT_KEYS
from bmu.monthly_tax.talks import TALKS
from bmu.tables.kinds import Choice
from tests.contracts.source import ROOT

SCRIPTS = sorted((ROOT / "static/js").rglob("*.js"))
COLUMNS = {*FIELDS, *PEOPLE, *ORIGINALS.values(), *CLIENT_KEYS, "tax_year", "tax_month"} | {talk.key for talk in TALKS}
CODES = {code for field in FIELDS.values() if isinstance(field.kind, Choice) for code in field.kind.codes}
# One Thai letter may stand for a key of the keyboard; two are a word, and words come from the server.
THAI_WORD = re.compile(r"[ก-๛]{2,}")
each_script = pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)


def words(script: Path) -> set[str]:
    return set(re.findall(r"[A-Za-z_$][\w$]*", script.read_text()))


def test_there_are_scripts() -> None:
    assert len(SCRIPTS) > 5


@each_script
def test_it_names_no_column(script: Path) -> None:
    found = words(script) & COLUMNS
    assert not found, f"{script.name} knows {', '.join(sorted(found))}: the page tells it by data attributes"


@each_script
def test_it_names_no_code_of_a_choice(script: Path) -> None:
    # Plain English words that are codes too say nothing about a column.
    found = (words(script) & CODES) - {"received", "completed", "partial", "late", "paid"}
    assert not found, f"{script.name} knows {', '.join(sorted(found))}: editors come with their choices"


@each_script
def test_it_says_no_word_of_its_own(script: Path) -> None:
    found = THAI_WORD.findall(script.read_text())
    assert not found, f"{script.name} says {' '.join(found)}: words come from the page, in its language"
