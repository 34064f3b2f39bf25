"""Where the tests keep their databases: files of SQLite, or databases of the PostgreSQL server that
`BMU_TEST_POSTGRES` names (`postgresql://user@host:port/postgres`, whose user may create databases)."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

SERVER = os.environ.get("BMU_TEST_POSTGRES", "")
sqlite_only = pytest.mark.skipif(bool(SERVER), reason="is about SQLite")


def empty(folder: Path) -> str:
    """The URL of a new, empty database."""
    return _create() if SERVER else f"sqlite:///{folder / 'bmu.sqlite'}"


def copy(url: str, folder: Path) -> str:
    """The URL of a new copy of a database to which nobody is connected."""
    if SERVER:
        return _create(make_url(url).database)
    shutil.copy(url.removeprefix("sqlite:///"), folder / "bmu.sqlite")
    return f"sqlite:///{folder / 'bmu.sqlite'}"


def drop(url: str) -> None:
    """Let go of a database; files go with their folder."""
    if SERVER:
        _do(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')


def _create(template: str | None = "template0") -> str:
    name = f"bmu_test_{uuid.uuid4().hex}"
    _do(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    return make_url(SERVER).set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)


def _do(statement: str) -> None:
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]
