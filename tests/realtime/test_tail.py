"""The log's tail: what another process commits is told here, and what was told here is not told again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, update
from sqlalchemy.exc import OperationalError

from bmu import database
from bmu.changes.models import ChangeAudience, ChangeLog, Counter
from bmu.changes.work import last_seq, transaction
from bmu.realtime import broadcast, tail
from bmu.realtime.tail import Tail
from tests.conftest import MONTH, SECRET, STRANGER, Colleague, events
from tests.realtime.conftest import elsewhere

SignIn = Callable[[str], Colleague]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def reader(app: Flask) -> Callable[[], None]:
    """Reads the tail once, from where it stands when the test begins."""
    begun = Tail()

    def step() -> None:
        with app.app_context():
            begun.step()

    step()
    return step


def test_what_another_process_commits_is_told(sign_in: SignIn, reader: Any, touch: Any) -> None:
    socket = sign_in("AC00024").listen()
    with elsewhere():
        saved = touch()
    assert not events(socket)
    reader()
    assert events(socket) == [("monthly-tax-data:updated", saved)]
    reader()
    assert not events(socket)


def test_what_was_told_here_is_not_told_again(sign_in: SignIn, reader: Any, touch: Any) -> None:
    socket = sign_in("AC00024").listen()
    touch()
    assert len(events(socket)) == 1
    reader()
    assert not events(socket)


def test_ours_and_theirs_in_turn_are_each_told_once(sign_in: SignIn, reader: Any, touch: Any) -> None:
    socket = sign_in("AC00024").listen()
    for ours in (True, False, False, True, True, False, True):
        if ours:
            touch()
        else:
            with elsewhere():
                touch()
            reader()
        assert len(events(socket)) == 1
    reader()
    assert not events(socket)


def test_theirs_before_ours_is_told_and_ours_not_again(
    sign_in: SignIn, reader: Any, record: dict[str, Any], touch: Any
) -> None:
    """What this process told lies behind something it has not told yet."""
    other = next(one for one in sign_in("admin").get(limit=5).json["data"] if one["id"] != record["id"])
    socket = sign_in("admin").listen(employeeId="*")
    with elsewhere():
        sign_in("admin").put(other["id"], {"sourcePage": "taxStatus", "wht_response": "ที่อื่น"})
    touch()
    assert [data["id"] for _, data in events(socket)] == [record["id"]]
    reader()
    assert [data["id"] for _, data in events(socket)] == [other["id"]]


def test_a_hand_over_elsewhere_reaches_the_old_and_the_new(
    sign_in: SignIn, reader: Any, record: dict[str, Any], hand_over: Any
) -> None:
    old, new = sign_in("AC00024").listen(), sign_in(STRANGER).listen()
    with elsewhere():
        given = hand_over(record, accounting_responsible=STRANGER)
    reader()
    assert events(old) == [("monthly-tax-data:removed", {"id": record["id"], "seq": given["seq"]})]
    assert events(new) == [("monthly-tax-data:updated", given)]


def test_the_command_line_reaches_open_pages(
    app: Flask, sign_in: SignIn, reader: Any, record: dict[str, Any], tmp_path: Path
) -> None:
    """A real second process on the same file."""
    old, new = sign_in("AC00024").listen(), sign_in(STRANGER).listen()
    env = {**os.environ, "BMU_INSTANCE": str(tmp_path), "BMU_SECRET_KEY": SECRET, "FLASK_SKIP_DOTENV": "1"}
    env["BMU_DATABASE_URL"] = app.config["SQLALCHEMY_DATABASE_URI"]
    asked = ("month", "assign", "018", str(MONTH), "accounting_responsible", STRANGER)
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *asked]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    reader()
    assert [name for name, _ in events(old)] == ["monthly-tax-data:removed"]
    assert [data["id"] for _, data in events(new)] == [record["id"]]


def test_a_new_process_begins_with_what_is_there(app: Flask, sign_in: SignIn, touch: Any) -> None:
    with elsewhere():
        touch()
    socket = sign_in("AC00024").listen()
    with app.app_context():
        begun = Tail()
        begun.step()
        assert (begun.seq, events(socket)) == (last_seq(), [])


def test_changes_of_other_things_move_it_on(app: Flask, sign_in: SignIn, reader: Any, touch: Any) -> None:
    socket = sign_in("AC00024").listen()
    sign_in("admin").call("PUT", "/api/auth/language", json={"language": "th"})
    with elsewhere():
        touch()
    reader()
    assert len(events(socket)) == 1


def test_more_than_it_reads_at_once_is_read_to_the_end(
    sign_in: SignIn, reader: Any, touch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "AT_ONCE", 3)
    socket = sign_in("AC00024").listen()
    with elsewhere():
        saved = [touch() for _ in range(8)]
    reader()
    told = [data["version"] for _, data in events(socket)]
    assert told[-1] == saved[-1]["version"]
    reader()
    assert not events(socket)


def test_what_could_not_be_told_is_told_later(
    sign_in: SignIn, reader: Any, touch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database was away for a moment, just after a commit of ours: never not at all."""

    def away(*_: Any, **__: Any) -> Any:
        raise OperationalError("SELECT", None, Exception("away"))

    socket = sign_in("AC00024").listen()
    with monkeypatch.context() as patch:
        patch.setattr(broadcast, "_tell_rows", away)
        saved = touch()
        with pytest.raises(OperationalError):
            reader()
    assert not events(socket)
    reader()
    assert events(socket) == [("monthly-tax-data:updated", saved)]


def test_a_restored_backup_lies_behind_and_is_followed(app: Flask, sign_in: SignIn, reader: Any, touch: Any) -> None:
    with app.app_context():
        old = last_seq()
    with elsewhere():
        touch()
    reader()
    with app.app_context(), transaction() as work:
        work.session.execute(delete(ChangeAudience).where(ChangeAudience.seq > old))
        work.session.execute(delete(ChangeLog).where(ChangeLog.seq > old))
        work.session.execute(update(Counter).values(value=old))
    reader()
    socket = sign_in("AC00024").listen()
    with elsewhere():
        touch()
    reader()
    assert len(events(socket)) == 1


def test_it_remembers_only_what_it_must(sign_in: SignIn, reader: Any, touch: Any) -> None:
    for _ in range(5):
        touch()
    reader()
    reader()
    assert not broadcast.already.seqs


def test_a_save_that_the_tail_read_while_the_disk_was_waited_for_is_told_once(
    sign_in: SignIn, reader: Any, touch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit is done in a thread: the tail may see it before the one who saves goes on."""

    def slow(fn: Any, statement: str, parameters: Any) -> None:
        fn(statement, parameters)
        reader()

    touch()
    reader()
    socket = sign_in("AC00024").listen()
    monkeypatch.setattr(database, "wait_aside", slow)
    touch()
    reader()
    assert len(events(socket)) == 1
