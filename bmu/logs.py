"""Structured logging: one JSON line per request, one per commit, each with the request's id."""

from __future__ import annotations

import logging
import re
import time
import uuid

import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger("bmu.request")
_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")


def configure(level: str) -> None:
    """Set up structlog for the process; `level` is a name of the logging module."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=False,
    )


def init_app(app: Flask) -> None:
    """One line per request, with method, path, status, milliseconds, user and request id."""
    app.before_request(_begin)
    app.after_request(_end)


def begin_event(**facts: object) -> None:
    """Forget what the last request or event on this green thread bound (stack trap 8), then bind `facts`."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**facts)


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _ID.match(given) else uuid.uuid4().hex[:16]
    g.started = time.perf_counter()
    begin_event(request_id=g.request_id)


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if not request.path.startswith(("/static/", "/healthz")):
        log.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
        )
    return response
