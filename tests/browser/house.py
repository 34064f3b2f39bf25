"""The real server: the app in gunicorn on a copy of a small firm, started, broken and stopped by its process id."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from flask_migrate import upgrade

from bmu import create_app
from bmu.changes.work import By
from bmu.cli.seed import Size, sow
from bmu.config import Config
from bmu.extensions import db
from bmu.monthly_tax import queries, service
from deploy.cluster.part import free_port
from tests.conftest import FIVE, MONTH, NOW, config_for

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds for what must come; a machine that does other things too may be slow
STAGE_SIZE = 12
Rows = list[tuple[Any, ...]]


def until(ask: Callable[[], Any], what: str | Callable[[], str], patience: float = PATIENCE) -> Any:
    """The first truthy answer of `ask`; fails when none comes in `patience` seconds."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if answer := ask():
            return answer
        time.sleep(0.03)
    pytest.fail(f"waited {patience:.0f} s for {what if isinstance(what, str) else what()}")


@dataclass
class Server:
    """`gunicorn wsgi:app` with gunicorn.conf.py on the database in `folder`."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    _beside: Flask | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What it has said so far."""
        return self.folder / "log"

    @property
    def environment(self) -> dict[str, str]:
        """For it, and for commands on its database."""
        known = {"BMU_INSTANCE": str(self.folder), "BMU_DATABASE_URL": "", "BMU_DEMO": "1", "FLASK_SKIP_DOTENV": "1"}
        return {**os.environ, **known, **self.env}

    def start(self) -> Server:
        """Start it (again, on the same port); itself, once it answers."""
        command = [sys.executable, "-m", "gunicorn", "wsgi:app", "-b", f"127.0.0.1:{self.port}"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            until(self._answers, "the server to answer")
        except BaseException:
            self.stop(signal.SIGKILL)  # nobody else knows of it yet
            raise
        return self

    def _answers(self) -> bool:
        assert self.process is not None and self.process.poll() is None, self.log.read_text()
        try:
            return requests.get(f"{self.url}/readyz", timeout=5).ok
        except requests.RequestException:
            return False

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> None:
        """End it, arbiter and worker, with `sign`."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, sign) if sign is signal.SIGKILL else self.process.send_signal(sign)
            self.process.wait(PATIENCE)

    def flask(self, *words: str) -> str:
        """Run `flask --app wsgi …` on its database, in a process of its own; what it printed."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def hand_over(self, build: str, role: str, person: str) -> None:
        """Put `person` in charge of `role` in the month of the tests: a commit of another process, like the CLI's."""
        if self._beside is None:
            self._beside = create_app(settings_of(self.folder))
        with self._beside.app_context():
            record_id = queries.id_of(build, *MONTH)
            assert record_id is not None
            service.hand_over(By(None, "tests"), record_id, {role: person})
            db.session.remove()
            db.engine.dispose()

    def query(self, statement: str, *values: Any) -> Rows:
        """Ask its database."""
        with sqlite3.connect(self.folder / "bmu.sqlite", timeout=10) as database:
            found: Rows = database.execute(statement, values).fetchall()
        database.close()
        return found


def settings_of(folder: Path) -> Config:
    """The configuration of an app, in this process, on the database in `folder`."""
    return config_for(f"sqlite:///{folder / 'bmu.sqlite'}", folder)


def found(folder: Path, clients: int, months: int) -> Path:
    """The database of a new demo firm in `folder`, built by the migrations."""
    app = create_app(settings_of(folder))
    with app.app_context():
        upgrade()
        sow(Size(clients=clients, months=months), NOW)
        db.session.remove()
        db.engine.dispose()
    return folder / "bmu.sqlite"


def copy_of(firm: Path, folder: Path, **env: str) -> Server:
    """A server on a copy of the firm's database, not yet started."""
    shutil.copy(firm, folder / "bmu.sqlite")
    return Server(folder, env)


class Stage:
    """Records of VAT clients in the month of the tests that belong to the five of the cast.

    Tests take what they need; what is taken is put into one state, from which every save is allowed.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        wanted = """SELECT m.build FROM monthly_tax_data m JOIN clients c ON c.build = m.build
            WHERE (m.tax_year, m.tax_month) = (?, ?) AND c.tax_registration_status = ? AND m.build <> '018'
            ORDER BY m.build LIMIT ?"""
        found = server.query(wanted, *MONTH, "จดภาษีมูลค่าเพิ่ม", STAGE_SIZE)
        self._names = [name for (_, name, *_) in server.query("PRAGMA table_info(monthly_tax_data)")]
        self._builds = cycle([build for (build,) in found])
        for _ in found:
            self.take()

    def take(self) -> str:
        """The build of a record nobody else works on."""
        build = next(self._builds)
        forms = {name: "not_submitted" for name in self._names if FORM.fullmatch(name)}
        values = forms | FIVE | START
        assigned = ", ".join(f"{name} = ?" for name in values)
        where = "WHERE build = ? AND (tax_year, tax_month) = (?, ?)"
        self.server.query(f"UPDATE monthly_tax_data SET {assigned} {where}", *values.values(), build, *MONTH)
        return build


FORM = re.compile("(pnd_[0-9].*|pp_36|pt_40|social.*|student.*)_status")
START = {
    "pnd_status": "draft_ready",
    "pp30_status": "draft_ready",
    "income_confirmed": "customer_confirmed",
    "purchase_document_count": 3,
    "pp30_payment_status": "no_payment",
    "pp30_payment_amount": None,
}
