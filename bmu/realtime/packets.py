"""What Socket.IO packets may say: looked at before anything believes them.

The library takes the first word of an event as a handler's name, whatever it is. An event called `disconnect` would
run the handler of a socket that closes: it would be forgotten by the doorkeeper, and go on hearing after its session
ended. One called `connect` would sign in anew, as somebody else. What is no packet at all ends as a traceback.
So a packet that no client of ours sends ends its line: quietly, counted, for nobody else to notice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from socketio import packet

from bmu.realtime import wire

# What the library calls by itself. Its own list (`reserved_events`) only keeps them from a handler of "*".
RESERVED = {"connect", "connect_error", "disconnect", "*", "__disconnect_final"}
MOST_ATTACHMENTS = 4
LONGEST_NAME = 100
MOST_KEYS = 20


class Packet(packet.Packet):
    """A packet that raises ValueError when it is not what a client of ours could have sent."""

    uses_binary_events = False  # we send none, and looking for bytes in an event takes as long as encoding it

    def decode(self, encoded_packet: Any) -> int:
        """Read it; answers how many attachments follow. The library keeps these without bound."""
        attachments = int(super().decode(encoded_packet) or 0)
        if attachments > MOST_ATTACHMENTS or self.namespace not in (None, "/"):
            raise ValueError("too many attachments, or a namespace that we do not have")
        if self.packet_type in (packet.EVENT, packet.BINARY_EVENT) and not _is_event(self.data):
            raise ValueError("no event")
        return attachments


def _is_event(data: Any) -> bool:
    name = data[0] if isinstance(data, list) and data else None
    return isinstance(name, str) and len(name) <= LONGEST_NAME and name not in RESERVED


def is_plain(payload: Any) -> bool:
    """Whether an event's payload is what ours are: an object of few plain values, its texts such as a database takes.

    Neither NUL nor half a surrogate pair: PostgreSQL refuses the one, no line carries the other.
    """
    if not isinstance(payload, dict) or len(payload) > MOST_KEYS:
        return False
    return all(_is_text(key) and (_is_text(value) or _is_scalar(value)) for key, value in payload.items())


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float)


def _is_text(value: Any) -> bool:
    if not isinstance(value, str) or "\x00" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def guard(server: Any) -> None:
    """Let no packet of a stranger's making raise inside the library of this Socket.IO `server`."""
    handle: Callable[[str, Any], None] = server._handle_eio_message

    def hear(line: str, data: Any) -> None:
        try:
            _speaks_in_turn(server, line, data)
            handle(line, data)
        except Exception as error:
            # The error's own words may quote what was sent, at any length.
            wire.hang_up(line, "malformed", error=type(error).__name__)

    server._handle_eio_message = hear
    server.eio.on("message", hear)


def _speaks_in_turn(server: Any, line: str, data: Any) -> None:
    """Raise ValueError for an event from somebody who has not come in. Whoever is shown out speaks no more."""
    opens = isinstance(data, str) and data.startswith(str(packet.CONNECT))
    if not opens and server.manager.sid_from_eio_sid(line, "/") is None:
        raise ValueError("nobody we know")
