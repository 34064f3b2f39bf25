"""Believing for a moment who has just come in (accounts.lately)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from bmu.accounts import access, lately, service
from bmu.accounts.lately import Lately
from bmu.accounts.rules import Actor
from bmu.changes.work import By
from bmu.errors import Unauthorized
from bmu.extensions import db
from tests.conftest import Colleague

SignIn = Callable[[str], Colleague]
ACTOR = Actor("u", "AC00024", "service", "AC00024", "น้ำ", None, "s", False)


def identity(seconds: float = 60) -> access.SocketIdentity:
    return access.SocketIdentity(ACTOR, "s", datetime.now(UTC) + timedelta(seconds=seconds))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The time by which it goes, in its first place."""
    now = [100.0]
    monkeypatch.setattr(lately, "monotonic", lambda: now[0])
    yield now
    lately.lately.forget()


def test_it_is_believed_for_a_second_and_no_longer(clock: list[float]) -> None:
    known, who = Lately(), identity()
    known.keep("token", who)
    clock[0] += 0.9
    assert known.get("token") is who
    clock[0] += 0.2
    assert known.get("token") is None


def test_a_token_that_has_run_out_meanwhile_is_not_believed() -> None:
    known = Lately()
    known.keep("token", identity(seconds=-1))
    assert known.get("token") is None


def test_the_next_tab_with_the_same_token_costs_no_statement(sign_in: SignIn, clock: list[float]) -> None:
    who = sign_in("AC00024")
    with who.app.app_context():
        first = access.authenticate_socket(who.token)
        asked: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
        assert access.authenticate_socket(who.token) == first
        assert not asked
        clock[0] += 2
        assert access.authenticate_socket(who.token) == first
        assert asked


def test_who_is_disabled_here_is_not_let_in_for_having_come_just_before(sign_in: SignIn, clock: list[float]) -> None:
    who = sign_in("AC00024")
    with who.app.app_context():
        access.authenticate_socket(who.token)
        service.disable(By("admin"), who.username)
        with pytest.raises(Unauthorized):
            access.authenticate_socket(who.token)


def test_who_was_refused_is_looked_at_again(sign_in: SignIn, clock: list[float]) -> None:
    who = sign_in("AC00024")
    with who.app.app_context():
        with pytest.raises(Unauthorized):
            access.authenticate_socket("nonsense")
        assert access.authenticate_socket(who.token).actor.username == "AC00024"
        assert not lately.lately.get("nonsense")
