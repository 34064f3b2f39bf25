"""A real gunicorn with our worker and our settings, around the small app."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds for what must come; a machine that does other things too may be slow


def until(ask: Callable[[], Any], what: str) -> Any:
    """The first truthy answer of `ask`; an answer that cannot be had counts as none. Fails when it never comes."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if answer := ask():
                return answer
        except requests.ConnectionError:
            pass
        time.sleep(0.03)
    pytest.fail(f"waited {PATIENCE:.0f} s for {what}")


def free_port() -> int:
    """A port of the loopback address that nobody holds."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """gunicorn in a process of its own: `python -m gunicorn tests.faults.small_app:app`, or another app, with
    gunicorn.conf.py."""

    log: Path
    env: dict[str, str]
    options: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    app: str = "tests.faults.small_app:app"
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        command = ["-m", "gunicorn", self.app, "-b", f"127.0.0.1:{self.port}", *self.options]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=self.env, stdout=log, stderr=log)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str = "/", **options: Any) -> requests.Response:
        """GET on a connection of its own."""
        return requests.get(self.url + path, timeout=PATIENCE, **options)

    def state(self) -> dict[str, Any]:
        """What the small app says about itself."""
        answer: dict[str, Any] = self.get().json()
        return answer

    def ready(self) -> Server:
        """Itself, once it answers; fails with the log when it ended instead."""
        until(lambda: self.process.poll() is not None or self.get().ok, "the server to answer")
        assert self.process.poll() is None, self.said()
        return self

    def ended(self) -> int:
        """Its exit code, once it ended by itself."""
        return self.process.wait(PATIENCE)

    def stop(self) -> None:
        """End it, by its process id."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(PATIENCE)

    def said(self) -> str:
        """Its log so far."""
        return self.log.read_text()
