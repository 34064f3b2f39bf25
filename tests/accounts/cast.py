"""The cast of these tests, their browsers, and ways to let time pass."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from flask_jwt_extended import create_access_token
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from bmu.accounts.models import Employee, User, UserSession
from bmu.accounts.tokens import csrf_of
from bmu.changes.work import By, transaction
from bmu.extensions import db

PASSWORD = "ปลาทูสองตัว-2569"
HASH = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1).hash(PASSWORD)
PEOPLE = {
    "AC00024": ("service", "วิภา", "ภา"),
    "AC00008": ("audit", "ปกรณ์", "กร"),
    "AC00040": ("service", "อรทัย", "อร"),
    "admin": ("admin", "สมชาย", "ชาย"),
}
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


def fill() -> None:
    """Everybody with an employee and an account, in an empty database."""
    with transaction(By("tests")) as work:
        for username, (role, first, nick) in PEOPLE.items():
            employee_id = "AC00001" if username == "admin" else username
            work.add(Employee(id=new_id(), employee_id=employee_id, first_name=first, nick_name=nick), {})
            work.session.flush()
            user = User(id=new_id(), username=username, employee_id=employee_id, role=role, password_hash=HASH)
            work.add(user, {})


def new_id() -> str:
    return str(uuid.uuid4())


class Browser:
    """A browser with its cookies, and the API by its bearer tokens."""

    def __init__(self, app: Flask, address: str = "10.0.0.1") -> None:
        self.app, self.address = app, address
        self.client: FlaskClient = app.test_client()
        self.client.environ_base["REMOTE_ADDR"] = address
        self.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Windows NT 10.0) Chrome/156.0"

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.client.get(path, **kwargs)

    def post(self, path: str, form: dict[str, str] | None = None, **kwargs: Any) -> TestResponse:
        return self.client.post(path, data=form, **kwargs)

    def cookie(self, name: str, path: str = "/") -> str:
        found = self.client.get_cookie(name, path=path)
        return found.value if found else ""

    @property
    def csrf(self) -> str:
        return self.cookie("csrf_access_token")

    @property
    def access(self) -> str:
        return self.cookie("access_token_cookie")

    @property
    def refresh(self) -> str:
        return self.cookie("refresh_token_cookie", "/api/auth")

    def fields(self, path: str = "/login") -> dict[str, str]:
        """The hidden fields of the page's first form."""
        page = self.get(path).text
        return {name: unescape(value) for name, value in HIDDEN.findall(page[: page.index("</form>")])}

    def sign_in(self, username: str = "AC00024", password: str = PASSWORD, path: str = "/login") -> TestResponse:
        return self.post("/login", {**self.fields(path), "username": username, "password": password})

    def call(self, token: str, path: str = "/api/door", method: str = "GET", **kwargs: Any) -> TestResponse:
        return self.client.open(path, method=method, headers={"Authorization": f"Bearer {token}"}, **kwargs)

    def login(self, username: str = "AC00024", password: str = PASSWORD) -> TestResponse:
        """Sign in by the API."""
        return self.client.post("/api/auth/login", json={"username": username, "password": password})

    def tokens(self, username: str = "AC00024", password: str = PASSWORD) -> dict[str, Any]:
        answer = self.login(username, password)
        assert answer.status_code == 200, answer.text
        data: dict[str, Any] = answer.get_json()["data"]
        return data


def session_of(app: Flask, username: str = "AC00024") -> UserSession:
    """The newest session of a user."""
    with app.app_context():
        mine = select(UserSession).join(User, User.id == UserSession.user_id).where(User.username == username)
        found = db.session.scalars(mine.order_by(UserSession.created_at.desc())).first()
        assert found is not None
        db.session.expunge(found)
        return found


def set_session(app: Flask, **values: Any) -> None:
    """Change every session, as time or somebody else would have."""
    with app.app_context(), transaction() as work:
        work.session.execute(update(UserSession).values(**values))


def set_user(app: Flask, username: str = "AC00024", **values: Any) -> None:
    """Change a user's row, as somebody else would have."""
    with app.app_context(), transaction() as work:
        work.session.execute(update(User).where(User.username == username).values(**values))


def user_of(app: Flask, username: str = "AC00024") -> User:
    with app.app_context():
        found = db.session.scalars(select(User).where(User.username == username)).one()
        db.session.expunge_all()
        return found


def forged(app: Flask, *, expires: timedelta = timedelta(minutes=5), **claims: Any) -> str:
    """An access token for AC00024's newest session, with other claims or another end."""
    row = session_of(app)
    with app.app_context():
        ours = {"sid": row.id, "csrf": csrf_of(row.id)}
        return create_access_token(row.user_id, expires_delta=expires, additional_claims=ours | claims)


def ago(**spans: float) -> datetime:
    return datetime.now(UTC) - timedelta(**spans)
