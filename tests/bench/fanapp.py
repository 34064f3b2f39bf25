"""Our app with one more door, for the bench: the same as the peer's PUT, with no database behind it (fanout.py).

`BENCH_RECORD`: a file with the record that is told. One account may open as many sockets as the bench wants.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from flask import request
from flask_jwt_extended import decode_token

from bmu import create_app
from bmu.realtime import sockets, wire
from bmu.realtime.broadcast import UPDATED
from bmu.realtime.listeners import room

RECORD: dict[str, Any] = json.loads(Path(os.environ["BENCH_RECORD"]).read_text() or "{}")
sockets.MOST_SOCKETS = 100_000
app = create_app()


@app.put("/bench/record")
def tell() -> dict[str, bool]:
    """{rooms, version}: tell each room of the record. Raises what a bad token raises."""
    decode_token(request.headers["Authorization"].removeprefix("Bearer "))
    asked = request.get_json()
    data = RECORD | {"version": asked["version"]}
    for person in asked["rooms"]:
        wire.emit(UPDATED, data, [room(person)])
    return {"success": True}
