"""Is the process up, and can it serve: /healthz, /readyz, /metrics."""

from __future__ import annotations

import hmac
from pathlib import Path

from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, Counter, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bmu.changes.work import Change, committed
from bmu.config import Config
from bmu.errors import Conflict, NotFound
from bmu.extensions import db

REFUSALS = (401, 403, 404, 429)
requests = Counter("bmu_requests_total", "Answers by door and status", ["door", "status"])
refused = Counter("bmu_doors_refused_total", "Answers that let nobody in", ["door", "status"])
conflicts = Counter("bmu_conflicts_total", "Saves that met somebody else's (409)")
saves = Counter("bmu_saves_total", "Committed changes of this process", ["entity", "action"])
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


def count_answer(response: Response) -> Response:
    """Count an answer by its door: the endpoint's name, never what was asked of it."""
    door, status = request.endpoint or "none", response.status_code
    requests.labels(door, status).inc()
    if status in REFUSALS:
        refused.labels(door, status).inc()
    if status == Conflict.status:
        conflicts.inc()
    return response


def count_saves(changes: list[Change]) -> None:
    """Count what was committed."""
    for change in changes:
        saves.labels(change.entity, change.action).inc()


def init_app(app: Flask) -> None:
    """Register the three addresses, and count what /metrics tells of answers and saves."""
    app.register_blueprint(blueprint)
    app.after_request(count_answer)
    committed.connect(count_saves, weak=False)
