"""Is the process up, and can it serve."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from bmu import create_app
from bmu.config import Config
from bmu.extensions import db
from bmu.health import newest_migration
from tests.conftest import SECRET, Colleague, close

FAR = {"REMOTE_ADDR": "203.0.113.7"}


def made(folder: Path, **settings: object) -> Flask:
    return create_app(Config(f"sqlite:///{folder / 'bmu.sqlite'}", folder, SECRET, testing=True, **settings))  # type: ignore[arg-type]


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Flask]:
    """An app whose metrics want a token."""
    app = made(tmp_path, metrics_token="a long token")
    yield app
    close(app)


def test_the_process_answers(reading: Flask) -> None:
    answer = reading.test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_it_is_ready_with_a_database_at_the_newest_migration(reading: Flask) -> None:
    answer = reading.test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready", "database": True, "migrations": True})


def test_it_is_not_ready_without_tables(guarded: Flask) -> None:
    answer = guarded.test_client().get("/readyz")
    assert (answer.status_code, answer.json["migrations"]) == (503, False)
    assert guarded.test_client().get("/healthz").status_code == 200


def test_it_is_not_ready_at_an_older_migration(app: Flask) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000_older'"))
    assert app.test_client().get("/readyz").status_code == 503
    assert newest_migration() is not None


def test_it_is_not_ready_without_a_database(tmp_path: Path) -> None:
    app = create_app(Config(f"sqlite:///{tmp_path}/no/such/folder/x.sqlite", tmp_path, SECRET, testing=True))
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["database"]) == (503, False)
    assert app.test_client().get("/healthz").status_code == 200


def test_metrics_are_for_this_machine(reading: Flask) -> None:
    client = reading.test_client()
    answer = client.get("/metrics")
    assert answer.status_code == 200
    for name in ("bmu_sockets_open", "bmu_views_open", "bmu_events_total", "bmu_sockets_refused_total"):
        assert name in answer.text
    assert client.get("/metrics", environ_base=FAR).status_code == 404


def test_metrics_say_nothing_of_clients(reading: Flask) -> None:
    Colleague(reading, "AC00024").listen(table="tax-status")
    said = reading.test_client().get("/metrics").text
    assert "AC00024" not in said and "บริษัท" not in said


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer wrong", "a long toke", "Basic a long token", "Bearer \xe0"])
def test_with_a_token_metrics_are_for_who_knows_it(guarded: Flask, given: str) -> None:
    client = guarded.test_client()
    good = {"Authorization": "Bearer a long token"}
    assert client.get("/metrics", headers=good, environ_base=FAR).status_code == 200
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 404
