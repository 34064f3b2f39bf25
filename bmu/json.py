"""JSON as we send it: Thai as Thai, times in ISO 8601 with Z (Flask's default prints HTTP dates)."""

from __future__ import annotations

import json
from typing import Any

from flask.json.provider import DefaultJSONProvider

from bmu.changes.work import plain


def _plain(value: Any) -> Any:
    carried = plain(value)
    return str(value) if carried is value else carried


class Json(DefaultJSONProvider):
    """Flask's provider with our dates and without \\u escapes."""

    ensure_ascii = False
    sort_keys = False
    compact = True
    default = staticmethod(_plain)


class SocketJson:
    """The `json` module that Socket.IO uses: the same conventions."""

    @staticmethod
    def dumps(value: Any, **_kwargs: Any) -> str:
        """A value as JSON text."""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)

    loads = staticmethod(json.loads)
