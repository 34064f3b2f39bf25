"""Who listens to what, in this process: the sockets, their rooms, and in which form they want rows.

A room is `monthly-tax-data:{employeeId}` (design §6), `*` for those who read everything. A socket wants rows in
one variant: plain, or a table's row in a language; each variant of a room is a room of its own, so that a message
is made once for all who want it alike.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from bmu.accounts.rules import Actor

EVERYONE = "*"
PREFIX = "monthly-tax-data:"


class Variant(NamedTuple):
    """In which form rows are wanted: a table's name and a language, or both empty for plain JSON."""

    table: str = ""
    lang: str = ""


PLAIN = Variant()


def room(person: str, variant: Variant = PLAIN) -> str:
    """The room of a person's records in a variant."""
    base = f"{PREFIX}{person}"
    return base if variant == PLAIN else f"{base}|{variant.table}|{variant.lang}"


class OpenForm(NamedTuple):
    """The form a socket has open: of which record, on which page (sourcePage), in which language."""

    record_id: str
    page: str
    lang: str


@dataclass(slots=True)
class Listener:
    """One open socket: who it is, until when its token holds, what it listens to; `asked`: its last subscription."""

    sid: str
    actor: Actor
    session: str
    expires_at: datetime
    variant: Variant = PLAIN
    people: set[str] = field(default_factory=set)
    view: str = ""
    form: OpenForm | None = None
    asked: dict[str, Any] | None = None


class Listeners:
    """The open sockets of this process."""

    def __init__(self) -> None:
        self._all: dict[str, Listener] = {}
        self._of: defaultdict[str, set[str]] = defaultdict(set)
        self._accounts: Counter[str] = Counter()

    def add(self, listener: Listener) -> None:
        """A socket was let in."""
        self._all[listener.sid] = listener
        self._accounts[listener.actor.id] += 1

    def get(self, sid: str) -> Listener | None:
        """The socket's listener, while it is open and welcome."""
        return self._all.get(sid)

    def remove(self, sid: str) -> Listener | None:
        """A socket is gone, or no longer welcome."""
        listener = self._all.pop(sid, None)
        if listener:
            self._accounts -= Counter((listener.actor.id,))  # forgets who has none
        for person in listener.people if listener else ():
            self._forget(person, sid)
        return listener

    def of_account(self, user_id: str) -> int:
        """How many sockets an account has open."""
        return self._accounts[user_id]

    def join(self, listener: Listener, person: str) -> None:
        """The socket listens to `person`'s records (or everybody's) from now on."""
        listener.people.add(person)
        self._of[person].add(listener.sid)

    def leave(self, listener: Listener, person: str) -> None:
        """The socket no longer listens to `person`'s records."""
        listener.people.discard(person)
        self._forget(person, listener.sid)

    def _forget(self, person: str, sid: str) -> None:
        self._of[person].discard(sid)
        if not self._of[person]:
            del self._of[person]

    def everyone(self) -> list[Listener]:
        """All open sockets."""
        return list(self._all.values())

    def hearing(self, people: Iterable[str]) -> set[str]:
        """The sockets that listen to any of `people`."""
        return set().union(*(self._of.get(person, set()) for person in people))

    def variants(self, people: Iterable[str]) -> set[Variant]:
        """In which forms the rows of `people` are wanted by those who listen."""
        return {self._all[sid].variant for sid in self.hearing(people) if sid in self._all}


listeners = Listeners()
