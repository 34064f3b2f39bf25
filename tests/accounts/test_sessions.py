"""Sessions: seen, renewed, ended; what a refresh token is good for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from structlog.testing import capture_logs

from bmu.accounts import sessions
from bmu.accounts.access import BACKGROUND
from bmu.accounts.sessions import sessions_ended
from bmu.changes.work import transaction
from bmu.config import Config
from tests.accounts.cast import Browser, ago, forged, session_of, set_session, user_of

SHORT = timedelta(minutes=30)


def refresh(visitor: Browser, token: str) -> Any:
    return visitor.call(token, "/api/auth/refresh", "POST")


def test_a_refresh_token_gives_a_fresh_pair(visitor: Browser) -> None:
    first = visitor.tokens()
    second = refresh(visitor, first["refresh_token"]).get_json()["data"]
    assert second["refresh_token"] != first["refresh_token"]
    assert visitor.call(second["access_token"]).status_code == 200
    assert refresh(visitor, second["refresh_token"]).status_code == 200


def test_a_used_refresh_token_that_comes_again_ends_the_session(app: Flask, visitor: Browser) -> None:
    first = visitor.tokens()
    second = refresh(visitor, first["refresh_token"]).get_json()["data"]
    set_session(app, rotated_at=ago(seconds=11))
    with capture_logs() as logs:
        assert refresh(visitor, first["refresh_token"]).status_code == 401
    assert any(line.get("reason") == "refresh_reused" for line in logs)
    assert visitor.call(second["access_token"]).status_code == 401
    assert refresh(visitor, second["refresh_token"]).status_code == 401
    assert session_of(app).end_reason == "reused"


def test_two_tabs_that_refresh_at_once_both_go_on(app: Flask, visitor: Browser) -> None:
    first = visitor.tokens()
    one = refresh(visitor, first["refresh_token"]).get_json()["data"]
    rotated = session_of(app).refresh_jti
    two = refresh(visitor, first["refresh_token"]).get_json()["data"]
    assert session_of(app).refresh_jti == rotated
    for tab in (one, two):
        assert visitor.call(tab["access_token"]).status_code == 200
    # An answer that was lost leaves its tab with the same successor, not with a token that ends the session.
    assert refresh(visitor, two["refresh_token"]).status_code == 200


def test_a_token_two_uses_old_has_no_grace(app: Flask, visitor: Browser) -> None:
    first = visitor.tokens()
    second = refresh(visitor, first["refresh_token"]).get_json()["data"]
    refresh(visitor, second["refresh_token"])
    assert refresh(visitor, first["refresh_token"]).status_code == 401
    assert session_of(app).end_reason == "reused"


def test_an_access_token_refreshes_nothing(visitor: Browser) -> None:
    assert refresh(visitor, visitor.tokens()["access_token"]).status_code == 401


def test_a_page_refreshes_by_cookie_and_csrf_and_sees_no_token(signed_in: Browser) -> None:
    before = signed_in.refresh
    assert signed_in.post("/api/auth/refresh").status_code == 403
    answer = signed_in.post("/api/auth/refresh", headers={"X-CSRF-TOKEN": signed_in.csrf})
    assert answer.status_code == 200
    assert list(answer.get_json()["data"]) == ["expires_in"]
    assert signed_in.refresh != before
    assert signed_in.get("/api/door").status_code == 200


def test_the_csrf_value_outlives_a_renewal_so_that_open_forms_stay_good(signed_in: Browser) -> None:
    before = signed_in.csrf
    signed_in.post("/api/auth/refresh", headers={"X-CSRF-TOKEN": before})
    assert signed_in.post("/api/door", headers={"X-CSRF-TOKEN": before}).status_code == 200


def test_the_refresh_cookie_goes_to_the_auth_api_only_and_no_cookie_to_scripts(visitor: Browser) -> None:
    set_by = visitor.sign_in().headers.getlist("Set-Cookie")
    by_name = {line.split("=", 1)[0]: line for line in set_by}
    assert "Path=/api/auth" in by_name["refresh_token_cookie"]
    for name in ("access_token_cookie", "refresh_token_cookie", "bmu_device"):
        assert "HttpOnly" in by_name[name] and "SameSite=Lax" in by_name[name] and "Secure" not in by_name[name]
    assert "HttpOnly" not in by_name["csrf_access_token"]


def test_under_https_cookies_are_secure_and_bound_to_the_host(make_app: Any, config: Config) -> None:
    visitor = Browser(make_app(replace(config, https=True)))
    visitor.client.environ_base["wsgi.url_scheme"] = "https"
    page = visitor.get("/login", base_url="https://desk.example")
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    form = {"csrf_token": token, "username": "AC00024", "password": "ปลาทูสองตัว-2569"}
    answer = visitor.post("/login", form, base_url="https://desk.example")
    assert answer.status_code == 303
    lines = answer.headers.getlist("Set-Cookie")
    assert lines and all("Secure" in line for line in lines)
    names = {line.split("=", 1)[0] for line in lines}
    assert {"__Host-access_token_cookie", "__Secure-refresh_token_cookie", "__Host-bmu_device"} <= names
    assert visitor.get("/door/tax-status", base_url="https://desk.example").status_code == 200


def test_a_page_opened_near_the_end_of_the_token_renews_it(app: Flask, signed_in: Browser) -> None:
    signed_in.client.set_cookie("access_token_cookie", forged(app, expires=timedelta(minutes=4)))
    old = signed_in.access
    assert signed_in.get("/door/tax-status").status_code == 200
    assert signed_in.access != old
    renewed = signed_in.access
    assert signed_in.get("/door/tax-status").status_code == 200
    assert signed_in.access == renewed


def test_a_page_opened_after_the_end_of_the_token_opens_all_the_same(app: Flask, signed_in: Browser) -> None:
    signed_in.client.set_cookie("access_token_cookie", forged(app, expires=timedelta(seconds=-1)))
    answer = signed_in.get("/door/tax-status?month=2026-10", follow_redirects=True)
    assert (answer.status_code, answer.text) == (200, "AC00024")
    assert answer.request.full_path == "/door/tax-status?month=2026-10"


def test_a_form_sent_after_the_end_of_the_token_is_not_lost(app: Flask, signed_in: Browser) -> None:
    signed_in.client.set_cookie("access_token_cookie", forged(app, expires=timedelta(seconds=-1)))
    form, way = {"csrf_token": signed_in.csrf}, ["/door/tax-status"]
    # As browsers do at 307, and the test client does not: the same body again.
    while (answer := signed_in.post(way[-1], form)).status_code == 307:
        way.append(answer.headers["Location"])
    assert (answer.status_code, answer.text) == (200, "AC00024")
    assert [path.split("?")[0] for path in way] == ["/door/tax-status", "/api/auth/renew", "/door/tax-status"]


def test_after_an_idle_time_the_same_page_asks_to_sign_in(app: Flask, signed_in: Browser) -> None:
    signed_in.client.set_cookie("access_token_cookie", forged(app, expires=timedelta(seconds=-1)))
    set_session(app, seen_at=ago(hours=2, seconds=1))
    answer = signed_in.get("/door/tax-status", follow_redirects=True)
    assert answer.request.path == "/login"
    assert signed_in.access == ""


def test_the_api_tells_an_expired_token_from_a_void_one(app: Flask, visitor: Browser) -> None:
    visitor.tokens()
    assert visitor.call(forged(app, expires=timedelta(seconds=-1))).get_json()["code"] == "token_expired"
    assert visitor.call("junk").get_json()["code"] == "unauthorized"


def test_no_token_outlives_its_session(app: Flask, visitor: Browser) -> None:
    tokens = visitor.tokens()
    set_session(app, created_at=ago(hours=13, minutes=50))
    assert refresh(visitor, tokens["refresh_token"]).get_json()["data"]["expires_in"] <= 600


def test_seeing_somebody_is_written_once_a_minute(app: Flask, signed_in: Browser) -> None:
    at = session_of(app).seen_at
    signed_in.get("/api/door")
    assert session_of(app).seen_at == at
    set_session(app, seen_at=ago(seconds=61))
    signed_in.get("/api/door")
    assert session_of(app).seen_at > ago(seconds=10)


@pytest.mark.parametrize("path", ["/api/door", "/api/auth/refresh"])
def test_what_a_page_does_by_itself_keeps_no_session_alive(app: Flask, visitor: Browser, path: str) -> None:
    tokens = visitor.tokens()
    set_session(app, seen_at=ago(hours=1))
    token = tokens["refresh_token" if "refresh" in path else "access_token"]
    headers = {"Authorization": f"Bearer {token}", BACKGROUND: "1"}
    assert visitor.client.post(path, headers=headers).status_code == 200
    assert session_of(app).seen_at < ago(minutes=59)


def test_ending_sessions_is_told_after_the_commit(app: Flask, visitor: Browser) -> None:
    for _ in range(3):
        visitor.tokens()
    spared = session_of(app).id
    told: list[list[str]] = []

    def hear(_sender: Any, sessions: list[str]) -> None:
        assert session_of(app).id == spared  # a new read sees what was committed
        told.append(sessions)

    with app.app_context(), sessions_ended.connected_to(hear):
        ended = sessions.end_sessions(user_of(app).id, "password", except_session=spared)
        assert sessions.end_sessions(user_of(app).id, "password", except_session=spared) == []
        assert set(sessions.still_good([*ended, spared])) == {spared}
    assert len(ended) == 2
    assert told == [ended]


def test_a_listener_that_fails_leaves_the_sessions_ended(app: Flask, visitor: Browser) -> None:
    visitor.tokens()

    def fail(_sender: Any, sessions: list[str]) -> None:
        raise RuntimeError(sessions)

    with app.app_context(), sessions_ended.connected_to(fail), capture_logs() as logs:
        sessions.end_sessions(user_of(app).id, "logout")
    assert any(line["event"] == "told_badly" for line in logs)
    assert session_of(app).ended_at is not None


def test_sessions_that_began_long_ago_are_forgotten(app: Flask, visitor: Browser) -> None:
    visitor.tokens("AC00040")
    set_session(app, created_at=datetime.now(UTC) - sessions.KEPT - timedelta(days=1))
    visitor.tokens("AC00024")
    with app.app_context(), transaction() as work:
        assert sessions.forget_old(work, 100) == 1
    with pytest.raises(AssertionError):
        session_of(app, "AC00040")
    assert session_of(app, "AC00024")
