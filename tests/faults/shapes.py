"""The two shapes of design §9 as real processes on this machine, and the ways in which each of them can be broken."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bmu.config import database_url
from deploy.cluster.cluster import App, Cluster
from deploy.cluster.part import listens, until
from deploy.cluster.services import forget

SECRET = "a secret of the faults, 32 letters or more"
DAY = str(24 * 60)  # minutes: nobody's sign-in ends while things break
SETTINGS = {
    "BMU_SECRET_KEY": SECRET,
    "BMU_ACCESS_MINUTES": DAY,
    "BMU_IDLE_MINUTES": DAY,
    "BMU_SESSION_MINUTES": DAY,
    "BMU_DEMO": "1",
}
SHAPES = ("sqlite", "cluster")


class Shape:
    """The app as it is deployed. `cluster` is there in the second shape only."""

    def __init__(self, folder: Path, cluster: Cluster | None) -> None:
        self.folder, self.cluster = folder, cluster
        self.apps = cluster.apps if cluster else [App(folder, 1, _alone(folder))]

    @property
    def name(self) -> str:
        """As SHAPES says it."""
        return "cluster" if self.cluster else "sqlite"

    @property
    def port(self) -> int:
        """Where everybody calls."""
        return self.cluster.nginx.port if self.cluster else self.apps[0].port

    @property
    def url(self) -> str:
        """Everybody's address, without a line in between."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> str:
        """The URL of its database."""
        if self.cluster:
            return database_url(self.cluster.postgres.url)
        return f"sqlite:///{self.folder / 'bmu.sqlite'}"

    def start(self, *seed: str) -> None:
        """Start everything on a firm made by `flask seed demo SEED`. Raises deploy.cluster.part.CannotStart."""
        if self.cluster:
            return self.cluster.start("seed", "demo", *seed)
        maker = Cluster(self.folder / "unused", 0, BMU_INSTANCE=str(self.folder))
        maker.env |= _alone(self.folder)
        for words in (("db", "upgrade"), ("seed", "demo", *seed)):
            maker.flask(*words)
        self.apps[0].start()

    def stop(self) -> None:
        """End everything, by process ids."""
        if self.cluster:
            return self.cluster.stop()
        self.apps[0].stop()

    def restart(self, app: App, sign: signal.Signals = signal.SIGTERM) -> None:
        """End a whole instance with `sign`, arbiter and worker, and start it again."""
        app.stop(sign)
        until(lambda: not listens(app.port), "the killed worker to be gone")
        app.start()

    def renew(self) -> None:
        """How a new version comes in: one instance after the other."""
        for app in self.apps:
            self.restart(app)

    def said(self) -> str:
        """What all instances have said."""
        return "".join(app.log.read_text(errors="replace") for app in self.apps if app.log.exists())


def _alone(folder: Path) -> dict[str, str]:
    known = {"BMU_INSTANCE": str(folder), "BMU_DATABASE_URL": "", "BMU_REDIS_URL": "", "FLASK_SKIP_DOTENV": "1"}
    return {**os.environ, **SETTINGS, **known}


@contextmanager
def running(name: str, *seed: str) -> Iterator[Shape]:
    """A shape (one of SHAPES) in a folder of its own, started, and gone afterwards.

    `seed`: options of `flask seed demo`. Raises deploy.cluster.part.CannotStart.
    """
    with tempfile.TemporaryDirectory(prefix="bmu-faults-") as made:
        folder = Path(made)
        folder.chmod(0o755)  # PostgreSQL's user, if we are root, has to pass through
        shape = Shape(folder, Cluster(folder, 2, **SETTINGS) if name == "cluster" else None)
        try:
            shape.start(*seed)
            yield shape
        finally:
            shape.stop()
            if shape.cluster:
                forget(shape.cluster.postgres.folder)
