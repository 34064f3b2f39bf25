"""The form's definition covers the record: every field stands in one place, help and talks name what there is."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from bmu.monthly_tax import form
from bmu.monthly_tax.fields import (
    ABSENT,
    EDIT,
    FIELDS,
    FORMS,
    GENERAL,
    PEOPLE,
    READ,
    SIDES,
    SOURCE_PAGES,
    VAT,
    WHT,
    Field,
)
from bmu.monthly_tax.help import HELP
from bmu.monthly_tax.talks import TALKS, TEXTS
from bmu.tables.kinds import Choice, Moment
from tests.contracts.source import ROOT

STANDS = [(tab.key, section, key) for tab in form.TABS for section in tab.sections for key in section.keys]
LAYOUTS = {"facts", "dates", "forms", "talk"}


def test_every_field_stands_in_one_place() -> None:
    assert Counter(key for _, _, key in STANDS) == Counter(list(FIELDS))


def test_a_field_stands_on_the_tab_of_its_side() -> None:
    """By its tab a filer's form is closed, by its side a filer's save is refused: they are the same."""
    assert [tab.key for tab in form.TABS] == [GENERAL, WHT, VAT]
    assert all(FIELDS[key].side == tab for tab, _, key in STANDS)


def test_every_section_is_laid_out_as_the_template_knows_and_holds_what_that_is_for() -> None:
    template = (ROOT / "templates/monthly_tax/form.html").read_text()
    assert 's.layout == "forms"' in template
    for _, section, key in STANDS:
        assert section.layout in LAYOUTS
        assert (section.layout == "dates") == isinstance(FIELDS[key].kind, Moment), key
        assert (section.layout == "talk") == bool(section.talk) == (key in TEXTS), key


def test_forms_stand_in_pairs_of_a_status_and_its_sheets() -> None:
    """The template draws them two by two."""
    keys = [key for _, section, key in STANDS if section.layout == "forms"]
    pairs = list(zip(keys[::2], keys[1::2], strict=True))
    assert pairs == [(f"{one}_status", f"{one}_attachment_count") for one in FORMS]
    for page in SOURCE_PAGES:
        assert all(ABSENT not in (FIELDS[status].state(page), FIELDS[count].state(page)) for status, count in pairs)


def test_a_talk_is_shown_whole_or_not_at_all() -> None:
    talks = {section.talk: section.keys for _, section, _ in STANDS if section.talk}
    assert talks == {talk.key: talk.fields for talk in TALKS}
    for page in SOURCE_PAGES:
        for talk in TALKS:
            assert len({FIELDS[key].state(page) == ABSENT for key in talk.fields}) == 1


def test_help_names_real_codes_of_real_fields() -> None:
    assert HELP
    for key, help_text in HELP.items():
        kind = FIELDS[key].kind
        assert isinstance(kind, Choice), key
        assert set(help_text.choices) <= set(kind.codes), key
        assert help_text.lead and all(help_text.choices.values()), key


def test_what_a_field_waits_for_is_a_code_of_another_field() -> None:
    waiting = dict(re.findall(r'"(\w+)": "(\w+=\w+)"', (ROOT / "bmu/monthly_tax/layout.py").read_text()))
    assert waiting
    for key, wanted in waiting.items():
        other, code = wanted.split("=")
        assert key in FIELDS and code in getattr(FIELDS[other].kind, "codes", ()), key


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: field.key)
def test_whatever_can_be_written_has_a_control(field: Field) -> None:
    for page in SOURCE_PAGES:
        shown = form.Shown(field, None, field.state(page), "", starred=False)
        if shown.state != ABSENT:
            assert bool(shown.control) == (shown.state != READ), page
        assert shown.state != EDIT or shown.placeholder or shown.control == "number", page


def test_every_control_is_drawn_by_the_template() -> None:
    template = (ROOT / "templates/monthly_tax/fields.html").read_text()
    told = set(re.findall(r'f\.control == "(\w+)"', template))
    assert told | {"number"} == set(form.CONTROLS.values())


def test_the_dates_of_each_tax_are_on_its_tab() -> None:
    for side in SIDES:
        dates = [key for tab, section, key in STANDS if tab == side.key and section.layout == "dates"]
        assert dates == [side.sent, side.returned, side.customer, side.draft]


def test_the_people_are_no_fields_of_the_form() -> None:
    """Who is responsible is not changed here."""
    assert not {key for _, _, key in STANDS} & set(PEOPLE)
