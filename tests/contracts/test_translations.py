"""Every word that a person may see has an English one, and the compiled catalogue is that of the readable one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from babel.support import Translations

from bmu.accounts.rules import ROLE_LABELS
from bmu.monthly_tax.fields import FIELDS, PEOPLE, options_for_filter
from bmu.monthly_tax.summary import FIGURES
from bmu.monthly_tax.table import GROUPS, MENU_TITLES, TABLES
from bmu.tables.kinds import EMPTY, Choice
from tests.contracts.source import ROOT

FOLDER = ROOT / "bmu/translations/en/LC_MESSAGES"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "t": None}
THAI = re.compile(r"[ก-๛]")
PLACES = re.compile(r"%\((\w+)\)s|\{(\w+)\}")


@cache
def catalogue() -> Catalog:
    with (FOLDER / "messages.po").open("rb") as file:
        return read_po(file, locale="en")


def english(msgid: str) -> str:
    message = catalogue().get(msgid)
    return str(message.string) if message and not message.fuzzy else ""


def extracted() -> Iterator[tuple[str, str]]:
    """(where, msgid) of every marked text in Python and in the templates."""
    kinds = (("bmu", [("**.py", "python")]), ("templates", [("**.html", "jinja2")]))
    for folder, methods in kinds:
        found = extract_from_dir(ROOT / folder, methods, keywords=KEYWORDS)
        for file, line, message, _comments, _context in found:
            for text in (message,) if isinstance(message, str) else message:
                if THAI.search(text):
                    yield f"{folder}/{file}:{line}", text


def labels() -> Iterator[str]:
    """What the definitions of fields, choices, tables and figures say, however it was put together."""
    yield from (field.label for field in FIELDS.values())
    yield from PEOPLE.values()
    yield from ROLE_LABELS.values()
    yield from MENU_TITLES.values()
    yield from (label for _key, label, _side in GROUPS)
    yield from (label for _code, label in options_for_filter())
    yield from (figure.label for page in FIGURES.values() for figure in page)
    for table in TABLES.values():
        yield table.title
        yield from (word for column in table.columns for word in (column.label, column.heading))
    for kind in (field.kind for field in FIELDS.values() if isinstance(field.kind, Choice)):
        yield from (option.label for option in kind.options)
        yield kind.absent


def test_every_marked_text_has_an_english_one() -> None:
    missing = {text: where for where, text in extracted() if not english(text)}
    assert not missing, "no English for:\n" + "\n".join(f"{where}: {text}" for text, where in missing.items())


def test_every_label_of_the_desk_has_an_english_one() -> None:
    missing = {text for text in labels() if THAI.search(text) and not english(text)}
    assert not missing, "no English for:\n" + "\n".join(sorted(missing))
    assert EMPTY not in missing


def test_english_is_english_and_keeps_the_places_to_fill() -> None:
    for message in catalogue():
        if message.id and message.string:
            assert not THAI.search(str(message.string)), f"still Thai: {message.string}"
            assert set(PLACES.findall(message.id)) == set(PLACES.findall(message.string)), message.id


def test_the_catalogue_holds_nothing_that_nobody_says() -> None:
    said = {text for _, text in extracted()} | set(labels())
    stale = [str(message.id) for message in catalogue() if message.id and message.id not in said]
    assert not stale, "nobody says:\n" + "\n".join(stale)


def test_the_compiled_catalogue_is_that_of_the_readable_one() -> None:
    compiled = Translations.load(str(FOLDER.parents[1]), ["en"])
    old = [one.id for one in catalogue() if one.id and one.string and compiled.ugettext(one.id) != one.string]
    assert not old, f"messages.mo is older than messages.po ({len(old)} texts differ): run deploy/translations"


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_no_template_says_thai_outside_of_the_catalogue(path: object) -> None:
    text = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "", path.read_text(), flags=re.S)  # type: ignore[attr-defined]
    assert not THAI.search(text), f"Thai outside of _(): {THAI.findall(text)[:20]}"
