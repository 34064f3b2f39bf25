"""The second shape for tests: a PostgreSQL of their own, and several processes of the app behind nginx on it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.cluster.cluster import Cluster
from deploy.cluster.lend import postgres
from deploy.cluster.part import CannotStart, program

NEEDED = (("postgres",), ("initdb",), ("valkey-server", "redis-server"), ("nginx",))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, and skip them only where the servers cannot be had."""
    missing = _missing()
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("cluster")
            if missing:
                item.add_marker(pytest.mark.skip(reason=f"{missing}: run deploy/cluster-needs"))


def _missing() -> str:
    try:
        for names in NEEDED:
            program(*names)
    except CannotStart as error:
        return str(error)
    return ""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of an empty database on a PostgreSQL server of this module's own."""
    with postgres() as lent:
        yield lent.url


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder into which PostgreSQL's user can look too; pytest's own are private."""
    made = Path(tempfile.mkdtemp(prefix="bmu-cluster-"))
    os.chmod(made, 0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def start() -> Iterator[Callable[..., Cluster]]:
    """Starts clusters with a small demo firm; `apps` says how many processes. They are stopped after the module."""
    made: list[Cluster] = []

    def make(apps: int = 2, **env: str) -> Cluster:
        home = Path(tempfile.mkdtemp(prefix="bmu-cluster-"))
        os.chmod(home, 0o755)
        cluster = Cluster(home, apps, **env)
        cluster.postgres.fleeting = True
        made.append(cluster)
        cluster.start("seed", "demo", "--clients", "40", "--months", "2")
        return cluster

    yield make
    for cluster in made:
        cluster.stop()
        shutil.rmtree(cluster.folder, ignore_errors=True)
