"""From SQLite to PostgreSQL and back; a backup while people save, and the restore of it elsewhere."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade

from bmu import create_app
from bmu.cli import transfer
from bmu.extensions import db
from deploy.cluster.cluster import Cluster
from tests.cluster.people import EXPIRED, Person, until
from tests.conftest import config_for

SAVES_PER_SECOND = 20
# Every record's place and version are those of its last line in the log.
BROKEN = """SELECT m.id FROM monthly_tax_data m LEFT JOIN
    (SELECT entity_id, max(version) AS version, max(seq) AS seq FROM change_log WHERE entity = 'monthly_tax_data'
     GROUP BY entity_id) l ON l.entity_id = m.id
    WHERE l.version <> m.version OR l.seq <> m.seq OR l.seq IS NULL AND m.seq > 0"""


def made(url: str, folder: Path) -> Flask:
    app = create_app(config_for(url, folder))
    with app.app_context():
        upgrade()
    return app


def prints(app: Flask) -> dict[str, transfer.Print]:
    with app.app_context():
        with db.engine.connect() as connection:
            found = transfer.prints(connection)
        db.session.remove()
        db.engine.dispose()
    return found


def run(app: Flask, *words: str) -> None:
    done = app.test_cli_runner().invoke(args=[*words])
    assert done.exit_code == 0, done.output
    with app.app_context():
        db.engine.dispose()


def test_a_firm_moves_to_postgresql_and_back_without_a_difference(firm: str, server: str, tmp_path: Path) -> None:
    if not firm.startswith("sqlite"):
        pytest.skip("the firm of these tests is on PostgreSQL already")
    old = shutil.copy(firm.removeprefix("sqlite:///"), tmp_path / "old.sqlite")
    small = create_app(config_for(f"sqlite:///{old}", tmp_path))
    large = made(server.replace("postgresql:", "postgresql+psycopg:"), tmp_path)
    again = made(f"sqlite:///{tmp_path / 'new.sqlite'}", tmp_path)
    run(small, "db", "copy", server)
    run(large, "db", "copy", f"sqlite:///{tmp_path / 'new.sqlite'}")
    assert prints(small) == prints(large) == prints(again)
    assert prints(large)["monthly_tax_data"].rows > 40


@pytest.fixture(scope="module")
def cluster(start: Callable[..., Cluster]) -> Cluster:
    return start(2)


def backup_of(cluster: Cluster, file: Path) -> Path:
    cluster.flask("backup", str(file))
    return file


def test_a_backup_made_while_people_save_is_whole_and_can_be_restored(cluster: Cluster, tmp_path: Path) -> None:
    """On PostgreSQL, through two processes; restored into SQLite: counts and hashes agree, log and records too."""
    people = [Person(f"http://127.0.0.1:{app.port}", "AC00024") for app in cluster.apps]
    seen, stop, saved = {"id": people[0].record()["id"]}, Event(), list[int]()

    def save(who: Person) -> None:
        while not stop.wait(len(people) / SAVES_PER_SECOND):
            saved.append(who.save(seen, wht_response=f"{len(saved)}").status_code)

    with ThreadPoolExecutor() as pool:
        running = [pool.submit(save, who) for who in people]
        try:
            backups = [backup_of(cluster, tmp_path / f"{number}.sqlite") for number in range(2)]
        finally:
            stop.set()
        for one in running:
            one.result()
    assert len(saved) > 20 and set(saved) == {200}
    places = [sane(backup) for backup in backups]
    assert places[0] < places[1], "nothing was saved between the two: this test would not notice a torn backup"
    restored(backups[1], tmp_path)


def sane(backup: Path) -> int:
    """The newest place of a backup in which log and records agree."""
    with closing(sqlite3.connect(backup)) as database:
        assert database.execute(BROKEN).fetchall() == []
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        [(newest, counter)] = database.execute(
            "SELECT max(seq), (SELECT value FROM counters WHERE name = 'seq') FROM change_log"
        ).fetchall()
    assert newest == counter
    return int(newest)


def restored(backup: Path, folder: Path) -> None:
    """Restore elsewhere; all but what a restore changes is the same."""
    elsewhere = made(f"sqlite:///{folder / 'elsewhere.sqlite'}", folder)
    run(elsewhere, "restore", str(backup))
    wanted, found = prints(create_app(config_for(f"sqlite:///{backup}", folder))), prints(elsewhere)
    assert {name for name in wanted if wanted[name] != found[name]} <= {"counters", "user_sessions"}
    assert wanted["change_log"].rows > 100


def test_open_pages_go_on_rightly_after_a_restore(cluster: Cluster, tmp_path: Path) -> None:
    who = Person(cluster.url, "AC00012")
    backup = backup_of(cluster, tmp_path / "before.sqlite")
    accountant = Person(cluster.url, "AC00024")
    undone: dict[str, Any] = accountant.save(accountant.record(), wht_response="จะหายไป").json()["data"]
    with closing(who.listen()) as listener:
        assert listener.seq >= undone["seq"]
        cluster.flask("restore", "--replace", str(backup))
        until(lambda: EXPIRED in [event for event, _ in listener.told], "being shown out")
    again = Person(cluster.url, "AC00012")
    asked = again.call("GET", f"/monthly-tax-data/changes?since={undone['seq']}").json()["data"]
    assert asked["reset"] is True and asked["seq"] > undone["seq"]
    assert again.record()["wht_response"] != "จะหายไป"


def test_make_cluster_says_where_it_is_and_stops_cleanly(folder: Path) -> None:
    command = [sys.executable, "-m", "deploy.cluster", "--apps", "1", "--folder", str(folder / "c"), "--port", "0"]
    env = {**os.environ, "BMU_DEMO": "0"}  # without the large demo firm
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        first = process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()
    assert first.startswith("http://127.0.0.1:"), first + rest
    assert process.returncode == 0 and rest.endswith("stopped\n")
    assert not list((folder / "c" / "nginx").glob("*.pid"))
