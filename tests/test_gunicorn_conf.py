"""The server's settings, read as gunicorn reads them. How they behave on a real gunicorn: tests/faults."""

from __future__ import annotations

import gc
import resource
import runpy
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config

ROOT = Path(__file__).resolve().parent.parent
READ = ("BMU_ASYNC_MODE", "BMU_DATABASE_URL", "BMU_LOG_LEVEL", "HOST", "PORT", "FORWARDED_ALLOW_IPS")


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Nothing in the environment, and file limits of 1024 (soft) and 4096; gives those that were set."""
    for name in READ:
        monkeypatch.delenv(name, raising=False)
    chosen: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 4096))
    monkeypatch.setattr(resource, "setrlimit", lambda _, pair: chosen.append(pair))
    return chosen


@pytest.fixture(autouse=True)
def frozen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of the garbage collector, which stays as it is here."""
    asked: list[str] = []
    for name in ("collect", "freeze", "set_threshold"):
        monkeypatch.setattr(gc, name, lambda *_, name=name: asked.append(name))
    return asked


def conf() -> dict[str, Any]:
    """The names that gunicorn.conf.py defines."""
    return runpy.run_path(str(ROOT / "gunicorn.conf.py"))


def settings() -> Config:
    """gunicorn's configuration after reading them."""
    config = Config()
    for name, value in conf().items():
        if name in config.settings:
            config.set(name, value)
    return config


def an_arbiter(**settings: Any) -> SimpleNamespace:
    """What the hooks see of gunicorn's arbiter."""
    log = SimpleNamespace(error=lambda *_: None)
    return SimpleNamespace(cfg=SimpleNamespace(preload_app=False, **settings), log=log, num_workers=None)


def test_gunicorn_knows_every_setting() -> None:
    """It ignores a name with a slip of the pen in it."""
    ours = {name for name, value in conf().items() if name.islower() and not name.startswith("_")}
    imported = {"annotations", "faulthandler", "gc", "os", "resource", "subprocess", "sys", "partial"}
    assert ours - imported <= set(Config().settings)


def test_one_eventlet_worker_on_the_loopback_address() -> None:
    config = settings()
    assert (config.worker_class_str, config.workers) == ("gunicorn_eventlet.EventletWorker", 1)
    assert config.address == [("127.0.0.1", 8000)]
    assert config.env == {"BMU_ASYNC_MODE": "eventlet"}
    assert config.forwarded_allow_ips == ["127.0.0.1", "::1"]


def test_it_runs_in_its_own_folder_wherever_it_is_started() -> None:
    assert settings().chdir == str(ROOT)


def test_the_environment_names_address_mode_and_level(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"HOST": "127.0.0.9", "PORT": "8123", "BMU_ASYNC_MODE": "gevent", "BMU_LOG_LEVEL": "WARNING"}
    for name, value in known.items():
        monkeypatch.setenv(name, value)
    config = settings()
    assert config.address == [("127.0.0.9", 8123)]
    assert (config.worker_class_str, config.loglevel) == ("gevent", "warning")


@pytest.mark.parametrize(
    ("url", "runs"),
    [("", 1), ("sqlite:////srv/tax.sqlite", 1), ("postgresql://db/tax", 0)],
    ids=["none", "file", "server"],
)
def test_only_our_own_database_is_brought_up_to_date(monkeypatch: pytest.MonkeyPatch, url: str, runs: int) -> None:
    ran = upgrades(monkeypatch, code=0)
    monkeypatch.setenv("BMU_DATABASE_URL", url)
    conf()["on_starting"](an_arbiter())
    assert [command[1:] for command in ran] == [["-m", "flask", "--app", "wsgi", "db", "upgrade"]] * runs


def test_a_database_that_cannot_be_upgraded_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    upgrades(monkeypatch, code=1)
    with pytest.raises(RuntimeError, match="database"):
        conf()["on_starting"](an_arbiter())


def test_every_connection_finds_a_file_descriptor(
    monkeypatch: pytest.MonkeyPatch, limits: list[tuple[int, int]]
) -> None:
    upgrades(monkeypatch, code=0)
    conf()["on_starting"](an_arbiter())
    assert limits == [(settings().worker_connections + 500, 4096)]


def upgrades(monkeypatch: pytest.MonkeyPatch, code: int) -> list[list[str]]:
    """The commands that are run from now on; each only returns `code`."""
    ran: list[list[str]] = []

    def run(command: list[str], **_: Any) -> SimpleNamespace:
        ran.append(command)
        return SimpleNamespace(returncode=code)

    monkeypatch.setattr(subprocess, "run", run)
    return ran


def test_several_workers_are_refused() -> None:
    with pytest.raises(RuntimeError, match="one worker"):
        conf()["nworkers_changed"](an_arbiter(), 2, None)


def test_a_second_worker_asked_for_later_is_not_started() -> None:
    arbiter = an_arbiter()
    conf()["nworkers_changed"](arbiter, 2, 1)
    assert arbiter.num_workers == 1


def test_preloading_is_refused() -> None:
    arbiter = an_arbiter()
    arbiter.cfg.preload_app = True
    with pytest.raises(RuntimeError, match="--preload"):
        conf()["nworkers_changed"](arbiter, 1, None)


def test_the_worker_starts_the_background_and_learns_to_drain() -> None:
    told: list[str] = []
    engine = SimpleNamespace(sockets={"a": 1, "b": 2}, disconnect=told.append)
    server = SimpleNamespace(eio=engine, start_background_task=lambda task, *args: task(*args))
    offers = {"bmu.background": [lambda: told.append("started")], "socketio": SimpleNamespace(server=server)}
    worker = SimpleNamespace(wsgi=SimpleNamespace(extensions=offers))
    conf()["post_worker_init"](worker)
    worker.drain_hook()
    assert told == ["started", "a", "b"]


def test_the_apps_own_way_to_drain_is_preferred() -> None:
    def ours() -> None: ...

    worker = SimpleNamespace(wsgi=SimpleNamespace(extensions={"bmu.drain": ours, "socketio": object()}))
    conf()["post_worker_init"](worker)
    assert worker.drain_hook is ours


def test_the_app_is_warmed_before_it_is_spared_and_before_its_background_begins(frozen: list[str]) -> None:
    offers = {"bmu.warm": lambda: frozen.append("warm"), "bmu.background": [lambda: frozen.append("background")]}
    conf()["post_worker_init"](SimpleNamespace(wsgi=SimpleNamespace(extensions=offers)))
    assert frozen.index("warm") < frozen.index("freeze") < frozen.index("background")


def test_the_loaded_app_is_left_out_of_garbage_collections(frozen: list[str]) -> None:
    conf()["post_worker_init"](SimpleNamespace(wsgi=object()))
    assert frozen[:2] == ["collect", "freeze"]
