"""A list that is still what one has of it is not sent again; anything else is (bmu/accounts/unchanged.py)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, update

from bmu.accounts.models import User
from bmu.accounts.unchanged import tag_of
from bmu.changes.work import transaction
from bmu.extensions import db
from tests.conftest import MONTH, Colleague, actor

STATUS = "taxStatus"
LISTS = ("/api/monthly-tax-data?limit=5", f"/api/monthly-tax-data/summary?year={MONTH.year}&month={MONTH.month}")
SignIn = Callable[[str], Colleague]


def tag(who: Colleague, path: str) -> str:
    answer = who.call("GET", path)
    assert answer.status_code == 200
    found: str = answer.headers["ETag"]
    return found


def again(who: Colleague, path: str, known: str) -> Any:
    return who.call("GET", path, headers={"If-None-Match": known})


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
def test_what_did_not_change_is_not_sent_again(sign_in: SignIn, path: str, encoding: str) -> None:
    who = sign_in("AC00024")
    first = who.call("GET", path, headers={"Accept-Encoding": encoding})
    answer = who.call("GET", path, headers={"Accept-Encoding": encoding, "If-None-Match": first.headers["ETag"]})
    assert (first.status_code, answer.status_code, answer.get_data()) == (200, 304, b"")
    assert answer.headers["ETag"] == first.headers["ETag"]
    assert answer.headers["Cache-Control"] == first.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", LISTS)
def test_after_a_save_it_is_sent_again(sign_in: SignIn, record: dict[str, Any], path: str) -> None:
    who = sign_in("AC00024")
    before = tag(who, path)
    assert who.save(record, STATUS, pnd_status="not_submitted").status_code == 200
    answer = again(who, path, before)
    assert answer.status_code == 200 and answer.json["success"] and answer.headers["ETag"] != before


def test_to_another_person_it_is_never_unchanged(sign_in: SignIn) -> None:
    hers = tag(sign_in("AC00024"), LISTS[0])
    theirs = again(sign_in("AC00040"), LISTS[0], hers)
    assert theirs.status_code == 200 and theirs.headers["ETag"] != hers


def test_whoever_may_not_ask_is_not_told(sign_in: SignIn) -> None:
    who = sign_in("AC00024")
    known = tag(who, LISTS[0])
    assert who.app.test_client().get(LISTS[0], headers={"If-None-Match": known}).status_code == 401
    assert again(who, "/api/monthly-tax-data?limit=500", known).status_code == 422


def test_another_role_is_another_answer(sign_in: SignIn) -> None:
    who = sign_in("AC00008")
    before = tag(who, LISTS[0])
    with who.app.app_context(), transaction() as work:
        work.session.execute(update(User).where(User.username == "AC00008").values(role="service"))
    assert again(who, LISTS[0], before).status_code == 200


def test_another_language_is_another_answer(sign_in: SignIn) -> None:
    who = sign_in("AC00024")
    before = tag(who, LISTS[0])
    assert again(who.speaking("en"), LISTS[0], before).status_code == 200


def test_another_page_is_another_answer(sign_in: SignIn) -> None:
    who = sign_in("AC00024")
    assert again(who, f"{LISTS[0]}&page=2", tag(who, LISTS[0])).status_code == 200


@pytest.mark.parametrize("known", ['"old"', "W/", "rubbish", 'W/"' + "0" * 20 + '"'])
def test_a_tag_that_is_none_of_ours_changes_nothing(sign_in: SignIn, known: str) -> None:
    assert again(sign_in("AC00024"), LISTS[0], known).status_code == 200


def test_to_say_that_nothing_changed_reads_no_list(sign_in: SignIn) -> None:
    who, asked = sign_in("AC00024"), []
    known = tag(who, LISTS[0])

    def heard(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    with who.app.app_context():
        event.listen(db.engine, "before_cursor_execute", heard)
        assert again(who, LISTS[0], known).status_code == 304
        event.remove(db.engine, "before_cursor_execute", heard)
    assert asked and not [one for one in asked if "monthly_tax_data" in one]


def test_a_tag_tells_apart_all_that_makes_an_answer(app: Any) -> None:
    hers, his = actor(app, "AC00024"), actor(app, "AC00008")
    tags = {
        *(tag_of(1, hers, "/a", "th"), tag_of(2, hers, "/a", "th"), tag_of(1, his, "/a", "th")),
        *(tag_of(1, hers, "/b", "th"), tag_of(1, hers, "/a", "en"), tag_of(1, replace(hers, id="x"), "/a", "th")),
    }
    assert len(tags) == 6
