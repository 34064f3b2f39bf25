"""Presence between processes: what one says, the others show, until it falls silent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from flask import Flask

from bmu.realtime import gossip, presence
from bmu.realtime.presence import CHANGED
from bmu.realtime.presence_store import present
from tests.conftest import STRANGER, Colleague, events, notices

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Line:
    """A Redis that keeps what is published, or is away."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.away = False

    def publish(self, _channel: str, words: str) -> None:
        if self.away:
            raise redis.ConnectionError
        self.said.append(words)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    made = Clock()
    monkeypatch.setattr(gossip, "monotonic", made)
    yield made
    presence.forget_elsewhere(float("inf"))


def words(record: Record, *people: tuple[str, str, str | None], origin: str = "another") -> bytes:
    here = [{"record_id": record["id"], "id": who, "name": name, "field": field} for who, name, field in people]
    return json.dumps({"from": origin, "here": json.dumps(here)}).encode()


def told(socket: Any) -> list[list[str]]:
    return [[one["id"] for one in data["people"]] for name, data in events(socket) if name == CHANGED]


KORN = ("AC00008", "กร", "pnd_status")


def test_who_is_at_another_process_is_told_to_the_readers_only(app: Flask, sign_in: SignIn, record: Record) -> None:
    reader, stranger = sign_in("AC00024").listen(), sign_in(STRANGER).listen()
    with app.app_context():
        gossip.heard(words(record, KORN))
    assert told(reader) == [["AC00008"]]
    assert told(stranger) == []


def test_the_same_said_again_is_no_news(app: Flask, sign_in: SignIn, record: Record) -> None:
    reader = sign_in("AC00024").listen()
    with app.app_context():
        gossip.heard(words(record, KORN))
        gossip.heard(words(record, KORN))
    assert len(told(reader)) == 1


def test_who_leaves_there_is_gone_here(app: Flask, sign_in: SignIn, record: Record) -> None:
    reader = sign_in("AC00024").listen()
    with app.app_context():
        gossip.heard(words(record, KORN))
        gossip.heard(words(record))
    assert told(reader) == [["AC00008"], []]


def test_a_process_that_falls_silent_takes_its_people_with_it(
    app: Flask, sign_in: SignIn, record: Record, clock: Clock
) -> None:
    reader, voice = sign_in("AC00024").listen(), gossip.Voice(Line())  # type: ignore[arg-type]
    with app.app_context():
        gossip.heard(words(record, KORN))
        clock.now += gossip.SILENT_AFTER + 1
        voice.step()
    assert told(reader) == [["AC00008"], []]


def test_ones_own_words_are_no_news(app: Flask, sign_in: SignIn, record: Record) -> None:
    reader = sign_in("AC00024").listen()
    with app.app_context():
        gossip.heard(words(record, KORN, origin=gossip.ME))
    assert told(reader) == []


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[1]", b'{"from": 1, "here": "[{}]"}', b'{"from": "x", "here": "no"}', b"\xff" * 9]
)
def test_whatever_else_is_on_the_channel_is_passed_over(app: Flask, raw: bytes) -> None:
    with app.app_context():
        gossip.heard(raw)
    assert present.silent(float("inf")) == []


def test_a_list_is_said_when_it_changes_and_now_and_then(
    app: Flask, sign_in: SignIn, record: Record, clock: Clock
) -> None:
    line = Line()
    voice = gossip.Voice(line)  # type: ignore[arg-type]
    with app.app_context():
        voice.step()
        voice.step()
        sign_in("AC00024").listen().emit(presence.HERE, {"id": record["id"], "field": None})
        voice.step()
        clock.now += gossip.SAY_EVERY + 1
        voice.step()
    here = [json.loads(json.loads(said)["here"]) for said in line.said]
    assert [[one["id"] for one in said] for said in here] == [[], ["AC00024"], ["AC00024"]]


def test_a_redis_that_is_away_costs_nothing_but_the_others_sight(app: Flask, sign_in: SignIn, record: Record) -> None:
    line = Line()
    line.away = True
    with app.app_context():
        gossip.Voice(line).step()  # type: ignore[arg-type]
    reader, here = sign_in("AC00008").listen(), sign_in("AC00024").listen()
    here.emit(presence.HERE, {"id": record["id"], "field": None})
    assert told(reader) == [["AC00024"]]


# -- who has read ------------------------------------------------------------------------------------------------


def test_the_bell_counts_anew_where_its_owner_has_read_at_another_process(app: Flask, sign_in: SignIn) -> None:
    reader, stranger = sign_in("AC00024").socket(), sign_in(STRANGER).socket()
    said = {"from": "another", "here": "[]", "read": [sign_in("AC00024").user_id]}
    with app.app_context():
        gossip.heard(json.dumps(said).encode())
    assert [name for name, _ in notices(reader)] == ["notification:count"]
    assert not notices(stranger)


def test_who_read_here_is_named_once_to_the_others() -> None:
    line = Line()
    voice = gossip.Voice(line)  # type: ignore[arg-type]
    voice.step()
    voice.read("somebody")
    voice.step()
    voice.step()
    assert [json.loads(one)["read"] for one in line.said] == [[], ["somebody"]]
