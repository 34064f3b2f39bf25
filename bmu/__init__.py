"""The live tax desk of an accounting firm."""

from __future__ import annotations

import os

# psycopg asks eventlet to wait only through select(); it reads this when first imported (stack trap 5).
os.environ.setdefault("PSYCOPG_WAIT_FUNC", "wait_selector")

from flask_openapi3 import OpenAPI

from bmu import (
    accounts,
    assets,
    assignments,
    chores,
    cli,
    clients,
    database,
    docs,
    errors,
    health,
    i18n,
    logs,
    monthly_tax,
    notifications,
    openapi,
    papers,
    people,
    realtime,
    security,
    warm,
)
from bmu.config import ROOT, Config, from_env
from bmu.extensions import db, limiter, migrate
from bmu.json import Json

__version__ = "0.1.0"


def create_app(config: Config | None = None) -> OpenAPI:
    """The application, from `config` (default: the environment). Raises BadSetting."""
    config = config or from_env()
    app = openapi.new_app(
        __name__,
        __version__,
        static_folder=None,
        template_folder=str(ROOT / "templates"),
        instance_path=str(config.instance),
    )
    app.config.update(_flask_settings(config))
    app.extensions["bmu.config"] = config
    app.json = Json(app)

    logs.configure(config.log_level)
    logs.init_app(app)
    errors.init_app(app)
    security.init_app(app, config)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "bmu" / "migrations"), render_as_batch=True)
    limiter.init_app(app)
    i18n.init_app(app)
    assets.init_app(app)

    accounts.init_app(app, config)
    clients.init_app(app)
    notifications.init_app(app)
    monthly_tax.init_app(app)
    assignments.init_app(app)
    people.init_app(app)
    papers.init_app(app)
    realtime.init_app(app, config)
    chores.init_app(app, config)
    docs.init_app(app)
    health.init_app(app)
    openapi.init_app(app)
    cli.init_app(app)
    warm.init_app(app)
    return app


def _flask_settings(config: Config) -> dict[str, object]:
    return {
        "TESTING": config.testing,
        "SECRET_KEY": config.secret_key,
        "SQLALCHEMY_DATABASE_URI": config.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": database.engine_options(config),
        "RATELIMIT_STORAGE_URI": config.redis_url or "memory://",
        "RATELIMIT_STRATEGY": "moving-window",
        # A Redis that is away must not turn every request into a 500 (stack trap 13).
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": bool(config.redis_url),
        # The first that meets it turns to the memory; all others that were asking Redis just then would be 500s yet.
        "RATELIMIT_SWALLOW_ERRORS": bool(config.redis_url),
        "RATELIMIT_STORAGE_OPTIONS": {"socket_timeout": 1} if config.redis_url else {},
    }
