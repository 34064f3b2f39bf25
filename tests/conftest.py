"""The firm on which tests run: the demo cast on a small firm, made once by the migrations, copied for every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import select

from bmu import create_app
from bmu.accounts import sessions, tokens
from bmu.accounts.models import User
from bmu.accounts.rules import Actor
from bmu.changes.work import transaction
from bmu.cli.seed import Size, sow
from bmu.config import Config
from bmu.extensions import db, socketio
from bmu.i18n import Month, tax_month
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.realtime import broadcast, presence, views
from bmu.realtime import listeners as listening
from bmu.realtime.recent import recent
from bmu.realtime.subscriptions import SUBSCRIBE
from tests import databases
from tests.workers import Sharing

PASSWORD = "bmu-demo-2569"
SECRET = "a secret of the tests, 32 letters or more"
NOW = datetime.now(UTC)
MONTH: Month = tax_month(NOW)
FIVE = {
    "accounting_responsible": "AC00024",
    "tax_inspection_responsible": "AC00008",
    "wht_filer_current_employee_id": "AC00012",
    "vat_filer_current_employee_id": "AC00015",
    "document_entry_responsible": "AC00031",
}
STRANGER = "AC00040"
NOTIFICATION = "notification:"


@pytest.hookimpl(optionalhook=True)  # nobody asks for it where xdist is left out
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sharing:
    """Who runs which tests, when several processes do."""
    return Sharing(config, log)


def config_for(url: str, folder: Path) -> Config:
    """A configuration on the database at `url`, which keeps everything else in `folder`."""
    return Config(url, folder, SECRET, testing=True)


@pytest.fixture(scope="session")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database with a demo firm of 40 clients × 2 months, built by the migrations. Read only: copy it."""
    folder = tmp_path_factory.mktemp("firm")
    url = databases.empty(folder)
    app = create_app(config_for(url, folder))
    with app.app_context():
        upgrade()
        sow(Size(clients=40, months=2), NOW)
        db.session.remove()
        db.engine.dispose()
    yield url
    databases.drop(url)


def know_nothing() -> None:
    """A process remembers what it has told of a log: the next firm begins at the same place in its own."""
    broadcast.already.begin()
    recent.forget()


@pytest.fixture
def app(firm: str, tmp_path: Path) -> Iterator[Flask]:
    """The app on its own copy of the firm."""
    know_nothing()  # of firms of other fixtures either
    made = create_app(config_for(databases.copy(firm, tmp_path), tmp_path))
    yield made
    for listener in listening.listeners.everyone():
        views.leave(listener)
        listening.listeners.remove(listener.sid)
        presence.leave(listener.sid)
    know_nothing()
    close(made)


def close(app: Flask) -> None:
    """Let go of the app's database."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    databases.drop(app.config["SQLALCHEMY_DATABASE_URI"])


@pytest.fixture(scope="module")
def reading(firm: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app for the tests of a module that only read."""
    folder = tmp_path_factory.mktemp("reading")
    made = create_app(config_for(databases.copy(firm, folder), folder))
    yield made
    close(made)


def actor(app: Flask, username: str) -> Actor:
    """Somebody of the firm as services see one, for tests that leave HTTP out."""
    with app.app_context():
        user = db.session.execute(select(User).where(User.username == username)).scalar_one()
        found = Actor(user.id, user.username, user.role, user.employee_id, username)
        db.session.remove()
    return found


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor's HTTP client."""
    return app.test_client()


class Colleague:
    """Somebody of the firm with a bearer token: calls the API and opens sockets.

    The session is opened without the password: hashing takes longer than most tests (tests/accounts signs in).
    """

    def __init__(self, app: Flask, username: str) -> None:
        self.app, self.username = app, username
        self.http = app.test_client()
        with app.app_context():
            user = db.session.execute(select(User).where(User.username == username)).scalar_one()
            self.user_id, self.employee_id = user.id, user.employee_id
            with transaction() as work:
                self.session, opened = sessions.open_session(work, user.id, "127.0.0.1", "tests")
            self.csrf = tokens.csrf_of(self.session)
            db.session.remove()
        self.token, self.refresh_token = opened.access, opened.refresh

    def call(self, method: str, path: str, **kwargs: Any) -> Any:
        """A call to the API; `path` below /api/monthly-tax-data unless it begins with /."""
        where = path if path.startswith("/") else f"/api/monthly-tax-data/{path}".rstrip("/")
        headers = {"Authorization": f"Bearer {self.token}"} | kwargs.pop("headers", {})
        return self.http.open(where, method=method, headers=headers, **kwargs)

    def speaking(self, lang: str) -> Colleague:
        """This person, whose browser asks in `lang`."""
        self.http.set_cookie("bmu_language", lang)
        return self

    def get(self, path: str = "", **query: Any) -> Any:
        return self.call("GET", path, query_string=query)

    def put(self, record_id: str, body: Any, headers: dict[str, str] | None = None) -> Any:
        """PUT `body` as it is."""
        return self.call("PUT", record_id, json=body, headers=headers or {})

    def browser(self) -> FlaskClient:
        """A browser with this person's cookies and no CSRF header."""
        found = self.app.test_client()
        found.set_cookie("access_token_cookie", self.token)
        found.set_cookie("csrf_access_token", self.csrf)
        return found

    def save(
        self,
        record: dict[str, Any],
        page: str,
        *,
        version: int | None = None,
        headers: dict[str, str] | None = None,
        **values: Any,
    ) -> Any:
        """PUT `values` on a record; with the version of `record` unless another is given (0: none)."""
        seen = record["version"] if version is None else version
        body = {"sourcePage": page, **({"version": seen} if seen else {}), **values}
        return self.call("PUT", record["id"], json=body, headers=headers or {})

    def socket(self) -> Any:
        """An open socket of this person (in-process test client)."""
        return socketio.test_client(self.app, auth={"token": self.token})

    def listen(self, **asked: Any) -> Any:
        """An open socket that listens to this person's records, or to those that `asked` says."""
        opened = self.socket()
        answer = opened.emit(SUBSCRIBE, {"employeeId": self.employee_id, **asked}, callback=True)
        assert answer["ok"], answer
        return opened


def events(socket: Any) -> list[tuple[str, Any]]:
    """What a socket was told since one last asked, notifications left out: (event, data). Of a closed socket too."""
    return _taken(socket, lambda name: not name.startswith(NOTIFICATION))


def notices(socket: Any) -> list[tuple[str, Any]]:
    """The notifications that a socket was told of, and their counts, since one last asked: (event, data)."""
    return _taken(socket, lambda name: name.startswith(NOTIFICATION))


def _taken(socket: Any, wanted: Callable[[str], bool]) -> list[tuple[str, Any]]:
    taken = [one for one in socket.queue if wanted(one["name"])]
    socket.queue = [one for one in socket.queue if not wanted(one["name"])]
    return [(one["name"], one["args"][0]) for one in taken]


@pytest.fixture
def sign_in(app: Flask) -> Callable[[str], Colleague]:
    """Signs a member of the cast in: `sign_in("AC00024")`; once each."""
    known: dict[str, Colleague] = {}

    def make(username: str) -> Colleague:
        if username not in known:
            known[username] = Colleague(app, username)
        return known[username]

    return make


@pytest.fixture
def record(app: Flask) -> dict[str, Any]:
    """Build 018 in the newest month, as JSON."""
    from bmu.monthly_tax import queries

    with app.app_context():
        where = (MonthlyTaxData.build == "018", MonthlyTaxData.tax_month == MONTH.month)
        record_id = db.session.execute(select(MonthlyTaxData.id).where(*where)).scalar_one()
        return queries.to_json(queries.record(record_id))  # type: ignore[arg-type]
