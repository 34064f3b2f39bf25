"""A Flask-SocketIO app with nothing in it but ways to watch the worker: what it waits with, what it leaks."""

from __future__ import annotations

import hashlib
import os
import runpy
import time
from contextvars import ContextVar
from typing import Any

from flask import Flask, Response, request, send_from_directory
from flask_socketio import SocketIO

# The file by itself: with the whole app behind it, each of these servers would take a second or two to start.
kernel = runpy.run_path("bmu/offload.py")
is_green, offload = kernel["is_green"], kernel["offload"]

app = Flask(__name__)
MODE: Any = os.environ["SMALL_APP_MODE"]
socketio = SocketIO(app, async_mode=MODE)
started: list[str] = []
app.extensions["bmu.background"] = [lambda: started.append("background")]
whoever: ContextVar[str] = ContextVar("whoever", default="nobody")
busy = {"slow": 0, "hash": 0}


@app.get("/")
def state() -> dict[str, object]:
    """What a test wants to know before it breaks something."""
    line, layers = request.environ["gunicorn.socket"], 0
    while line := getattr(line, "fd", None):
        layers += 1
    return {"pid": os.getpid(), "green": is_green(), "busy": busy, "started": started, "layers": layers}


@app.get("/slow")
def slow() -> str:
    """A request that takes two seconds of waiting."""
    busy["slow"] += 1
    time.sleep(2)
    busy["slow"] -= 1
    return "done"


@app.get("/hash")
def hashed() -> str:
    """A request that takes a second or so of computing."""
    busy["hash"] += 1
    digest: bytes = offload(hashlib.pbkdf2_hmac, "sha256", b"secret", b"salt", 2_000_000)
    busy["hash"] -= 1
    return digest.hex()


@app.get("/file/<name>")
def file(name: str) -> Response:
    """A file of the folder the test made."""
    return send_from_directory(os.environ["SMALL_APP_FILES"], name)


@app.get("/psycopg")
def psycopg() -> str:
    """The function that psycopg waits with."""
    from psycopg.waiting import wait

    return wait.__name__


@app.get("/remember/<name>")
def remember(name: str) -> dict[str, str]:
    """Who was here before on this connection, if it remembers."""
    before = whoever.get()
    whoever.set(name)
    return {"before": before, "connection": request.environ["REMOTE_PORT"]}


@socketio.on("connect")
def connect() -> None:
    """Everybody may come in."""
