"""The pages of signing in and of one's own account. Plain forms: they work without scripts."""

from __future__ import annotations

import hmac
import secrets
from typing import Any

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_jwt_extended import get_jwt, unset_jwt_cookies

from bmu.accounts import access, refusals, service, sessions, signin, tokens
from bmu.accounts.demo import cast
from bmu.accounts.rules import ROLE_LABELS, Actor, safe_path
from bmu.config import Config
from bmu.errors import DeskError, Invalid, NotFound, TooMany, Unauthorized
from bmu.i18n import COOKIE as LANGUAGE_COOKIE
from bmu.i18n import LANGUAGES, N_, language

pages = Blueprint("accounts", __name__)
_DONE = {
    "password": N_("เปลี่ยนรหัสผ่านแล้ว อุปกรณ์อื่นทั้งหมดถูกให้ออกจากระบบ"),
    "session": N_("ให้ออกจากระบบแล้ว"),
    "left": N_("ออกจากระบบแล้ว"),
}
_YEAR = 365 * 24 * 3600


@pages.get("/login")
def login() -> Any:
    """The sign-in form; who is signed in already goes on to where they wanted."""
    actor = access.optional_actor()
    return _onward(actor) if actor else _sign_in_form()


@pages.post("/login")
def sign_in() -> Any:
    """Name and password to a session in cookies, then on to `next`. Nothing typed is lost but the password."""
    typed, password = request.form.get("username", ""), request.form.get("password", "")
    if not _is_our_form():
        return _sign_in_form(refusals.CsrfFailed(), typed)
    missing = {name for name, text in (("username", typed.strip()), ("password", password)) if not text}
    if missing:
        return _sign_in_form(typed=typed, missing=missing)
    try:
        done = signin.sign_in(typed, password, access.caller())
    except DeskError as error:
        return _sign_in_form(error, typed)
    return _signed_in(done)


def _signed_in(done: signin.SignedIn) -> Response:
    before = access.cookie_owner()
    if before:
        sessions.end_sessions(before[0], "replaced", only=before[1])
    actor = done.session.actor
    response = _onward(actor)
    tokens.put_in_cookies(response, done.tokens)
    access.keep_device(response, done.device)
    response.delete_cookie(_nonce_cookie(), secure=_config().https, httponly=True, samesite="Lax")
    if actor.language:
        _keep_language(response, actor.language)
    return response


def _onward(actor: Actor) -> Response:
    """To `next` when it is a path of ours, else to the first page that the role opens."""
    wanted = safe_path(request.values.get("next")) or _home(actor)
    return redirect(url_for(".account") if actor.must_change_password else wanted, 303)  # type: ignore[return-value]


def _home(actor: Actor) -> str:
    return f"/{actor.pages[0]}" if actor.pages else url_for(".account")


def _sign_in_form(error: DeskError | None = None, typed: str = "", missing: set[str] | None = None) -> Response:
    nonce = request.cookies.get(_nonce_cookie()) or secrets.token_urlsafe(24)
    g.login_token = tokens.keyed_hash("login", nonce)
    config = _config()
    html = render_template(
        "accounts/login.html",
        lang=language(),
        languages=LANGUAGES,
        error=error.said() if error else "",
        missing=missing or (),
        typed=typed,
        next=safe_path(request.values.get("next")),
        done=_DONE.get(request.args.get("done", "")),
        cast=cast() if config.demo else (),
    )
    response = Response(html, error.status if error else 422 if missing else 200)
    response.set_cookie(_nonce_cookie(), nonce, secure=config.https, httponly=True, samesite="Lax")
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _config() -> Config:
    config: Config = current_app.extensions["bmu.config"]
    return config


def _nonce_cookie() -> str:
    return tokens.cookie_name("bmu_login")


def _is_our_form() -> bool:
    """Whether a visitor's form came from our own page in this very browser: else another site could sign people in
    to an account of its choice."""
    nonce, given = request.cookies.get(_nonce_cookie(), ""), request.form.get("csrf_token", "")
    return bool(nonce) and hmac.compare_digest(given.encode(), tokens.keyed_hash("login", nonce).encode())


@pages.route("/api/auth/renew", methods=["GET", "POST"])
def renew() -> Response:
    """Where a page sends a browser whose access token ran out: fresh cookies by the refresh cookie, and back (307:
    a form that was being sent goes on). Without a good one: to the sign-in page."""
    wanted = safe_path(request.args.get("next")) or "/"
    try:
        session = access.verified(refresh=True)
        fresh = sessions.rotate(session.id, get_jwt()["jti"])
    except Unauthorized:
        response = redirect(url_for(".login", next=wanted if request.method == "GET" else None), 303)
        unset_jwt_cookies(response)  # type: ignore[arg-type]
        return response  # type: ignore[return-value]
    response = redirect(wanted, 307)
    tokens.put_in_cookies(response, fresh)  # type: ignore[arg-type]
    return response  # type: ignore[return-value]


@pages.post("/logout")
def logout() -> Response:
    """End this session and forget its cookies; an expired token will do."""
    try:
        session = access.current_session()
        owner: tuple[str, str] | None = (session.actor.id, session.id)
    except refusals.TokenExpired:
        owner = access.cookie_owner()
    except Unauthorized:
        owner = None
    if owner:
        sessions.end_sessions(owner[0], "logout", only=owner[1])
    return _out()


def _out() -> Response:
    # Pages are sent with no-store, so there is nothing of theirs in a cache that Clear-Site-Data would have to clear.
    response = redirect(url_for(".login", done="left"), 303)
    unset_jwt_cookies(response)  # type: ignore[arg-type]
    return response  # type: ignore[return-value]


@pages.get("/account")
def account() -> Response:
    """One's own account: password, language, where one is signed in."""
    session = access.current_session()
    access.renew_by_the_way(session)
    return _account_page(session.actor)


def _account_page(actor: Actor, error: DeskError | None = None) -> Response:
    html = render_template(
        "accounts/account.html",
        actor=actor,
        lang=language(),
        languages=LANGUAGES,
        active="account",
        role=ROLE_LABELS.get(actor.role, actor.role),
        places=sessions.places(actor.id),
        errors=error.errors if error else {},
        error=error.said() if error and not error.errors else "",
        done=_DONE.get(request.args.get("done", "")),
    )
    return Response(html, error.status if error else 200)


@pages.get("/account/password")
def password_form() -> Response:
    """Where a browser lands that reloads, or switches the language, after a refused change."""
    return redirect(url_for(".account"), 303)  # type: ignore[return-value]


@pages.post("/account/password")
def change_password() -> Response:
    """Change one's own password; errors are shown at their fields."""
    actor = access.current_actor()
    current, new = request.form.get("current_password", ""), request.form.get("new_password", "")
    try:
        fresh = service.change_own_password(actor, current, new, access.caller().address)
    except (TooMany, Invalid) as error:
        response = _account_page(actor, error)
        if isinstance(error, TooMany):
            response.headers["Retry-After"] = str(error.retry_after)
        return response
    onward = _home(actor) if actor.must_change_password else url_for(".account", done="password")
    response = redirect(onward, 303)  # type: ignore[assignment]
    tokens.put_in_cookies(response, fresh)
    return response


@pages.post("/account/sessions/<session_id>/end")
def end_session(session_id: str) -> Response:
    """End one of one's own sessions; one's present one is left as by signing out. 404 for anybody else's."""
    actor = access.current_actor()
    if not sessions.end_sessions(actor.id, "ended", only=session_id):
        raise NotFound(gettext("ไม่พบการเข้าสู่ระบบนี้ อาจถูกปิดไปแล้ว"))
    if session_id == actor.session:
        return _out()
    return redirect(url_for(".account", done="session"), 303)  # type: ignore[return-value]


@pages.post("/account/sessions/others/end")
def end_other_sessions() -> Response:
    """End all of one's sessions but this."""
    actor = access.current_actor()
    sessions.end_sessions(actor.id, "ended", except_session=actor.session)
    return redirect(url_for(".account", done="session"), 303)  # type: ignore[return-value]


@pages.post("/language")
def language_choice() -> Response:
    """Keep a language: for a visitor in a cookie, for a user in the account too. Then back to `next`."""
    chosen = request.form.get("language", "")
    try:
        actor: Actor | None = access.current_actor()
    except refusals.TokenExpired:
        raise
    except Unauthorized:
        actor = None
    if actor:
        service.set_language(actor, chosen)
    elif not _is_our_form():
        raise refusals.CsrfFailed()
    back = safe_path(request.form.get("next")) or url_for(".account" if actor else ".login")
    response: Response = redirect(back, 303)  # type: ignore[assignment]
    if chosen in LANGUAGES:
        _keep_language(response, chosen)
    return response


def _keep_language(response: Response, chosen: str) -> None:
    secure = _config().https
    response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=_YEAR, secure=secure, samesite="Lax", httponly=True)
