"""Who has just come in by a token, believed for a moment: after a restart each browser brings all its tabs at once.

A token is checked and its session read once for all of them. Whatever ends sessions in this process ends the belief;
what does so elsewhere is seen when it is over, and by the doorkeeper two seconds after (design §6 asks for five).
"""

from __future__ import annotations

from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

from bmu.accounts.sessions import sessions_ended

if TYPE_CHECKING:
    from bmu.accounts.access import SocketIdentity

BELIEVED, MOST = 1.0, 1_000  # seconds; tokens


class Lately:
    """Whom the door has let in within BELIEVED seconds, by token."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, SocketIdentity]] = {}

    def get(self, token: str) -> SocketIdentity | None:
        """Who came in by this token, unless it was too long ago or has expired since."""
        until, known = self._known.get(token, (0.0, None))
        return known if known and monotonic() < until and datetime.now(UTC) < known.expires_at else None

    def keep(self, token: str, identity: SocketIdentity) -> SocketIdentity:
        """Believe it from now on; answers `identity`."""
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[token] = (monotonic() + BELIEVED, identity)
        return identity

    def forget(self, *_signal: Any, **_facts: Any) -> None:
        """Believe nobody."""
        self._known.clear()


lately = Lately()
sessions_ended.connect(lately.forget)
