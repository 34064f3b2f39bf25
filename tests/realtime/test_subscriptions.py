"""Subscribing: whose records, in which form, and what the acknowledgement says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bmu.realtime import subscriptions
from bmu.realtime.listeners import listeners
from bmu.realtime.subscriptions import SUBSCRIBE, UNSUBSCRIBE
from tests.conftest import MONTH, STRANGER, Colleague, events

SignIn = Callable[[str], Colleague]
Touch = Callable[..., dict[str, Any]]


def ask(socket: Any, payload: Any, event: str = SUBSCRIBE) -> Any:
    return socket.emit(event, payload, callback=True)


def test_the_acknowledgement_says_where_one_is(app: Flask, sign_in: SignIn, record: dict[str, Any]) -> None:
    answer = ask(sign_in("AC00024").socket(), {"employeeId": "AC00024"})
    assert set(answer) == {"ok", "room", "seq", "missed", "unread", "expires_at"}
    assert (answer["ok"], answer["room"], answer["missed"]) == (True, "monthly-tax-data:AC00024", [])
    assert answer["seq"] >= record["seq"]
    assert answer["expires_at"].endswith("Z")


@pytest.mark.parametrize(
    ("person", "code"),
    [
        ("AC00024", "forbidden"),
        ("*", "forbidden"),
        ("AC99999", "forbidden"),
        ("", "invalid"),
        (None, "invalid"),
        (1, "invalid"),
        (["AC00040"], "invalid"),
        ({"a": 1}, "invalid"),
        ("x" * 21, "invalid"),
        (True, "invalid"),
    ],
    ids=str,
)
def test_another_persons_room_is_refused(sign_in: SignIn, touch: Touch, person: Any, code: str) -> None:
    """TRAP: sockets chose their rooms themselves (domain §14.1 5)."""
    socket = sign_in(STRANGER).socket()
    answer = ask(socket, {"employeeId": person})
    assert (answer["ok"], answer["error"]["code"], set(answer)) == (False, code, {"ok", "error"})
    assert answer["error"]["message"]
    touch()
    assert not events(socket)


@pytest.mark.parametrize("username", ["admin", "AC00008"])
def test_who_reads_everything_may_listen_to_anybody(sign_in: SignIn, touch: Touch, username: str) -> None:
    for person in ("*", "AC00024"):
        socket = sign_in(username).listen(employeeId=person)
        touch()
        assert len(events(socket)) == 1


@pytest.mark.parametrize("table", ["clients", "", 1, [], "tax-status ", "TAX-STATUS"])
def test_a_table_that_is_none_is_refused(sign_in: SignIn, touch: Touch, table: Any) -> None:
    socket = sign_in("AC00024").socket()
    assert ask(socket, {"employeeId": "AC00024", "table": table})["error"]["code"] == "invalid"
    touch()
    assert not events(socket)


def test_a_table_that_ones_role_does_not_open_is_refused(sign_in: SignIn, touch: Touch) -> None:
    socket = sign_in("AC00024").socket()
    assert ask(socket, {"employeeId": "AC00024", "table": "tax-inspection"})["error"]["code"] == "forbidden"
    touch()
    assert not events(socket)


@pytest.mark.parametrize("since", ["1", -1, 1.5, True, [], 2**60])
def test_a_place_that_is_none_is_refused(sign_in: SignIn, touch: Touch, since: Any) -> None:
    socket = sign_in("AC00024").socket()
    assert ask(socket, {"employeeId": "AC00024", "since": since})["error"]["code"] == "invalid"
    touch()
    assert not events(socket)


@pytest.mark.parametrize("view", [1, None, [], "x" * 2001])
def test_a_view_that_is_none_is_refused_and_nothing_is_joined(sign_in: SignIn, touch: Touch, view: Any) -> None:
    socket = sign_in("AC00024").socket()
    answer = ask(socket, {"employeeId": "AC00024", "table": "tax-status", "view": view})
    assert answer["error"]["code"] == "invalid"
    touch()
    assert not events(socket), "refused, and told all the same"


def test_a_plain_listener_gets_plain_json(sign_in: SignIn, touch: Touch) -> None:
    socket = sign_in("AC00024").listen()
    saved = touch()
    assert events(socket) == [("monthly-tax-data:updated", saved)]


@pytest.mark.parametrize(("lang", "word"), [("th", "ยังไม่ดำเนินการ"), ("en", "Not started"), ("xx", None)])
def test_a_table_listener_gets_the_row_in_its_language(
    sign_in: SignIn, touch: Touch, lang: str, word: str | None
) -> None:
    socket = sign_in("AC00024").listen(table="tax-status", lang=lang)
    touch(pnd_status=None, pp30_status=None)
    [(_, data)] = events(socket)
    assert data["html"].startswith("<tr ") and (word or "ยังไม่ดำเนินการ") in data["html"]


def test_the_account_s_language_counts_where_none_is_said(sign_in: SignIn, touch: Touch) -> None:
    who = sign_in("AC00024")
    assert who.call("PUT", "/api/auth/language", json={"language": "en"}).status_code == 200
    socket = who.listen(table="tax-status")
    touch(pnd_status=None)
    assert "Not started" in events(socket)[0][1]["html"]


def test_refusals_come_in_the_persons_language(sign_in: SignIn) -> None:
    who = sign_in("AC00024")
    who.call("PUT", "/api/auth/language", json={"language": "en"})
    assert ask(who.socket(), {"employeeId": "*"})["error"]["message"].isascii()


def test_after_unsubscribing_one_hears_nothing(sign_in: SignIn, touch: Touch) -> None:
    socket = sign_in("AC00024").listen(table="tax-status")
    touch()
    assert len(events(socket)) == 1
    answer = ask(socket, {"employeeId": "AC00024"}, UNSUBSCRIBE)
    assert answer == {"ok": True, "room": "monthly-tax-data:AC00024"}
    touch()
    assert not events(socket)
    assert not listeners.hearing(["AC00024"])


def test_leaving_a_room_one_is_not_in_is_no_fault(sign_in: SignIn) -> None:
    for person in ("AC00024", "*", None, 1, "x" * 500):
        assert ask(sign_in(STRANGER).socket(), {"employeeId": person}, UNSUBSCRIBE)["ok"] is True


def test_subscribing_again_changes_the_form_and_never_doubles(sign_in: SignIn, touch: Touch) -> None:
    socket = sign_in("AC00012").listen()
    for asked in (
        {"table": "tax-status"},
        {"table": "tax-filing", "lang": "en"},
        {"table": "tax-filing", "lang": "en"},
    ):
        assert ask(socket, {"employeeId": "AC00012", **asked})["ok"]
        touch()
        [(_, data)] = events(socket)
        assert f'href="/{asked["table"]}/' in data["html"]


def test_the_form_of_one_subscription_is_that_of_all(sign_in: SignIn, touch: Touch) -> None:
    """A socket in several rooms gets one message, in one form."""
    socket = sign_in("admin").listen(employeeId="AC00024")
    ask(socket, {"employeeId": "*", "table": "tax-status"})
    ask(socket, {"employeeId": "AC00012"})
    touch()
    [(_, data)] = events(socket)
    assert "html" in data


def test_one_follows_only_so_many_people(sign_in: SignIn) -> None:
    socket = sign_in("admin").socket()
    answers = [ask(socket, {"employeeId": f"AC0{n:04d}"})["ok"] for n in range(12)]
    assert answers == [True] * subscriptions.MOST_SUBSCRIPTIONS + [False] * (12 - subscriptions.MOST_SUBSCRIPTIONS)


@pytest.mark.parametrize("payload", [None, 1, "x", [], [1], True, 1.5])
@pytest.mark.parametrize("event", [SUBSCRIBE, UNSUBSCRIBE])
def test_a_payload_that_is_no_object_is_answered(sign_in: SignIn, event: str, payload: Any) -> None:
    answer = ask(sign_in("AC00024").socket(), payload, event)
    assert (answer["ok"], answer["error"]["code"]) == (False, "invalid")


def test_no_payload_at_all_is_answered(sign_in: SignIn) -> None:
    assert sign_in("AC00024").socket().emit(SUBSCRIBE, callback=True)["error"]["code"] == "invalid"


def test_too_many_payloads_are_answered(sign_in: SignIn) -> None:
    socket = sign_in("AC00024").socket()
    assert socket.emit(SUBSCRIBE, {"employeeId": "AC00024"}, 2, "three", callback=True)["ok"] is True


def test_a_fault_of_ours_is_acknowledged_without_its_trace(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(subscriptions, "missed", fail)
    answer = ask(sign_in("AC00024").socket(), {"employeeId": "AC00024", "since": 1})
    assert (answer["ok"], answer["error"]["code"]) == (False, "error")
    assert "secret" not in json.dumps(answer)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(["AC00024", "*", "tax-status", "th", "month=2026-10", f"month={MONTH}&q=%00&page=9"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
payloads = (
    values
    | st.dictionaries(st.sampled_from(["employeeId", "table", "lang", "view", "since", "x"]), values, max_size=6)
    | st.fixed_dictionaries({"employeeId": st.just("AC00024")}, optional=dict.fromkeys(("table", "view"), values))
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=payloads, event=st.sampled_from([SUBSCRIBE, UNSUBSCRIBE]))
def test_whatever_is_sent_is_acknowledged(sign_in: SignIn, payload: Any, event: str) -> None:
    """Never an error raised to the library, never silence, never a fault of ours."""
    if not (open_now := listeners.everyone()):
        sign_in("AC00024").mouth = sign_in("AC00024").socket()  # type: ignore[attr-defined]
    answer = ask(sign_in("AC00024").mouth, payload, event)  # type: ignore[attr-defined]
    assert answer["ok"] is True or answer["error"]["code"] in ("invalid", "forbidden"), answer
    assert open_now is not None


def test_a_socket_whose_token_ran_out_is_shown_out(sign_in: SignIn, touch: Touch) -> None:
    from datetime import UTC, datetime

    socket = sign_in("AC00024").listen()
    [listener] = listeners.everyone()
    listener.expires_at = datetime.now(UTC)
    answer = ask(socket, {"employeeId": "AC00024"})
    assert (answer["ok"], answer["error"]["code"]) == (False, "unauthorized")
    assert ("auth:expired", {"reason": "expired"}) in events(socket)
    touch()
    assert not socket.is_connected() and not listeners.everyone()
