"""Who is told of what, and how often (design §6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from bmu.changes.work import By, last_seq, transaction
from bmu.extensions import db
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.realtime import broadcast
from bmu.realtime.subscriptions import SUBSCRIBE
from bmu.realtime.tail import Tail
from tests.conftest import FIVE, MONTH, STRANGER, Colleague, events

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]
UPDATED, REMOVED = "monthly-tax-data:updated", "monthly-tax-data:removed"


def told(socket: Any) -> list[str]:
    return [name for name, _ in events(socket)]


def test_the_five_are_told_and_nobody_else(sign_in: SignIn, touch: Any) -> None:
    sockets = {name: sign_in(name).listen() for name in (*FIVE.values(), STRANGER)}
    saved = touch()
    heard = {name: events(socket) for name, socket in sockets.items()}
    assert heard == {name: [(UPDATED, saved)] for name in FIVE.values()} | {STRANGER: []}


def test_who_saves_is_told_too(sign_in: SignIn, record: Record) -> None:
    """Another tab of theirs is open."""
    socket = sign_in("AC00024").listen()
    saved = sign_in("AC00024").save(record, "taxStatus", wht_response="x").json["data"]
    assert events(socket) == [(UPDATED, saved)]


def test_who_does_not_subscribe_hears_nothing(sign_in: SignIn, touch: Any) -> None:
    sockets = {who: sign_in(who).socket() for who in ("AC00024", "admin")}
    touch()
    assert not any(events(socket) for socket in sockets.values())


def test_the_old_one_is_told_that_it_is_gone_and_never_the_record(
    sign_in: SignIn, record: Record, hand_over: Any
) -> None:
    old, new = sign_in("AC00024").listen(table="tax-status"), sign_in(STRANGER).listen()
    given = hand_over(record, accounting_responsible=STRANGER)
    assert events(old) == [(REMOVED, {"id": record["id"], "seq": given["seq"]})]
    assert events(new) == [(UPDATED, given)]
    assert sign_in("AC00024").get(record["id"]).status_code == 404


def test_after_handing_over_the_old_one_hears_no_more(
    sign_in: SignIn, record: Record, hand_over: Any, touch: Any
) -> None:
    """TRAP: the former responsible kept seeing the row until refresh (domain §14.1 14)."""
    old, new = sign_in("AC00024").listen(), sign_in(STRANGER).listen()
    hand_over(record, accounting_responsible=STRANGER)
    events(old), events(new)
    touch()
    assert (told(old), told(new)) == ([], [UPDATED])


def test_who_reads_everything_sees_it_change_hands(sign_in: SignIn, record: Record, hand_over: Any) -> None:
    """The auditor who was one of the five is no longer, and still reads it: an update, no removal."""
    everybody = sign_in("AC00008").listen(employeeId="*")
    own = sign_in("AC00008").listen()
    hand_over(record, tax_inspection_responsible="AC00005")
    assert (told(everybody), told(own)) == ([UPDATED], [REMOVED])


def test_a_socket_in_both_rooms_is_told_once_that_it_changed(sign_in: SignIn, record: Record, hand_over: Any) -> None:
    both = sign_in("AC00008").listen(employeeId="*")
    both.emit(SUBSCRIBE, {"employeeId": "AC00008"}, callback=True)
    hand_over(record, tax_inspection_responsible="AC00005")
    assert told(both) == [UPDATED]


def test_giving_up_one_of_two_roles_keeps_the_row(sign_in: SignIn, record: Record, hand_over: Any) -> None:
    hand_over(record, document_entry_responsible="AC00024")
    socket = sign_in("AC00024").listen()
    hand_over(record, document_entry_responsible="AC00033")
    assert told(socket) == [UPDATED]
    hand_over(record, accounting_responsible=None)
    assert told(socket) == [REMOVED]


def test_who_holds_two_roles_gets_one_message(sign_in: SignIn, record: Record, hand_over: Any, touch: Any) -> None:
    hand_over(record, document_entry_responsible="AC00024", tax_inspection_responsible="AC00024")
    socket = sign_in("AC00024").listen()
    touch()
    assert told(socket) == [UPDATED]


def test_a_socket_in_several_rooms_gets_one_message(sign_in: SignIn, touch: Any) -> None:
    """A loop over rooms would send it as often as there are rooms (market §D)."""
    socket = sign_in("admin").listen(employeeId="*", table="tax-status", lang="en")
    for person in FIVE.values():
        assert socket.emit(SUBSCRIBE, {"employeeId": person}, callback=True)["ok"]
    touch()
    assert told(socket) == [UPDATED]


def test_every_form_that_is_wanted_is_told_once(sign_in: SignIn, touch: Any) -> None:
    """Plain, three tables, two languages: each socket its own, none twice."""
    wanted: list[Record] = [{}, {"table": "tax-status", "lang": "th"}, {"table": "tax-status", "lang": "en"}]
    wanted += [{"table": "tax-inspection", "lang": "th"}, {"table": "tax-filing", "lang": "en"}]
    sockets = [sign_in("admin").listen(employeeId=person, **asked) for asked in wanted for person in ("*", "AC00024")]
    saved = touch()
    for number, socket in enumerate(sockets):
        [(name, data)] = events(socket)
        table = wanted[number // 2].get("table")
        assert name == UPDATED and ("html" in data) == bool(table)
        assert {key: value for key, value in data.items() if key != "html"} == saved
        assert table is None or f'href="/{table}/' in data["html"]


def test_two_saves_are_told_in_their_order(sign_in: SignIn, touch: Any) -> None:
    socket = sign_in("AC00024").listen()
    saved = [touch() for _ in range(5)]
    assert [data["version"] for _, data in events(socket)] == [one["version"] for one in saved]


def test_several_changes_of_one_record_in_one_commit_are_one_message(
    app: Flask, sign_in: SignIn, record: Record
) -> None:
    socket = sign_in("AC00024").listen()
    with app.app_context(), transaction(By("x")) as work:
        row = work.session.get_one(MonthlyTaxData, record["id"])
        work.edit(row, {"wht_response": "หนึ่ง"})
        work.edit(row, {"pp30_response": "สอง"})
    [(_, data)] = events(socket)
    assert (data["wht_response"], data["pp30_response"]) == ("หนึ่ง", "สอง")


def test_a_save_that_changes_nothing_tells_nobody(sign_in: SignIn, record: Record) -> None:
    socket = sign_in("AC00024").listen()
    sign_in("AC00024").put(record["id"], {"sourcePage": "taxStatus", **record})
    assert not events(socket)


def test_a_record_nobody_listens_to_costs_no_reading(
    app: Flask, sign_in: SignIn, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Any] = []
    real = broadcast.queries.records

    def records(ids: Any, **kwargs: Any) -> Any:
        read.append(ids)
        return real(ids, **kwargs)

    listener = sign_in(STRANGER).listen()
    with app.app_context():
        monkeypatch.setattr(broadcast.queries, "records", records)
        with transaction(By("x")) as work:
            work.edit(work.session.get_one(MonthlyTaxData, record["id"]), {"wht_response": "x"})
    assert read == [] and not events(listener)


def test_a_row_that_cannot_be_drawn_keeps_no_other_from_being_told(
    app: Flask, sign_in: SignIn, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = broadcast.row_html

    def draw(table: Any, row: Any, lang: str) -> Any:
        if row["id"] == record["id"]:
            raise ZeroDivisionError
        return real(table, row, lang)

    monkeypatch.setattr(broadcast, "row_html", draw)
    socket = sign_in("admin").listen(employeeId="*", table="tax-status")
    where = (MonthlyTaxData.tax_month == MONTH.month, MonthlyTaxData.tax_year == MONTH.year)
    with app.app_context():
        ids = list(db.session.scalars(select(MonthlyTaxData.id).where(*where).limit(5)))
        with transaction(By("x")) as work:
            for record_id in [record["id"], *(one for one in ids if one != record["id"])]:
                work.edit(work.session.get_one(MonthlyTaxData, record_id), {"wht_response": "ทุกคน"})
    heard = {data["id"] for _, data in events(socket)}
    assert heard == set(ids) - {record["id"]} and len(heard) >= 4


def test_a_large_import_is_told_whole_by_the_tail(app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not at once: telling it holds up the event loop, and only the tail makes a break between two portions."""
    monkeypatch.setattr(broadcast, "AT_ONCE", 7)
    socket = sign_in("admin").listen(employeeId="*")
    with app.app_context():
        reader = Tail(last_seq())
        with transaction(By("x")) as work:
            rows = list(work.session.scalars(select(MonthlyTaxData)))
            for row in rows:
                work.edit(row, {"wht_response": "ทั้งบริษัท"})
        assert not events(socket)
        reader.step()
        assert len(events(socket)) == len(rows) > 60
