"""Who stands at a record, as sockets say it and are told it; and the clock that presence goes by."""

from __future__ import annotations

from typing import Any

from bmu.realtime.presence import CHANGED, GONE, HERE
from tests.conftest import events
from tests.realtime.formsockets import Record

FIELD, OTHER_FIELD = "pnd_status", "pp30_status"


class Clock:
    """A clock that stands still until told otherwise."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def here(socket: Any, record: Record, field: str | None = None) -> Any:
    """Say that one is at a record, in a field of it; the answer."""
    return socket.emit(HERE, {"id": record["id"], "field": field}, callback=True)


def leave(socket: Any, record: Record) -> Any:
    """Say goodbye to it; the answer."""
    return socket.emit(GONE, {"id": record["id"]}, callback=True)


def told(socket: Any) -> list[list[tuple[str, str | None]]]:
    """What a socket was told of who is there: [(id, field)] for each message."""
    heard = [data for name, data in events(socket) if name == CHANGED]
    return [[(one["id"], one["field"]) for one in data["people"]] for data in heard]
