"""Who may do what over a socket, and at which moment no longer: tables written by hand, asked of the real handlers.

What needs a network (origins, cookies, a token that runs out by itself) is in tests/faults/test_doors.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from bmu.accounts import service, sessions
from bmu.accounts.models import User
from bmu.changes.work import By, last_seq, transaction
from bmu.extensions import socketio
from bmu.realtime import forms, presence, tail
from bmu.realtime.listeners import listeners
from bmu.realtime.subscriptions import SUBSCRIBE
from tests.conftest import FIVE, STRANGER, Colleague, events, notices
from tests.realtime.conftest import elsewhere

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]
EXPIRED, UPDATED, REMOVED = "auth:expired", "monthly-tax-data:updated", "monthly-tax-data:removed"
OTHER, NOBODY = "AC00012", "AC99999"

# -- rooms: whose records one may listen to -----------------------------------------------------------------------

#           own   another's    everybody's  nobody's   made up
CLOSED = ("ok", "forbidden", "forbidden", "invalid", "forbidden")
OPEN = ("ok", "ok", "ok", "invalid", "ok")
ROOMS = {
    "AC00024": CLOSED,
    "AC00008": OPEN,  # audit
    "AC00012": ("ok", "ok", *CLOSED[2:]),  # the other is he himself
    "AC00015": CLOSED,
    "AC00031": CLOSED,
    STRANGER: CLOSED,
    "admin": OPEN,
}


def code(answer: Any) -> str:
    return "ok" if answer["ok"] else str(answer["error"]["code"])


@pytest.mark.parametrize("username", ROOMS)
def test_whose_records_one_may_listen_to(sign_in: SignIn, username: str) -> None:
    who = sign_in(username)
    asked = (who.employee_id, OTHER, "*", None, NOBODY)
    found = [code(who.socket().emit(SUBSCRIBE, {"employeeId": one}, callback=True)) for one in asked]
    assert tuple(found) == ROOMS[username]


@pytest.mark.parametrize("username", ROOMS)
def test_who_is_refused_a_room_hears_nothing_of_it(sign_in: SignIn, touch: Any, username: str) -> None:
    socket = sign_in(username).socket()
    for person, wanted in zip((OTHER, "*", None, NOBODY), ROOMS[username][1:], strict=True):
        if wanted != "ok":
            socket.emit(SUBSCRIBE, {"employeeId": person, "table": "tax-status", "view": ""}, callback=True)
    touch()
    if "ok" not in ROOMS[username][1:]:
        assert not events(socket)


# -- forms and presence: which record, on which page ----------------------------------------------------------------

#           taxStatus    taxInspection  taxFiling    presence
RECORDS = {
    "AC00024": ("ok", "forbidden", "forbidden", "ok"),
    "AC00008": ("ok", "ok", "ok", "ok"),
    "AC00012": ("ok", "forbidden", "ok", "ok"),
    "AC00015": ("ok", "forbidden", "ok", "ok"),
    "AC00031": ("forbidden", "forbidden", "forbidden", "ok"),
    STRANGER: ("not_found", "forbidden", "forbidden", "not_found"),
    "admin": ("ok", "ok", "ok", "ok"),
}


@pytest.mark.parametrize("username", RECORDS)
def test_which_forms_one_may_have_open(sign_in: SignIn, record: Record, touch: Any, username: str) -> None:
    for page, wanted in zip(("taxStatus", "taxInspection", "taxFiling"), RECORDS[username], strict=False):
        socket = sign_in(username).socket()
        answer = socket.emit(forms.OPEN, {"id": record["id"], "page": page}, callback=True)
        assert (page, code(answer)) == (page, wanted)
        assert ("form" in answer) is (wanted == "ok")
        touch()
        assert [name for name, _ in events(socket)] == ([forms.UPDATED] if wanted == "ok" else [])
    here = sign_in(username).socket().emit(presence.HERE, {"id": record["id"], "field": None}, callback=True)
    assert code(here) == RECORDS[username][3]


@pytest.mark.parametrize(
    "record_id", [None, "", 1, [], {}, "x", "x" * 500, "\x00", "\ud800", "ก", "' OR 1=1 --"], ids=ascii
)
@pytest.mark.parametrize("event", [forms.OPEN, presence.HERE, presence.GONE])
def test_a_record_that_is_none_is_answered(sign_in: SignIn, event: str, record_id: Any) -> None:
    asked = {"id": record_id, "page": "taxStatus"}
    answer = sign_in("AC00024").socket().emit(event, asked, callback=True)
    assert code(answer) in ({"ok", "invalid"} if event == presence.GONE else {"invalid", "not_found"})


# -- moments: what ends a socket, and a row -----------------------------------------------------------------------


def signs_out(who: Colleague) -> None:
    assert who.call("POST", "/api/auth/logout").status_code == 200


def signed_out_elsewhere(who: Colleague) -> None:
    _write(who, update(sessions.UserSession).where(sessions.UserSession.id == who.session).values(end_reason="x"))
    with who.app.app_context(), transaction() as work:
        ended = update(sessions.UserSession).where(sessions.UserSession.id == who.session)
        work.session.execute(ended.values(ended_at=work.now))


def is_disabled(who: Colleague) -> None:
    with who.app.app_context():
        service.disable(By("admin"), who.username)


def is_disabled_elsewhere(who: Colleague) -> None:
    _write(who, update(User).where(User.id == who.user_id).values(status="inactive"))


def gets_another_role(who: Colleague) -> None:
    _write(who, update(User).where(User.id == who.user_id).values(role="data_entry"))


def token_runs_out(who: Colleague) -> None:
    for listener in listeners.everyone():
        if listener.session == who.session:
            listener.expires_at = listener.expires_at.replace(year=2020)


def _write(who: Colleague, statement: Any) -> None:
    with who.app.app_context(), transaction() as work:
        work.session.execute(statement)


MOMENTS: dict[Callable[[Colleague], None], str] = {
    signs_out: "signed_out",
    signed_out_elsewhere: "signed_out",
    is_disabled: "signed_out",
    is_disabled_elsewhere: "signed_out",
    gets_another_role: "role_changed",
    token_runs_out: "expired",
}


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.__name__)
def test_from_that_moment_on_a_socket_hears_nothing(
    app: Flask, sign_in: SignIn, record: Record, touch: Any, moment: Callable[[Colleague], None]
) -> None:
    """With everything one can hear of: room, list, form, presence, notifications."""
    who, stays = sign_in("AC00024"), sign_in("AC00008").listen()
    socket = who.listen(table="tax-status", view="")
    socket.emit(forms.OPEN, {"id": record["id"], "page": "taxStatus"}, callback=True)
    socket.emit(presence.HERE, {"id": record["id"], "field": None}, callback=True)
    touch()
    assert {UPDATED, forms.UPDATED} <= {name for name, _ in events(socket)}
    moment(who)
    with app.app_context():
        tail.check_sessions()  # every two seconds
    assert [data["reason"] for name, data in events(socket) if name == EXPIRED] == [MOMENTS[moment]]
    events(stays), notices(socket)
    touch()
    assert [name for name, _ in events(stays)].count(UPDATED) == 1, "there was something to hear"
    assert not events(socket) and not notices(socket)
    assert not socket.is_connected() and [one.actor.username for one in listeners.everyone()] == ["AC00008"]
    assert not presence.present.at(record["id"])


def test_who_is_shown_out_is_in_no_room_any_more(app: Flask, sign_in: SignIn) -> None:
    socket = sign_in("AC00024").listen(table="tax-status", view="")
    manager = socketio.server.manager  # type: ignore[attr-defined]
    sid = manager.sid_from_eio_sid(socket.eio_sid, "/")
    assert len(manager.get_rooms(sid, "/")) == 4  # its own, its records', its list's, its account's
    signs_out(sign_in("AC00024"))
    assert not manager.get_rooms(sid, "/")


@pytest.mark.parametrize("name", ["connect", "disconnect", "connect_error", "__disconnect_final", "*"])
def test_an_event_named_like_the_librarys_own_does_nothing(app: Flask, sign_in: SignIn, touch: Any, name: str) -> None:
    """`disconnect` used to hide a socket from the doorkeeper, `connect` to make it somebody else."""
    mine, other = sign_in("AC00024").listen(), sign_in("admin")
    assert mine.emit(name, {"x": 1}, {"token": other.token}, callback=True) is None
    assert [one.actor.username for one in listeners.everyone()] == ["AC00024"]
    signs_out(sign_in("AC00024"))
    touch()
    assert [event for event, _ in events(mine)] == [EXPIRED]


@pytest.mark.parametrize("role", [role for role, who in FIVE.items() if who != "AC00008"])
def test_who_is_taken_off_between_save_and_push_hears_no_record(
    app: Flask, sign_in: SignIn, record: Record, touch: Any, hand_over: Any, role: str
) -> None:
    """The save is told when the record is hers no more: by then she may know only that it is gone."""
    socket, auditor = sign_in(FIVE[role]).listen(), sign_in("AC00008").listen(employeeId="*")
    opened = sign_in(FIVE[role]).listen()
    opened.emit(presence.HERE, {"id": record["id"], "field": None}, callback=True)
    events(socket), events(opened), events(auditor)
    with app.app_context():
        reader = tail.Tail(last_seq())
    with elsewhere():
        touch()
        hand_over(record, **{role: None})
    with app.app_context():
        reader.step()
    assert {name for name, _ in events(auditor)} >= {UPDATED}
    for one in (socket, opened):
        assert {name for name, _ in events(one)} <= {REMOVED, presence.CHANGED}
        told = str(notices(one))  # that it is somebody else's now, perhaps
        assert "ข่าว" not in told and "wht_response" not in told


def test_an_event_that_nobody_knows_is_answered(sign_in: SignIn) -> None:
    for said in ([], [{}], [1], [{"a": [1]}, 2]):
        answer = sign_in("AC00024").socket().emit("monthly-tax-data:delete", *said, callback=True)
        assert code(answer) == "invalid"


@pytest.mark.parametrize(
    "payload",
    [
        {"employeeId": "AC00024", "x": [1]},
        {"a\x00": 1},
        {"a": "\ud800"},
        {"a": {"b": {}}},
        {str(n): n for n in range(99)},
    ],
    ids=lambda payload: ascii(payload)[:30],
)
def test_a_payload_of_more_than_plain_values_is_invalid(sign_in: SignIn, payload: Any) -> None:
    assert code(sign_in("AC00024").socket().emit(SUBSCRIBE, payload, callback=True)) == "invalid"
