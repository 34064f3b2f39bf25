"""A server of the cluster: a process with a folder of its own, started, asked for an answer, stopped by its id."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from glob import glob
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds until a server must answer or have stopped


class CannotStart(RuntimeError):
    """Something is missing or does not come up; the text says what to do."""


def program(*names: str) -> str:
    """The first of the programs that is installed. Debian keeps PostgreSQL's beside the PATH. Raises CannotStart."""
    elsewhere = ("/usr/sbin", "/usr/local/sbin", *sorted(glob("/usr/lib/postgresql/*/bin"), reverse=True))
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *elsewhere))
    for name in names:
        if found := shutil.which(name, path=path):
            return found
    raise CannotStart(f"{' or '.join(names)} is not installed")


def free_port() -> int:
    """A port of the loopback address that nobody holds."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(ask: Callable[[], object], what: str) -> None:
    """Return when `ask` answers something true. Raises CannotStart when it never does."""
    end = time.monotonic() + PATIENCE
    while not ask():
        if time.monotonic() > end:
            raise CannotStart(f"waited {PATIENCE:.0f} s for {what}")
        time.sleep(0.05)


def listens(port: int) -> bool:
    """Whether somebody accepts connections on that port of the loopback address."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


class Part:
    """One server. A subclass says how it is started and what it takes to be ready."""

    name = "part"
    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder, self.port = folder, port or free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What it says, all its lives long."""
        return self.folder / f"{self.name}.log"

    def command(self) -> list[str]:
        """How it is started, in the foreground."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Whatever its first start needs."""

    def ready(self) -> bool:
        """Whether it answers."""
        return listens(self.port)

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start its process. A group of its own: Ctrl-C is for us, who then stop the parts in order."""
        with self.log.open("ab") as log:
            return subprocess.Popen(self.command(), cwd=ROOT, stdout=log, stderr=log, start_new_session=True)

    def begin(self) -> None:
        """Start it without waiting. Raises CannotStart when its port is taken."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if listens(self.port):
            raise CannotStart(f"{self.name}: port {self.port} is in use")
        self.prepare()
        self.process = self.spawn()

    def wait(self) -> None:
        """Return when it is ready. Raises CannotStart with the end of its log when it is not."""
        try:
            until(lambda: not self.alive() or self.ready(), f"{self.name} to answer")
        finally:
            if not self.alive():
                said = self.log.read_text(errors="replace").splitlines()[-20:]
                raise CannotStart("\n".join((f"{self.name} did not start:", *said)))

    def start(self) -> None:
        """Start it and wait."""
        self.begin()
        self.wait()

    def alive(self) -> bool:
        """Whether its process runs."""
        return self.process is not None and self.process.poll() is None

    def stop(self, sign: signal.Signals | None = None) -> None:
        """End it, and its children where they are killed."""
        if self.process is None or not self.alive():
            return
        if sign is signal.SIGKILL:
            os.killpg(self.process.pid, sign)
        else:
            self.process.send_signal(sign or self.stop_signal)
        self.process.wait(PATIENCE)
