"""What the environment says is parsed once; what cannot be parsed stops the start with the variable's name."""

from __future__ import annotations

import stat
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bmu.config import BadSetting, Config, from_env

LONG = "x" * 32


def read(tmp_path: Path, **env: str) -> Config:
    return from_env({"BMU_SECRET_KEY": LONG, **env}, instance=tmp_path)


def test_without_any_setting_everything_is_in_the_instance_folder(tmp_path: Path) -> None:
    config = from_env({}, instance=tmp_path / "made")
    assert config.database_url == f"sqlite:///{tmp_path / 'made' / 'bmu.sqlite'}"
    assert config.is_sqlite and not config.redis_url and config.origins == ()
    assert (config.demo, config.https, config.testing, config.proxies) == (False, False, False, 0)
    assert (config.access_lifetime, config.refresh_idle) == (timedelta(minutes=30), timedelta(hours=2))


def test_an_empty_setting_is_none(tmp_path: Path) -> None:
    names = ("DATABASE_URL", "REDIS_URL", "ORIGINS", "ASYNC_MODE", "DEMO", "HTTPS", "PROXIES", "ACCESS_MINUTES")
    empty = {f"BMU_{name}": "" for name in (*names, "FANOUT")}
    assert read(tmp_path, **empty) == read(tmp_path)


@pytest.mark.parametrize(
    ("env", "name", "value"),
    [
        ({"BMU_DATABASE_URL": "postgres://u:p@h/d"}, "database_url", "postgresql+psycopg://u:p@h/d"),
        ({"BMU_DATABASE_URL": "postgresql://u:p@h/d"}, "database_url", "postgresql+psycopg://u:p@h/d"),
        ({"BMU_DATABASE_URL": "postgresql+psycopg://h/d"}, "database_url", "postgresql+psycopg://h/d"),
        ({"BMU_DATABASE_URL": "sqlite:////tmp/x.sqlite"}, "database_url", "sqlite:////tmp/x.sqlite"),
        ({"BMU_REDIS_URL": "redis://h:6379/1"}, "redis_url", "redis://h:6379/1"),
        ({"BMU_ORIGINS": "https://a.example/, http://b:8080"}, "origins", ("https://a.example", "http://b:8080")),
        ({"BMU_ASYNC_MODE": "eventlet"}, "async_mode", "eventlet"),
        ({"BMU_DEMO": "Yes"}, "demo", True),
        ({"BMU_DEMO": "0"}, "demo", False),
        ({"BMU_HTTPS": "true"}, "https", True),
        ({"BMU_PROXIES": "2"}, "proxies", 2),
        ({"BMU_ACCESS_MINUTES": "0.5"}, "access_lifetime", timedelta(seconds=30)),
        ({"BMU_SESSION_MINUTES": "60"}, "session_lifetime", timedelta(hours=1)),
        ({"BMU_LOG_LEVEL": "debug"}, "log_level", "DEBUG"),
        ({"BMU_METRICS_TOKEN": "t"}, "metrics_token", "t"),
        ({"BMU_FANOUT": "library"}, "fanout", "library"),
    ],
    ids=str,
)
def test_a_good_value_is_taken(tmp_path: Path, env: dict[str, str], name: str, value: Any) -> None:
    assert getattr(read(tmp_path, **env), name) == value


BAD = {
    "BMU_DATABASE_URL": ["mysql://h/d", "postgresql+psycopg2://h/d", "bmu.sqlite", "sqlite", "sqlite:x",
                         "postgresql:x", "://", " "],
    "BMU_SECRET_KEY": ["short", "x" * 31],
    "BMU_REDIS_URL": ["localhost:6379", "http://h", "amqp://h", "redis"],
    "BMU_ORIGINS": ["*", "https://*.example", "example.com", "https://a.example/path", "ftp://a", "https://",
                    "https://a.example?x=1", "https://a.example#x", "https://u:p@a.example", "http://[", "null"],
    "BMU_ASYNC_MODE": ["asyncio", "Eventlet", "gevent_uwsgi"],
    "BMU_DEMO": ["maybe", "2", "on "],
    "BMU_HTTPS": ["https"],
    "BMU_PROXIES": ["-1", "x", "1.5"],
    "BMU_ACCESS_MINUTES": ["0", "-5", "x", "nan", "inf", "1e9"],
    "BMU_IDLE_MINUTES": ["zero"],
    "BMU_SESSION_MINUTES": ["0"],
    "BMU_LOG_LEVEL": ["LOUD", "10"],
    "BMU_FANOUT": ["Direct", "fast"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_bad_value_is_refused_by_the_variables_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        read(tmp_path, **{name: value})


def test_a_secret_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    first = from_env({}, instance=tmp_path).secret_key
    file = tmp_path / "secret_key"
    assert len(first) >= 48 and from_env({}, instance=tmp_path).secret_key == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert from_env({}, instance=tmp_path / "other").secret_key != first


def test_the_secret_of_the_environment_is_not_written_down(tmp_path: Path) -> None:
    assert read(tmp_path).secret_key == LONG
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize("content", ["", "\n", "short"])
def test_a_damaged_secret_is_refused(tmp_path: Path, content: str) -> None:
    """An empty key would sign tokens that anybody can make."""
    (tmp_path / "secret_key").write_text(content)
    with pytest.raises(BadSetting, match="secret_key"):
        from_env({}, instance=tmp_path)


def test_processes_that_start_at_once_have_the_same_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None of them reads a secret that is half written."""
    import time

    import bmu.config as config

    made = config.secrets.token_urlsafe
    monkeypatch.setattr(config.secrets, "token_urlsafe", lambda n: (time.sleep(0.01), made(n))[1])
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(from_env({}, instance=tmp_path).secret_key)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len(set(found)) == 1 and len(found[0]) >= 48
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_it_cannot_be_changed(tmp_path: Path) -> None:
    config: Any = read(tmp_path)
    with pytest.raises(AttributeError):
        config.demo = True


def test_the_change_log_is_kept_for_ever_or_for_more_than_a_year(tmp_path: Path) -> None:
    assert read(tmp_path).log_kept is read(tmp_path, BMU_LOG_DAYS="0").log_kept is None
    assert read(tmp_path, BMU_LOG_DAYS="400").log_kept == timedelta(days=400)
    with pytest.raises(BadSetting, match="BMU_LOG_DAYS"):
        read(tmp_path, BMU_LOG_DAYS="399")
