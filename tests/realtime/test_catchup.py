"""Catching up: what was missed comes with the acknowledgement, and by HTTP the same (design §6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from bmu.changes.work import By, last_seq, transaction
from bmu.extensions import db
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.realtime import catchup, subscriptions
from bmu.realtime.subscriptions import SUBSCRIBE
from tests.conftest import STRANGER, Colleague, events
from tests.realtime.conftest import elsewhere, meanwhile

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]


@pytest.fixture
def seq(app: Flask) -> int:
    """The newest place in the log before anything of the test happened."""
    with app.app_context():
        return last_seq()


def caught_up(who: Colleague, since: int, **asked: Any) -> Any:
    return who.socket().emit(SUBSCRIBE, {"employeeId": who.employee_id, "since": since, **asked}, callback=True)


def test_what_changed_comes_as_it_is_now(sign_in: SignIn, seq: int, touch: Any) -> None:
    touch(wht_response="หนึ่ง")
    saved = touch(pp30_response="สอง")
    answer = caught_up(sign_in("AC00024"), seq)
    assert (answer["missed"], answer["seq"]) == ([saved], saved["seq"])
    assert "reset" not in answer


def test_nothing_missed_is_an_empty_list(sign_in: SignIn, seq: int, touch: Any) -> None:
    saved = touch()
    assert caught_up(sign_in("AC00024"), saved["seq"])["missed"] == []
    assert caught_up(sign_in(STRANGER), seq)["missed"] == []


def test_what_is_no_longer_ones_own_comes_as_removed(sign_in: SignIn, seq: int, record: Record, hand_over: Any) -> None:
    given = hand_over(record, accounting_responsible=STRANGER)
    assert caught_up(sign_in("AC00024"), seq)["missed"] == [{"id": record["id"], "seq": given["seq"], "removed": True}]
    assert caught_up(sign_in(STRANGER), seq)["missed"] == [given]


def test_given_away_and_back_is_an_update(sign_in: SignIn, seq: int, record: Record, hand_over: Any) -> None:
    hand_over(record, accounting_responsible=STRANGER)
    back = hand_over(record, accounting_responsible="AC00024")
    assert caught_up(sign_in("AC00024"), seq)["missed"] == [back]


def test_what_happened_after_it_was_given_away_is_not_told(
    sign_in: SignIn, seq: int, record: Record, hand_over: Any, touch: Any
) -> None:
    given = hand_over(record, accounting_responsible=STRANGER)
    touch()
    [missed] = caught_up(sign_in("AC00024"), seq)["missed"]
    assert missed == {"id": record["id"], "seq": given["seq"], "removed": True}


def test_who_reads_everything_misses_nothing(sign_in: SignIn, seq: int, record: Record, hand_over: Any) -> None:
    given = hand_over(record, accounting_responsible=STRANGER)
    assert caught_up(sign_in("admin"), seq, employeeId="*")["missed"] == [given]


def test_rows_come_drawn_for_who_named_a_table(sign_in: SignIn, seq: int, touch: Any) -> None:
    touch()
    [missed] = caught_up(sign_in("AC00024"), seq, table="tax-status", lang="en")["missed"]
    assert missed["html"].startswith("<tr ")


def many(app: Flask, count: int) -> None:
    """`count` different records change, for AC00024 too."""
    with app.app_context(), elsewhere(), transaction(By("x")) as work:
        rows = list(work.session.scalars(select(MonthlyTaxData).limit(count)))
        assert len(rows) == count
        for row in rows:
            work.edit(row, {"wht_response": "มากมาย", "document_entry_responsible": "AC00024"})


def test_too_much_is_read_anew(app: Flask, sign_in: SignIn, seq: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catchup, "MOST", 20)
    many(app, 20)
    assert len(caught_up(sign_in("AC00024"), seq)["missed"]) == 20
    many_more = caught_up(sign_in("AC00024"), 0)
    assert (many_more["missed"], many_more["reset"]) == ([], True)
    with app.app_context():
        assert many_more["seq"] == last_seq()


def test_too_much_is_more_than_two_hundred() -> None:
    assert catchup.MOST == 200


def test_a_future_that_never_was_is_read_anew(sign_in: SignIn, seq: int) -> None:
    """A page from before a restored backup."""
    answer = caught_up(sign_in("AC00024"), seq + 1000)
    assert (answer["reset"], answer["missed"], answer["seq"]) == (True, [], seq)


def test_who_names_no_place_misses_nothing(sign_in: SignIn, seq: int, touch: Any) -> None:
    saved = touch()
    answer = sign_in("AC00024").socket().emit(SUBSCRIBE, {"employeeId": "AC00024"}, callback=True)
    assert (answer["missed"], answer["seq"], "reset" in answer) == ([], saved["seq"], False)


def test_what_is_saved_while_one_subscribes_is_not_lost(
    sign_in: SignIn, seq: int, touch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The room first, the log second: a save in between comes by either way, or both."""
    saved: list[Record] = []
    real_missed, real_enter = subscriptions.missed, subscriptions.wire.enter

    def save_before_joining(sid: str, room: str) -> None:
        if not saved:
            saved.append(meanwhile(touch))
        real_enter(sid, room)

    def save_before_reading(*args: Any) -> Any:
        saved.append(meanwhile(touch))
        found = real_missed(*args)
        saved.append(meanwhile(touch))
        return found

    monkeypatch.setattr(subscriptions.wire, "enter", save_before_joining)
    monkeypatch.setattr(subscriptions, "missed", save_before_reading)
    socket = sign_in("AC00024").socket()
    answer = socket.emit(SUBSCRIBE, {"employeeId": "AC00024", "since": seq}, callback=True)
    known = {item["version"] for item in answer["missed"]} | {data["version"] for _, data in events(socket)}
    assert len(saved) == 3
    assert {one["version"] for one in saved[1:]} <= known


@pytest.mark.parametrize("asked", [{}, {"table": "tax-status"}])
@pytest.mark.parametrize("who", ["AC00024", STRANGER])
def test_http_tells_the_same_as_the_socket(
    sign_in: SignIn, seq: int, record: Record, hand_over: Any, touch: Any, who: str, asked: Record
) -> None:
    touch()
    hand_over(record, accounting_responsible=STRANGER)
    by_http = sign_in(who).get("changes", since=seq, **asked).json["data"]
    by_socket = caught_up(sign_in(who), seq, **asked)
    assert by_http["missed"]
    assert by_http == {name: by_socket[name] for name in ("seq", "missed", "unread")}


def test_http_tells_everybody_s_only_to_who_reads_everything(sign_in: SignIn, seq: int, touch: Any) -> None:
    saved = touch()
    assert sign_in("admin").get("changes", since=seq, everybody="true").json["data"]["missed"] == [saved]
    assert sign_in("AC00024").get("changes", since=seq, everybody="true").status_code == 403
    assert sign_in("admin").get("changes", since=seq).json["data"]["missed"] == []


def test_http_tells_the_state_of_the_list_as_the_socket_does(sign_in: SignIn, seq: int, touch: Any) -> None:
    touch()
    asked = {"table": "tax-status", "view": "q=018&scope=mine"}
    by_socket = caught_up(sign_in("AC00024"), seq, **asked)["view"]
    assert sign_in("AC00024").get("changes", since=seq, **asked).json["data"]["view"] == by_socket
    assert by_socket["total"] == 1


@pytest.mark.parametrize("query", [{}, {"since": -1}, {"since": "x"}, {"since": 1, "table": "x"}, {"since": 2**60}])
def test_a_question_that_is_none_is_refused(sign_in: SignIn, query: Record) -> None:
    assert sign_in("AC00024").get("changes", **query).status_code == 422


def test_http_draws_no_table_that_the_role_does_not_open(sign_in: SignIn) -> None:
    assert sign_in("AC00024").get("changes", since=0, table="tax-inspection").status_code == 403


def test_asking_by_itself_does_not_keep_the_session_alive(app: Flask, sign_in: SignIn) -> None:
    from datetime import timedelta

    from sqlalchemy import update

    from bmu.accounts.models import UserSession

    who = sign_in("AC00024")
    with app.app_context(), transaction() as work:
        work.session.execute(update(UserSession).values(seen_at=work.now - timedelta(minutes=30)))
    who.call("GET", "changes", query_string={"since": 0}, headers={"X-Background": "1"})
    with app.app_context():
        before = db.session.scalar(select(UserSession.seen_at).where(UserSession.id == who.session))
    who.get("changes", since=0)
    with app.app_context():
        after = db.session.scalar(select(UserSession.seen_at).where(UserSession.id == who.session))
    assert after is not None and before is not None and after - before > timedelta(minutes=20)
