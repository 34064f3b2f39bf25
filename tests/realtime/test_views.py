"""Lists on open pages: figures follow, and rows that enter or leave are told of (design §6)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from bmu.realtime import subscriptions, views
from bmu.realtime.subscriptions import SUBSCRIBE, UNSUBSCRIBE
from tests.conftest import MONTH, STRANGER, Colleague, events
from tests.realtime.conftest import meanwhile

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]
SETTLED = "table:settled"


@pytest.fixture(autouse=True)
def held_back(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Views settle when the test says so, not a moment later in a thread."""
    monkeypatch.setattr(views, "_settle_soon", lambda _app: None)
    yield lambda: _settle(app)
    views._dirty.clear()


@pytest.fixture
def settle(held_back: Callable[[], None]) -> Callable[[], None]:
    return held_back


def _settle(app: Flask) -> None:
    with app.app_context():
        while views._dirty:
            views.settle(views._dirty.pop())


def shows(who: Colleague, table: str, address: str = "", **asked: Any) -> tuple[Any, Any]:
    """A socket of a page that shows this list, and the state that it was told."""
    socket = who.socket()
    view = f"month={MONTH}&scope=mine&{address}"
    answer = socket.emit(
        SUBSCRIBE, {"employeeId": who.employee_id, "table": table, "view": view, **asked}, callback=True
    )
    assert answer["ok"], answer
    return socket, answer["view"]


def settled(socket: Any) -> list[Record]:
    return [data for name, data in events(socket) if name == SETTLED]


def test_the_state_is_that_of_the_page(sign_in: SignIn) -> None:
    import re

    page = sign_in("AC00024").get("/tax-status", month=str(MONTH)).text
    _, state = shows(sign_in("AC00024"), "tax-status")
    assert f'data-digest="{state["digest"]}"' in page and f'data-total="{state["total"]}"' in page
    shown = dict(re.findall(r'data-summary="([^"]+)"[^>]*>(\d+)<', page))
    assert {key: str(number) for key, (number, _) in state["figures"].items()} == shown


def test_figures_follow_a_save(sign_in: SignIn, record: Record, touch: Any, settle: Any) -> None:
    touch(pnd_status="draft_ready")
    socket, before = shows(sign_in("AC00024"), "tax-status")
    touch(pnd_status="paid")
    settle()
    [told] = settled(socket)
    number, of = before["figures"]["wht.responsible_count"]
    assert told["figures"]["wht.responsible_count"] == [number + 1, of]
    assert (told["digest"], told["total"], told["entered"], told["left"]) == (before["digest"], before["total"], [], [])


def test_a_row_that_leaves_a_filtered_list_is_told(sign_in: SignIn, record: Record, touch: Any, settle: Any) -> None:
    touch(pnd_status="draft_ready")
    socket, before = shows(sign_in("AC00024"), "tax-status", "pnd=draft_ready")
    touch(pnd_status="paid")
    settle()
    [told] = settled(socket)
    assert (told["left"], told["entered"], told["total"]) == ([record["id"]], [], before["total"] - 1)
    touch(pnd_status="draft_ready")
    settle()
    [told] = settled(socket)
    assert (told["entered"], told["digest"], told["total"]) == ([record["id"]], before["digest"], before["total"])


def test_a_hand_over_enters_one_list_and_leaves_another(
    sign_in: SignIn, record: Record, hand_over: Any, settle: Any
) -> None:
    old, new = (shows(sign_in(name), "tax-status")[0] for name in ("AC00024", STRANGER))
    hand_over(record, accounting_responsible=STRANGER)
    settle()
    assert [told["left"] for told in settled(old)] == [[record["id"]]]
    assert [told["entered"] for told in settled(new)] == [[record["id"]]]


def test_a_list_of_everybody_follows_too(sign_in: SignIn, record: Record, touch: Any, settle: Any) -> None:
    touch(pp30_status="passed", purchase_document_count=1, income_confirmed="customer_confirmed")
    socket, _ = shows(sign_in("admin"), "tax-filing", "scope=all&pp30=passed", employeeId="*")
    touch(pp30_status="paid")
    settle()
    assert [told["left"] for told in settled(socket)] == [[record["id"]]]


def test_what_changes_nothing_in_the_list_is_not_told(sign_in: SignIn, touch: Any, settle: Any) -> None:
    socket, _ = shows(sign_in("AC00024"), "tax-status")
    touch(wht_response="x")
    settle()
    assert not settled(socket)


def test_another_month_and_another_person_are_not_asked(sign_in: SignIn, record: Record, touch: Any) -> None:
    shows(sign_in(STRANGER), "tax-status")
    shows(sign_in("AC00024"), "tax-status", f"month={MONTH.plus(-1)}")
    touch(pnd_status="draft_ready")
    assert not views._dirty


def test_many_saves_settle_once(sign_in: SignIn, touch: Any, settle: Any) -> None:
    """Without a burst of requests."""
    socket, _ = shows(sign_in("AC00024"), "tax-status")
    for code in ("paid", "passed", "draft_ready", "not_submitted", "received_receipt"):
        touch(pnd_status=code)
    settle()
    assert len(settled(socket)) <= 1


def test_two_tabs_with_the_same_list_are_both_told(sign_in: SignIn, touch: Any, settle: Any) -> None:
    touch(pnd_status="draft_ready")
    sockets = [shows(sign_in("AC00024"), "tax-status", "limit=10")[0], shows(sign_in("AC00024"), "tax-status")[0]]
    assert views.open_views() == 1
    touch(pnd_status="paid")
    settle()
    assert [len(settled(socket)) for socket in sockets] == [1, 1]


def test_a_tab_that_opens_in_the_moment_before_takes_nothing_from_the_other(
    sign_in: SignIn, touch: Any, settle: Any
) -> None:
    """The second tab reads the new figures; the first must hear of them all the same."""
    touch(pnd_status="draft_ready")
    first, before = shows(sign_in("AC00024"), "tax-status")
    touch(pnd_status="paid")
    _, state = shows(sign_in("AC00024"), "tax-status")
    assert state["figures"] != before["figures"]
    settle()
    assert [told["figures"] for told in settled(first)] == [state["figures"]]


def test_a_save_between_reading_the_log_and_reading_the_list_is_in_the_list(
    sign_in: SignIn, touch: Any, settle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list is read anew, not in the snapshot in which the log was read."""
    touch(pnd_status="draft_ready")
    real = subscriptions.missed

    def missed_then_saved(*args: Any) -> Any:
        found = real(*args)
        meanwhile(lambda: touch(pnd_status="paid"))
        return found

    with monkeypatch.context() as patch:
        patch.setattr(subscriptions, "missed", missed_then_saved)
        socket, state = shows(sign_in("AC00024"), "tax-status", since=0)
    settle()
    _, truth = shows(sign_in("AC00024"), "tax-status")
    told = settled(socket)
    assert (told[-1]["figures"] if told else state["figures"]) == truth["figures"]


def test_leaving_forgets_the_list(sign_in: SignIn) -> None:
    first, _ = shows(sign_in("AC00024"), "tax-status")
    second, _ = shows(sign_in("AC00024"), "tax-status")
    first.disconnect()
    assert views.open_views() == 1
    second.emit(UNSUBSCRIBE, {"employeeId": "AC00024"}, callback=True)
    assert views.open_views() == 0


def test_another_list_on_the_same_socket_takes_the_place_of_the_first(sign_in: SignIn, touch: Any, settle: Any) -> None:
    socket, _ = shows(sign_in("AC00024"), "tax-status")
    asked = {"employeeId": "AC00024", "table": "tax-status", "view": f"month={MONTH}&q=999"}
    assert socket.emit(SUBSCRIBE, asked, callback=True)["view"]["total"] == 0
    touch(pnd_status="draft_ready")
    touch(pnd_status="paid")
    settle()
    assert [told["total"] for told in settled(socket)] in ([], [0])
    assert views.open_views() == 1


def test_nobody_s_list_is_somebody_else_s(sign_in: SignIn) -> None:
    """A view says whose rows only to who may read them."""
    _, state = shows(sign_in(STRANGER), "tax-status", "scope=all&person=AC00024&role=accounting_responsible")
    _, own = shows(sign_in(STRANGER), "tax-status")
    assert state == own


def test_lists_settle_by_themselves_a_moment_later(
    app: Flask, sign_in: SignIn, touch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # the real thing: a task of the server's
    monkeypatch.setattr(views, "PAUSE", 0.01)
    touch(pnd_status="draft_ready")
    socket, _ = shows(sign_in("AC00024"), "tax-status")
    touch(pnd_status="paid")
    told: list[Record] = []
    while not told:
        told = settled(socket)
        time.sleep(0.01)
    assert told[0]["figures"]
    while views._settling:
        time.sleep(0.01)


def test_one_reading_serves_all_who_come_to_the_same_list(
    sign_in: SignIn, touch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings: list[str] = []
    read = views.View.read
    monkeypatch.setattr(views.View, "read", lambda view: readings.append(view.key) or read(view))
    states = [shows(sign_in("AC00024"), "tax-status")[1] for _ in range(2)]
    assert states[0] == states[1]
    assert len(readings) == 1
    touch()
    shows(sign_in("AC00024"), "tax-status")
    assert len(readings) == 2
