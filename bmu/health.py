"""Is the process up, and can it serve: /healthz, /readyz, /metrics."""

from __future__ import annotations

import hmac
from pathlib import Path

from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bmu.config import Config
from bmu.errors import NotFound
from bmu.extensions import db

blueprint = Blueprint("health", __name__)
_LOOPBACK = ("127.0.0.1", "::1")


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers. Says nothing of the database."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """The database answers and is at the newest migration: 200, else 503 with what is missing."""
    checks = {"database": _database(), "migrations": False}
    checks["migrations"] = checks["database"] and _migrated()
    ready = all(checks.values())
    return jsonify(status="ready" if ready else "not ready", **checks), 200 if ready else 503


def _database() -> bool:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def _migrated() -> bool:
    try:
        found = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    except SQLAlchemyError:
        return False
    return found == newest_migration()


def newest_migration() -> str | None:
    """The revision that the code expects."""
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return ScriptDirectory.from_config(settings).get_current_head()


@blueprint.get("/metrics")
def metrics() -> Response:
    """For this machine, or with the bearer token of BMU_METRICS_TOKEN; for others there is no such page."""
    config: Config = current_app.extensions["bmu.config"]
    given, wanted = request.headers.get("Authorization", ""), f"Bearer {config.metrics_token}"
    known = hmac.compare_digest(given.encode(), wanted.encode())
    if not (known if config.metrics_token else request.remote_addr in _LOOPBACK):
        raise NotFound()
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def init_app(app: Flask) -> None:
    """Register the three addresses."""
    app.register_blueprint(blueprint)
