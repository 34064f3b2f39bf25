"""The app with a stop-watch around each stage of a save: `gunicorn tests.bench.staged:app`. Logs one line a PUT.

The watch is in this process of the bench alone: it takes functions by name and puts a timed one in their place. Each
stage has its own time, without that of the stages inside it; what belongs to none is the stage REST.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from sqlalchemy.engine.default import DefaultDialect

from bmu import database
from bmu.accounts import access
from bmu.monthly_tax import api, notices, queries, rules, service, validations
from bmu.monthly_tax.schemas import SaveBody
from bmu.realtime import broadcast, wire
from bmu.realtime import notices as bell
from wsgi import app

log = structlog.get_logger(__name__)
REST = "request"
TURNS = ("BEGIN IMMEDIATE", "INSERT INTO counters")
STAGES: dict[str, list[tuple[Any, str]]] = {
    "who asks": [(access, "verified")],
    "parse": [(SaveBody, "model_validate"), (SaveBody, "model_validate_json"), (service, "_differing")],
    "rules": [(rules, name) for name in ("settled", "refused", "stamps")] + [(validations, "faults")],
    "transaction": [(service, "save")],
    "statements": [(DefaultDialect, "do_executemany")],
    "commit": [(database, "keep"), (DefaultDialect, "do_commit")],
    "answer": [(service, "shown"), (api, "_dressed")],
    "notices": [(notices, "tell"), (bell, "push")],
    "tell": [(broadcast, "tell")],
    "render": [(broadcast, "form"), (queries, "to_json"), (api, "row_html")],
    "emit": [(wire, "emit")],
}


class Watch(threading.local):
    """The time of each stage of the request that this (green) thread serves, in seconds; off between requests."""

    def __init__(self) -> None:
        self.stack: list[str] = []
        self.spent: defaultdict[str, float] = defaultdict(float)
        self.since = 0.0

    def enter(self, stage: str) -> None:
        """A stage begins, inside the one that runs."""
        self._pass()
        self.stack.append(stage)

    def leave(self) -> None:
        """The inner stage ends; the one around it goes on."""
        self._pass()
        self.stack.pop()

    def _pass(self) -> None:
        now = time.perf_counter()
        if self.stack:
            self.spent[self.stack[-1]] += now - self.since
        self.since = now


watch = Watch()


def _timed(stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def timed(*args: Any, **kwargs: Any) -> Any:
        if not watch.stack:
            return function(*args, **kwargs)
        watch.enter(stage)
        try:
            return function(*args, **kwargs)
        finally:
            watch.leave()

    return timed


def _watched(serve: Callable[..., Any]) -> Callable[..., Any]:
    """The app, whose PUTs are timed and logged."""

    def request(environ: dict[str, Any], start: Any) -> Any:
        if environ["REQUEST_METHOD"] != "PUT":
            return serve(environ, start)
        watch.spent.clear()
        watch.enter(REST)
        try:
            return serve(environ, start)
        finally:
            watch.leave()
            log.info("stages", **{stage: round(1000 * seconds, 4) for stage, seconds in watch.spent.items()})

    return request


def _executed(execute: Callable[..., Any]) -> Callable[..., Any]:
    """A statement: those at which savers wait for each other are a stage of their own."""
    waiting, others = _timed("turn", execute), _timed("statements", execute)

    @wraps(execute)
    def executed(self: Any, cursor: Any, statement: str, *rest: Any) -> Any:
        return (waiting if statement.startswith(TURNS) else others)(self, cursor, statement, *rest)

    return executed


DefaultDialect.do_execute = _executed(DefaultDialect.do_execute)  # type: ignore[method-assign]
for stage, functions in STAGES.items():
    for owner, name in functions:
        setattr(owner, name, _timed(stage, getattr(owner, name)))
app.wsgi_app = _watched(app.wsgi_app)  # type: ignore[method-assign]
