"""The order of the log is the order of commits, with several writers on PostgreSQL: who has seen a place has seen all
before it (design §6).

Three transactions of the real unit of work take their steps (read, change, take a number, end) in an order that a
die throws, so that they end in another order than they began. A reader looks after every step, as a process's tail
does: it asks for what lies after the last place it has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from queue import Queue
from random import Random
from threading import Thread
from time import sleep
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bmu import create_app
from bmu.accounts.models import Employee
from bmu.changes.work import By, Work, transaction
from bmu.database import WRITE
from bmu.extensions import db
from tests.conftest import config_for

WRITERS = 3
STEPS = ("begin", "change", "number", "end")
PATIENCE = 60


class Writer(Thread):
    """Somebody who saves, one step at a time, when told to."""

    def __init__(self, name: str, engine: Engine) -> None:
        super().__init__(name=name, daemon=True)
        self.engine, self.row = engine, f"row {name}"
        self.told: Queue[str] = Queue()
        self.done: Queue[BaseException | None] = Queue()
        self.work = Work(Session(engine), By(name))

    def run(self) -> None:
        while (step := self.told.get()) != "leave":
            try:
                getattr(self, step)()
                self.done.put(None)
            except BaseException as error:
                self.done.put(error)

    def begin(self) -> None:
        self.work = Work(Session(self.engine), By(self.name))
        self.work.session.connection(execution_options={WRITE: True})

    def change(self) -> None:
        row = self.work.session.get_one(Employee, self.row)
        self.work.edit(row, {"nick_name": f"{row.version}"})

    def number(self) -> None:
        self.work.number()

    def commit(self) -> None:
        self.work.session.commit()
        self.work.session.close()

    def give_up(self) -> None:
        self.work.session.rollback()
        self.work.session.close()

    def ended(self, patience: float = PATIENCE) -> None:
        """Return when the step it was told is done; raises what the step raised."""
        if error := self.done.get(timeout=patience):
            raise error


class Reader:
    """Reads the log as a tail does. `seen`: the places, as they came."""

    ASK = "SELECT seq FROM change_log WHERE seq > %s ORDER BY seq"

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        self.seen: list[int] = [self.newest()]

    def newest(self) -> int:
        row = self.connection.execute("SELECT coalesce(max(seq), 0) FROM change_log").fetchone()
        assert row
        return int(row[0])

    def look(self) -> None:
        self.seen += [seq for (seq,) in self.connection.execute(self.ASK, [self.seen[-1]])]

    def missed(self) -> set[int]:
        """Places of the log that it never saw."""
        self.look()
        return {seq for (seq,) in self.connection.execute(self.ASK, [self.seen[0]])} - set(self.seen)


class Stage:
    """Lets the writers take one transaction each, in the order of a die."""

    def __init__(self, writers: list[Writer], reader: Reader, dice: Random, one_at_a_time: bool = True) -> None:
        self.writers, self.reader, self.dice, self.one_at_a_time = writers, reader, dice, one_at_a_time

    def play(self) -> None:
        """One interleaving. Who takes a number while another holds one waits, until that other has ended."""
        left = {writer: list(STEPS) for writer in self.writers}
        waiting: list[Writer] = []
        holder: Writer | None = None
        while left or waiting:
            able = [writer for writer in left if writer not in waiting]
            writer = self.dice.choice(able)
            step = left[writer].pop(0)
            writer.told.put(self._verb(step))
            if step == "number" and holder is not None and self.one_at_a_time:
                waiting.append(writer)
                continue
            writer.ended()
            self.reader.look()
            if step == "number":
                holder = writer
            elif step == "end":
                del left[writer]
                if holder is writer:
                    holder = self._next_of(waiting)

    def _verb(self, step: str) -> str:
        return step if step != "end" else self.dice.choice(("commit", "commit", "commit", "give_up"))

    def _next_of(self, waiting: list[Writer]) -> Writer | None:
        """Who of those that wait has the number now: the database chooses."""
        while waiting:
            for writer in waiting:
                if not writer.done.empty():
                    writer.ended()
                    waiting.remove(writer)
                    return writer
            sleep(0.0003)  # the writer that waits needs the interpreter to see its answer
        return None


@pytest.fixture(scope="module")
def app(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The app on PostgreSQL with a row for each writer."""
    url = server.replace("postgresql:", "postgresql+psycopg:")
    made = create_app(config_for(url, tmp_path_factory.mktemp("order")))
    with made.app_context():
        upgrade()
        with transaction(By("tests")) as work:
            for number in range(WRITERS):
                work.add(Employee(id=f"row {number}", employee_id=f"W{number}", first_name="W"), {})
            work.session.execute(text("CREATE SEQUENCE numbers START 1000000"))
        yield made
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def stage(app: Flask, server: str) -> Iterator[Callable[..., Stage]]:
    writers = [Writer(str(number), db.engine) for number in range(WRITERS)]
    reader = Reader(server)
    for writer in writers:
        writer.start()
    yield lambda seed, **options: Stage(writers, reader, Random(seed), **options)
    for writer in writers:
        writer.told.put("leave")
        writer.join(PATIENCE)
        writer.work.session.close()
    reader.connection.close()


def _played(stage: Stage, times: int) -> Reader:
    for _ in range(times):
        stage.play()
    assert len(stage.reader.seen) > times
    return stage.reader


@pytest.mark.parametrize("times", [150, pytest.param(10_000, marks=pytest.mark.long)])
def test_who_has_seen_a_place_has_seen_everything_before_it(stage: Callable[..., Stage], times: int) -> None:
    reader = _played(stage(f"order {times}"), times)
    assert reader.missed() == set()
    assert reader.seen == list(range(reader.seen[0], reader.newest() + 1))


def test_this_test_would_see_an_order_that_is_not_that_of_commits(
    stage: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With numbers from a sequence, as PostgreSQL would hand them out, the same reader misses changes."""

    def from_a_sequence(work: Work, count: int) -> int:
        found: Any = work.session.scalar(
            text("SELECT max(nextval('numbers')) FROM generate_series(1, :n)"), {"n": count}
        )
        return int(found)

    monkeypatch.setattr(Work, "places", from_a_sequence)
    assert _played(stage("sequence", one_at_a_time=False), 60).missed()
