"""Who is where, as this process knows it: in memory and nowhere else, since it is worth nothing a moment later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypedDict

from bmu.accounts.rules import Actor


class Person(TypedDict):
    """Somebody with the form open, in one or more tabs: employee id (user name without one), nickname, field's key."""

    id: str
    name: str
    field: str | None


@dataclass(slots=True)
class Here:
    """The form that one socket has open. Times are seconds of a monotonic clock: when last `heard` of, and when it
    was last `checked` that the actor may read the record."""

    actor: Actor
    name: str
    record_id: str
    checked: float
    heard: float
    field: str | None = None

    @property
    def id(self) -> str:
        return self.actor.employee_id or self.actor.username


class Elsewhere(NamedTuple):
    """Somebody at a socket of another process: as Person, with the record."""

    record_id: str
    id: str
    name: str
    field: str | None


class Presence:
    """Who is where, by socket, one record each; who is at other processes, as they say; who reads these records."""

    def __init__(self) -> None:
        self._here: dict[str, Here] = {}
        self._elsewhere: dict[str, tuple[float, list[Elsewhere]]] = {}
        self._told: dict[str, list[Person]] = {}
        self.readers: dict[str, frozenset[str]] = {}

    def get(self, sid: str) -> Here | None:
        """Where a socket is, if anywhere."""
        return self._here.get(sid)

    def put(self, sid: str, here: Here) -> None:
        """A socket is there from now on; the last to move stands last."""
        self._here.pop(sid, None)
        self._here[sid] = here

    def drop(self, sid: str) -> Here | None:
        """A socket is nowhere any more; where it was."""
        return self._here.pop(sid, None)

    def at(self, record_id: str) -> dict[str, Here]:
        """The sockets that have this record open."""
        return {sid: one for sid, one in list(self._here.items()) if one.record_id == record_id}

    def people(self, record_id: str) -> list[Person]:
        """Who has it open, by id; each once, in the field to which they moved last."""
        found: dict[str, Person] = {}
        others = [one for _, said in self._elsewhere.values() for one in said if one.record_id == record_id]
        ours = [one for one in self.ours() if one.record_id == record_id]
        for one in (*others, *ours):
            before = found[one.id]["field"] if one.id in found else None
            found[one.id] = Person(id=one.id, name=one.name, field=one.field or before)
        return [found[one] for one in sorted(found)]

    def ours(self) -> list[Elsewhere]:
        """Who is at sockets of this process, as the others hear of them."""
        return [Elsewhere(one.record_id, one.id, one.name, one.field) for one in self._here.values()]

    def hear(self, process: str, said: list[Elsewhere], now: float) -> set[str]:
        """Another process has said its whole list; the records about which it says something new."""
        before = self._elsewhere.pop(process, (now, []))[1]
        if said:
            self._elsewhere[process] = (now, said)
        return {one.record_id for one in {*before, *said} - ({*before} & {*said})}

    def silent(self, since: float) -> list[str]:
        """The processes last heard of before `since`."""
        return [process for process, (heard, _) in self._elsewhere.items() if heard < since]

    def is_news(self, record_id: str, people: list[Person]) -> bool:
        """Whether this differs from what was told last; it counts as told from now on."""
        before = self._told.pop(record_id, [])
        if people:
            self._told[record_id] = people
        return before != people

    def unheard(self, since: float) -> list[str]:
        """The sockets last heard of before `since`."""
        return [sid for sid, one in list(self._here.items()) if one.heard < since]


present = Presence()
