"""What the environment says, parsed once into one frozen value. Refuses what it cannot parse."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
_ORIGIN = re.compile(r"https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?")
LEAST_LOG_DAYS = 400
ASYNC_MODES = ("eventlet", "threading", "gevent")
FANOUTS = ("direct", "library")


class BadSetting(ValueError):
    """An environment variable holds something we will not guess about."""


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting of the process. `from_env` is the only reader of the environment.

    database_url: SQLAlchemy URL; redis_url: empty for one process; secret_key: ≥ 32 characters;
    origins: further origins that may open a socket (same origin is always allowed);
    access_lifetime, refresh_idle, session_lifetime: how long a token, an idle and any session lives;
    log_kept: how long the change log is kept (None: for ever);
    fanout: whether sockets are sent to by our own short way, or by Engine.IO's (realtime/fanout.py).
    """

    database_url: str
    instance: Path
    secret_key: str
    redis_url: str = ""
    origins: tuple[str, ...] = ()
    async_mode: str = "threading"
    demo: bool = False
    testing: bool = False
    https: bool = False
    proxies: int = 0
    access_lifetime: timedelta = timedelta(minutes=30)
    refresh_idle: timedelta = timedelta(hours=2)
    session_lifetime: timedelta = timedelta(hours=14)
    log_level: str = "INFO"
    metrics_token: str = ""
    log_kept: timedelta | None = None
    fanout: str = "direct"

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is SQLite (one process, one machine)."""
        return self.database_url.startswith("sqlite")


def from_env(env: Mapping[str, str] | None = None, *, instance: Path | None = None) -> Config:
    """Read the settings of design §8 from `env` (default: the process's environment).

    Raises BadSetting with the variable's name when a value cannot be parsed.
    """
    env = os.environ if env is None else env
    folder = instance or Path(env.get("BMU_INSTANCE", "") or ROOT / "instance")
    folder.mkdir(parents=True, exist_ok=True)
    return Config(
        database_url=_database_url(env.get("BMU_DATABASE_URL", ""), folder),
        instance=folder,
        secret_key=_secret(env.get("BMU_SECRET_KEY", ""), folder),
        redis_url=_redis_url(env.get("BMU_REDIS_URL", "")),
        origins=_origins(env.get("BMU_ORIGINS", "")),
        async_mode=_one_of("BMU_ASYNC_MODE", env.get("BMU_ASYNC_MODE", "") or "threading", ASYNC_MODES),
        demo=_flag("BMU_DEMO", env.get("BMU_DEMO", "")),
        https=_flag("BMU_HTTPS", env.get("BMU_HTTPS", "")),
        proxies=_number("BMU_PROXIES", env.get("BMU_PROXIES", ""), default=0, least=0),
        access_lifetime=_minutes("BMU_ACCESS_MINUTES", env.get("BMU_ACCESS_MINUTES", ""), 30),
        refresh_idle=_minutes("BMU_IDLE_MINUTES", env.get("BMU_IDLE_MINUTES", ""), 120),
        session_lifetime=_minutes("BMU_SESSION_MINUTES", env.get("BMU_SESSION_MINUTES", ""), 14 * 60),
        log_level=_one_of(
            "BMU_LOG_LEVEL", (env.get("BMU_LOG_LEVEL", "") or "INFO").upper(), ("DEBUG", "INFO", "WARNING", "ERROR")
        ),
        metrics_token=env.get("BMU_METRICS_TOKEN", ""),
        log_kept=_log_kept(env.get("BMU_LOG_DAYS", "")),
        fanout=_one_of("BMU_FANOUT", env.get("BMU_FANOUT", "") or "direct", FANOUTS),
    )


def _database_url(raw: str, folder: Path) -> str:
    return database_url(raw) if raw else f"sqlite:///{folder / 'bmu.sqlite'}"


def database_url(raw: str) -> str:
    """The URL of a database as SQLAlchemy takes it, with the one driver we use. Raises BadSetting."""
    scheme, _, rest = raw.partition(":")
    if scheme in ("postgres", "postgresql"):
        # One driver: the one whose waiting eventlet can take over (stack §3).
        scheme = "postgresql+psycopg"
    if scheme not in ("sqlite", "postgresql+psycopg") or not rest.startswith("//"):
        raise BadSetting(f"BMU_DATABASE_URL: sqlite://… or postgresql://…, not {scheme!r}")
    return f"{scheme}:{rest}"


def _secret(raw: str, folder: Path) -> str:
    """The secret of the environment, or one made once and kept readable by its owner only."""
    if raw:
        if len(raw) < 32:
            raise BadSetting("BMU_SECRET_KEY: at least 32 characters")
        return raw
    path = folder / "secret_key"
    if not path.exists():
        _make_secret(path)
    secret = path.read_text().strip()
    if len(secret) < 32:
        # An empty key signs tokens that anybody can make.
        raise BadSetting(f"{path}: damaged; without it a new secret_key is made, and everybody signs in again")
    return secret


def _make_secret(path: Path) -> None:
    """Written aside and put in place whole: of processes that start at once all read the same, and none half of it."""
    handle, aside = tempfile.mkstemp(prefix=".secret_key.", dir=path.parent)  # readable by its owner only
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
    with suppress(FileExistsError):
        os.link(aside, path)
    os.unlink(aside)


def _redis_url(raw: str) -> str:
    if raw and urlsplit(raw).scheme not in ("redis", "rediss", "unix"):
        raise BadSetting("BMU_REDIS_URL: redis://, rediss:// or unix://")
    return raw


def _origins(raw: str) -> tuple[str, ...]:
    """Comma-separated origins, each scheme://host[:port]; a wildcard is refused (market F.1)."""
    origins = tuple(part.strip().rstrip("/") for part in raw.split(",") if part.strip())
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise BadSetting(f"BMU_ORIGINS: not an origin: {origin!r}")
    return origins


def _flag(name: str, raw: str) -> bool:
    known = {"": False, "0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}
    try:
        return known[raw.lower()]
    except KeyError:
        raise BadSetting(f"{name}: 1 or 0, not {raw!r}") from None


def _number(name: str, raw: str, *, default: int, least: int) -> int:
    try:
        number = int(raw) if raw else default
    except ValueError:
        raise BadSetting(f"{name}: a whole number, not {raw!r}") from None
    if number < least:
        raise BadSetting(f"{name}: at least {least}")
    return number


def _minutes(name: str, raw: str, default: float) -> timedelta:
    try:
        minutes = float(raw) if raw else default
    except ValueError:
        raise BadSetting(f"{name}: minutes, not {raw!r}") from None
    if not 0 < minutes < 1_000_000:
        raise BadSetting(f"{name}: more than 0 minutes")
    return timedelta(minutes=minutes)


def _log_kept(raw: str) -> timedelta | None:
    """A year and the time to close its books are the least: who, when and from what to what is why there is a log."""
    days = _number("BMU_LOG_DAYS", raw, default=0, least=0)
    if 0 < days < LEAST_LOG_DAYS:
        raise BadSetting(f"BMU_LOG_DAYS: 0 (for ever) or at least {LEAST_LOG_DAYS}")
    return timedelta(days=days) if days else None


def _one_of(name: str, raw: str, choices: tuple[str, ...]) -> str:
    if raw not in choices:
        raise BadSetting(f"{name}: one of {', '.join(choices)}, not {raw!r}")
    return raw
