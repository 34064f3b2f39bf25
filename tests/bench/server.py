"""A real gunicorn with our worker on a free port, and what the machine says of it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.bench.firm import SECRET

ROOT = Path(__file__).resolve().parents[2]
_TICK = os.sysconf("SC_CLK_TCK")


class Server:
    """`gunicorn wsgi:app` on the database in `folder`, where it keeps its log, or on the one at the URL `database`.

    `app`: another module with an app, to measure inside; `env`: further variables of its environment.
    """

    def __init__(
        self, folder: Path, database: str = "", app: str = "wsgi:app", env: Mapping[str, str] | None = None
    ) -> None:
        self.log, self.port = folder / "log", _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        known = {name: value for name, value in os.environ.items() if not name.startswith("BMU_")}
        known |= {"BMU_INSTANCE": str(folder), "BMU_SECRET_KEY": SECRET, "FLASK_SKIP_DOTENV": "1"}
        known |= {"BMU_DATABASE_URL": database} if database else {}
        command = [sys.executable, "-m", "gunicorn", app, "-b", f"127.0.0.1:{self.port}"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=known | dict(env or {}), stdout=log, stderr=log)

    def wait(self) -> None:
        """Until it is ready. Raises RuntimeError with its log when it is not within 90 s (a cold start is slow)."""
        end = time.monotonic() + 90
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if requests.get(f"{self.url}/readyz", timeout=5).ok:
                    return
            except requests.RequestException:
                time.sleep(0.02)
        raise RuntimeError(self.log.read_text())

    def stop(self) -> None:
        """End it, by its process id."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    @property
    def worker(self) -> int:
        """The process id of the one worker."""
        pid = self.process.pid
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])

    def memory(self) -> float:
        """What the worker holds in memory, kB."""
        return _kilobytes(self.worker, "status", "VmRSS:")

    def memory_of_both(self) -> float:
        """What worker and arbiter hold together, kB: what they share counts once."""
        return sum(_kilobytes(pid, "smaps_rollup", "Pss:") for pid in (self.process.pid, self.worker))

    def busy(self) -> float:
        """The seconds of processor time that the worker has used."""
        return sum(_ticks(self.worker)[:2]) / _TICK

    def busy_in_all(self) -> float:
        """The same of everything: the arbiter, the migrations that it ran, the worker."""
        return sum(_ticks(self.process.pid)) / _TICK + self.busy()

    def get(self, path: str, token: str) -> requests.Response:
        """The page or answer at `path` for the holder of a bearer token. Raises requests.HTTPError."""
        answer = requests.get(self.url + path, headers={"Authorization": f"Bearer {token}"}, timeout=60)
        answer.raise_for_status()
        return answer

    def said(self, event: str) -> list[dict[str, Any]]:
        """The log's lines of one event so far, oldest first."""
        lines = (json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{"))
        return [line for line in lines if line.get("event") == event]

    def spent(self) -> dict[str, float]:
        """Milliseconds of each request by its id, as the app has logged them."""
        return {line["request_id"]: line["ms"] for line in self.said("request")}


@contextmanager
def running(folder: Path, database: str = "", **how: Any) -> Iterator[Server]:
    """A server that is ready, ended afterwards; the arguments are those of Server."""
    server = Server(folder, database, **how)
    try:
        server.wait()
        yield server
    finally:
        server.stop()


def _kilobytes(pid: int, file: str, name: str) -> float:
    lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    return float(next(line for line in lines if line.startswith(name)).split()[1])


def _ticks(pid: int) -> list[int]:
    """The processor time of a process: its own in user and system, and of its ended children."""
    return [int(part) for part in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
