"""The whole of it: the app processes, what they stand on, and the order in which all of it comes and goes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

from deploy.cluster.part import ROOT, CannotStart, Part
from deploy.cluster.services import Nginx, Postgres, Redis

ESSENTIAL = ("BMU_DATABASE_URL", "BMU_REDIS_URL", "BMU_INSTANCE", "BMU_PROXIES", "PORT", "HOST")


class App(Part):
    """One process of the app: `gunicorn wsgi:app` on a port of its own."""

    def __init__(self, folder: Path, number: int, env: dict[str, str]) -> None:
        super().__init__(folder)
        self.name, self.env = f"app-{number}", env

    def command(self) -> list[str]:
        """The whole command, as everywhere else."""
        return [sys.executable, "-m", "gunicorn", "wsgi:app", "-b", f"127.0.0.1:{self.port}"]

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start it with the cluster's settings."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.command(), cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )

    def ready(self) -> bool:
        """Whether it says so itself."""
        return answers(f"http://127.0.0.1:{self.port}/readyz")

    @property
    def worker(self) -> int:
        """The process id of its one worker, which is a child of gunicorn's."""
        assert self.process is not None
        pid = self.process.pid
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def answers(url: str) -> bool:
    """Whether a GET gives 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


class Cluster:
    """PostgreSQL, Redis, `apps` processes and nginx on `port`; everything they keep is in `folder`."""

    def __init__(self, folder: Path, apps: int = 2, port: int = 0, **env: str) -> None:
        self.folder = folder
        self.postgres = Postgres(folder / "postgres")
        self.redis = Redis(folder / "redis")
        self.env = {**os.environ, "FLASK_SKIP_DOTENV": "1", **env}
        self.apps = [App(folder / "app", number, self.env) for number in range(1, apps + 1)]
        self.nginx = Nginx(folder / "nginx", port, [app.port for app in self.apps])
        ours = (self.postgres.url, self.redis.url, str(folder / "app"), "1")
        self.env.update(zip(ESSENTIAL, ours, strict=False))

    @property
    def url(self) -> str:
        """Everybody's address."""
        return f"http://127.0.0.1:{self.nginx.port}"

    def start(self, *words: str) -> None:
        """Start what the apps stand on, bring the database up to date (and run `flask WORDS`), then the rest.

        Raises CannotStart; what runs by then is stopped again.
        """
        try:
            self.base()
            if words:
                self.flask(*words)
            self.serve()
        except BaseException:
            self.stop()
            raise

    def base(self) -> None:
        """PostgreSQL with the newest tables, and Redis."""
        self.postgres.start()
        self.redis.start()
        self.flask("db", "upgrade")

    def serve(self) -> None:
        """The apps, all at once, then nginx."""
        for app in self.apps:
            app.begin()
        for part in self.apps:
            part.wait()
        self.nginx.start()

    def flask(self, *words: str) -> str:
        """Run `flask --app wsgi WORDS` with the cluster's settings; what it printed. Raises CannotStart."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        (self.folder / "app").mkdir(parents=True, exist_ok=True)
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CannotStart(f"flask {' '.join(words)}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def renew(self) -> None:
        """Restart one process after the other: nginx passes over the one that is away, so nobody's save fails."""
        for app in self.apps:
            app.stop()
            app.start()

    def tend(self) -> list[str]:
        """Start again what died; the names."""
        dead = [part for part in (self.postgres, self.redis, *self.apps, self.nginx) if not part.alive()]
        for part in dead:
            # It may need another that is just coming back: then the next look starts it.
            with suppress(CannotStart):
                part.start()
        return [part.name for part in dead]

    def stop(self) -> None:
        """Stop everything, the door first and the database last."""
        self.nginx.stop()
        for app in self.apps:
            if app.process and app.alive():
                app.process.send_signal(signal.SIGTERM)
        for part in (*self.apps, self.redis, self.postgres):
            part.stop()
