"""Saying what a client has to file: kept, logged, told, taken back; never over somebody else's."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from bmu.changes.history import story
from bmu.changes.work import By
from bmu.clients import obliging
from bmu.clients.models import FOREVER, Client, Obligation
from bmu.clients.story import told
from bmu.errors import Conflict, Invalid, NotFound
from bmu.extensions import db

BY = By("AC00008", "ผู้ตรวจ")


@pytest.fixture
def asked(app: Flask) -> Any:
    """Client 018 without any schedule."""
    with app.app_context():
        for row in db.session.scalars(select(Obligation).where(Obligation.build == "018")):
            db.session.delete(row)
        db.session.commit()
        yield lambda since, *forms, version=None: obliging.oblige(
            BY, "18", {"since": since, "forms": list(forms)}, version
        )


def rows() -> list[tuple[int, int, str]]:
    found = db.session.scalars(select(Obligation).where(Obligation.build == "018").order_by(Obligation.since))
    return [(row.since, row.until, row.forms) for row in found]


def test_each_row_ends_where_the_next_begins(asked: Any) -> None:
    asked("2026-09", "pp30", "pnd_3")
    asked("2026-03", "pnd_53")
    asked("2026-06")
    assert rows() == [(202603, 202606, "pnd_53"), (202606, 202609, ""), (202609, FOREVER, "pnd_3,pp30")]
    obliging.release(BY, "018", "2026-06")
    assert rows() == [(202603, 202609, "pnd_53"), (202609, FOREVER, "pnd_3,pp30")]


def test_the_answer_says_the_schedule_and_what_is_in_force(asked: Any) -> None:
    said = asked("2020-01", "pnd_3")
    assert said["obligations"] == [{"since": "2020-01", "forms": ["pnd_3"]}] and said["in_force"] == ["pnd_3"]
    assert obliging.release(BY, "018", "2020-01")["in_force"] is None


def test_what_holds_already_is_no_change(asked: Any) -> None:
    first = asked("2026-03", "pnd_3")
    assert asked("2026-03", "pnd_3")["version"] == asked("2026-08", "pnd_3")["version"] == first["version"]
    assert obliging.release(BY, "018", "2026-08")["version"] == first["version"] and len(rows()) == 1


def test_it_is_a_change_of_the_client_and_its_history_says_it_in_words(asked: Any) -> None:
    asked("2026-03", "pnd_3")
    asked("2026-09", "pnd_3", "pp30")
    client = db.session.execute(select(Client).where(Client.build == "018")).scalar_one()
    line = story(Client.entity, [client.id])[0]
    assert line.version == client.version and line.actor == "AC00008" and "obligations" in line.fields
    assert told([line], "th")[0].said == [("แบบที่ต้องยื่น ตั้งแต่ กันยายน 2569", "ภ.ง.ด.3", "ภ.ง.ด.3, ภ.พ.30")]


def test_who_saw_an_older_month_meets_a_conflict_and_other_months_merge(asked: Any) -> None:
    seen = asked("2026-03", "pnd_3")["version"]
    asked("2026-09", "pp30")
    asked("2026-06", "pnd_53", version=seen)
    with pytest.raises(Conflict) as refused:
        asked("2026-09", "pnd_2", version=seen)
    dispute = refused.value.extra["conflicts"]["forms"]
    assert (dispute["yours"], dispute["theirs"], dispute["by"]) == (["pnd_2"], ["pp30"], "AC00008")
    assert asked("2026-09", "pp30", version=seen)["version"] == seen + 2


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"since": "soon", "forms": []}, {"since"}),
        ({"since": "2026-09", "forms": ["pnd_99"]}, {"forms"}),
        ({"since": "2026-09"}, {"forms"}),
        ({}, {"since", "forms"}),
        ({"since": "2026-09", "forms": [], "until": "2026-10"}, {"until"}),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(asked: Any, values: dict[str, Any], wrong: set[str]) -> None:
    with pytest.raises(Invalid) as refused:
        obliging.oblige(BY, "018", values)
    assert set(refused.value.errors) == wrong and rows() == []


def test_a_client_that_is_not_there_has_none(asked: Any) -> None:
    with pytest.raises(NotFound):
        obliging.oblige(BY, "999", {"since": "2026-09", "forms": []})


def test_to_empty_a_schedule_empties_its_rows(asked: Any) -> None:
    asked("2026-09", "pp30")
    client = db.session.execute(select(Client).where(Client.build == "018")).scalar_one()
    assert client.obligations == {"2026-09": ["pp30"]}
    client.obligations = {}
    db.session.commit()
    assert rows() == [] and client.obligations == {}
