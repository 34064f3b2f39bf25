"""deploy/systemd/bmu.socket: with the port held open by somebody else, a restart refuses nobody."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
import requests

from tests.faults.server import PATIENCE, ROOT, until

# What systemd does between fork and exec: the socket as descriptor 3, and for whom it is.
HAND_OVER = """import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "tests.faults.small_app:app"])"""


@pytest.fixture
def line() -> Iterator[socket.socket]:
    """A port that stays open."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        yield held


def serve(line: socket.socket) -> subprocess.Popen[bytes]:
    env = {**os.environ, "BMU_DATABASE_URL": "postgresql://nowhere", "SMALL_APP_MODE": "eventlet"}
    env.pop("PSYCOPG_WAIT_FUNC", None)
    command = [sys.executable, "-c", HAND_OVER, str(line.fileno())]
    return subprocess.Popen(command, cwd=ROOT, env=env, pass_fds=[line.fileno()], stderr=subprocess.DEVNULL)


def test_a_restart_behind_an_open_port_refuses_nobody(line: socket.socket) -> None:
    url, stop, codes = f"http://127.0.0.1:{line.getsockname()[1]}/", Event(), list[int]()

    def ask() -> None:
        while not stop.wait(0.05):
            codes.append(requests.get(url, timeout=PATIENCE).status_code)

    first = second = serve(line)
    with ThreadPoolExecutor() as pool:
        asking = pool.submit(ask)
        try:
            until(lambda: len(codes) > 5, "answers of the first")
            first.send_signal(signal.SIGTERM)
            assert first.wait(PATIENCE) == 0
            before = len(codes)
            second = serve(line)
            until(lambda: len(codes) > before + 5, "answers of the second")
        finally:
            stop.set()
            asking.result()
            first.kill()
            second.terminate()
            second.wait(PATIENCE)
    assert set(codes) == {200}
