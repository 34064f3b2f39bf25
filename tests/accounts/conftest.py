"""An app with two doors to knock at, its people, and a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask

from bmu import create_app
from bmu.accounts import access
from bmu.config import Config
from bmu.extensions import db
from tests.accounts.cast import Browser, fill


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(
        f"sqlite:///{tmp_path / 'bmu.sqlite'}", tmp_path, "a secret of the tests, 32 letters or more", testing=True
    )


@pytest.fixture
def make_app() -> Iterator[Callable[[Config], Flask]]:
    """Makes an app with its people. Every app is closed at the end."""
    made: list[Flask] = []

    def make(config: Config) -> Flask:
        app = create_app(config)
        app.register_blueprint(_doors())
        with app.app_context():
            db.create_all()
            fill()
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(make_app: Callable[[Config], Flask], config: Config) -> Flask:
    return make_app(config)


def _doors() -> Blueprint:
    """One call of an API and one page, guarded as every feature guards its own."""
    doors = Blueprint("doors", __name__)
    api = Blueprint("api", __name__, url_prefix="/api/door")
    api.before_request(access.guard_api)

    @api.route("", methods=["GET", "POST"])
    def call() -> dict[str, Any]:
        return {"username": access.current_actor().username, "role": access.current_actor().role}

    @doors.route("/door/<page>", methods=["GET", "POST"])
    def page(page: str) -> str:
        return access.page_required(page).username

    doors.register_blueprint(api)
    return doors


@pytest.fixture
def visitor(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def signed_in(visitor: Browser) -> Browser:
    """AC00024 at her desk."""
    assert visitor.sign_in().status_code == 303
    return visitor
