"""The bounds of each line, on the real server: who passes one loses the line, and nobody else notices."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from bmu.changes.work import By, transaction
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.realtime.sockets import MOST_SOCKETS
from bmu.realtime.subscriptions import MOST_SUBSCRIPTIONS
from tests.conftest import STRANGER
from tests.faults.firm import UPDATED, House, Polling, until

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("leaving")]
PEOPLE = ("AC00024", "AC00008", "AC00012", "AC00015", "AC00031", "AC00040")


# -- who does not read -------------------------------------------------------------------------------------------


def test_who_does_not_read_is_dropped_and_the_other_295_hear_everything(house: House, build: dict[str, Any]) -> None:
    people = {one: house.sign_in(one) for one in PEOPLE}
    crowd = [house.line(people[one].token) for one in PEOPLE for _ in range(49)]
    for line, one in zip(crowd, (one for one in PEOPLE for _ in range(49)), strict=True):
        assert line.subscribe(one)["ok"]
    admin, before = house.sign_in("admin"), house.metric('bmu_lines_cut_total{why="slow"}')
    deaf = [house.line(admin.token, receive=4096) for _ in range(5)]
    assert all(line.subscribe("*", table="tax-status")["ok"] for line in deaf)

    def dropped() -> bool:
        """All that the crowd has nothing to do with changes once more, and they do not read it."""
        with house.app.app_context(), transaction(By("x")) as work:
            rows = list(work.session.scalars(select(MonthlyTaxData)))
            for row in [row for row in rows if not {*row.people().values()} & {*PEOPLE}]:
                work.edit(row, {"wht_response": random.randbytes(400).hex()})
        return house.metric('bmu_lines_cut_total{why="slow"}') == before + 5

    until(dropped, "the five to be dropped")
    saved = house.save(admin, build, "after all that")
    hearing = [line for line, one in zip(crowd, (p for p in PEOPLE for _ in range(49)), strict=True) if one != STRANGER]
    assert len(hearing) == 245
    for line in hearing:
        line.wait_for(UPDATED, lambda data: (data["id"], data["version"]) == (saved["id"], saved["version"]))
    until(lambda: house.metric("bmu_sockets_open") == len(crowd), "their sockets to be gone")
    # She comes back and is told what she missed.
    again = house.line(admin.token).subscribe("*", since=saved["seq"] - 1)
    assert [one["version"] for one in again["missed"]] == [saved["version"]]


# -- how much one may have ---------------------------------------------------------------------------------------


def test_one_account_opens_so_many_sockets_and_no_more(house: House) -> None:
    hers = house.sign_in("AC00032")
    lines = [house.line(hers.token) for _ in range(MOST_SOCKETS)]
    assert all(line.is_in for line in lines)
    refused = house.line(hers.token)
    assert not refused.is_in and '"code":"too_many"' in refused.opened
    lines.pop().drop()
    until(lambda: house.line(hers.token).is_in, "a place that was left to be free")
    for line in lines:
        assert line.subscribe("AC00032")["ok"], "the open ones are let be"


def test_one_socket_follows_so_many_people_and_no_more(house: House) -> None:
    line = house.line(house.sign_in("admin").token)
    answers = [line.subscribe(f"AC{n:05d}")["ok"] for n in range(MOST_SUBSCRIPTIONS + 2)]
    assert answers == [True] * MOST_SUBSCRIPTIONS + [False] * 2


def test_who_does_not_come_in_is_seen_off(house: House, watcher: Callable[[], None]) -> None:
    nobody, refused = Polling(house), house.line("junk")
    assert not refused.is_in
    assert refused.ended()
    until(lambda: nobody.post("3") == 400, "the visitor's line to be cut")
    watcher()


def test_who_is_quick_is_answered_all_the_same(house: House, watcher: Callable[[], None]) -> None:
    """A storm of events waits in the network, not in our memory."""
    line = house.line(house.sign_in(STRANGER).token)
    for _ in range(150):
        line.say("presence:gone", {"id": "x"})
    watcher()
    line.read(lambda packet: packet.startswith(f"43{line.asked}[") or None)
