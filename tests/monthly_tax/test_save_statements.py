"""How many statements a save sends to the database: counted, so that none comes unnoticed.

All savers wait for each other while a save is under way, and on PostgreSQL each statement is a round trip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from bmu.extensions import db
from tests.conftest import FIVE, Colleague

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]
PAGE = {"X-Table": "tax-status", "Idempotency-Key": "once"}


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """What is sent to the database meanwhile, but for the ends of transactions, which each driver sends in its way."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            sent.append(" ".join(statement.split())[:90])

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("headers", "listening", "most"),
    [({}, (), 12), (PAGE, (), 14), (PAGE, tuple(FIVE.values()), 15)],
    ids=["a program's", "a page's", "a page's, that all five hear of"],
)
def test_a_save_sends_few_statements(
    app: Flask, sign_in: SignIn, record: Record, headers: dict[str, str], listening: tuple[str, ...], most: int
) -> None:
    sockets = [sign_in(person).listen() for person in listening]
    saver = sign_in("AC00024")
    saver.save(record, "taxStatus", wht_response="ก่อน")  # what is read once is read now
    with statements(app) as sent:
        saved = saver.save(record, "taxStatus", version=0, headers=headers, wht_response="ตอบแล้ว")
    assert saved.json["data"]["wht_response"] == "ตอบแล้ว"
    assert all(socket.queue for socket in sockets)
    assert len(sent) <= most, "\n".join(sent)


def test_little_is_done_while_later_savers_wait_for_the_counter(app: Flask, sign_in: SignIn, record: Record) -> None:
    with statements(app) as sent:
        sign_in("AC00024").save(record, "taxStatus", headers=PAGE, wht_response="ตอบแล้ว")
    waited = sent[[one.startswith("INSERT INTO counters") for one in sent].index(True) :]
    assert len(waited) <= 7, "\n".join(waited)
