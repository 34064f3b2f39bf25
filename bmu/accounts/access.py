"""Who may come in: every page, API call and socket passes here before anything they sent is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, jsonify, redirect, request, url_for
from flask_babel import gettext
from flask_jwt_extended import get_jwt, get_jwt_request_location, set_access_cookies, verify_jwt_in_request
from flask_jwt_extended.exceptions import CSRFError, NoAuthorizationError
from jwt.exceptions import ExpiredSignatureError

from bmu.accounts import sessions, tokens
from bmu.accounts.refusals import CsrfFailed, PasswordChangeRequired, TokenExpired
from bmu.accounts.rules import Actor
from bmu.accounts.sessions import Living, sessions_ended, still_good
from bmu.accounts.throttle import DEVICE_SECONDS, Caller
from bmu.errors import DeskError, Forbidden, Unauthorized, envelope, wants_json
from bmu.extensions import jwt

__all__ = [
    "Actor",
    "SocketIdentity",
    "api_opens",
    "authenticate_socket",
    "current_actor",
    "guard_api",
    "optional_actor",
    "page_required",
    "sessions_ended",
    "still_good",
]

log = structlog.get_logger(__name__)
# What a page asks by itself says so: it must not keep a session alive at which nobody sits.
BACKGROUND = "X-Background"


@dataclass(frozen=True, slots=True)
class SocketIdentity:
    """Who opened a socket, by which session, and until when (aware UTC) the token is good."""

    actor: Actor
    session_id: str
    expires_at: datetime


@jwt.token_in_blocklist_loader
def _is_over(_header: dict[str, Any], claims: dict[str, Any]) -> bool:
    """Our block list: a token of a session that is not alive, or whose user is not active, is revoked."""
    g.found = _find(claims)
    return g.found is None


def _find(claims: dict[str, Any]) -> Living | None:
    found = sessions.living(claims["sid"])
    return found if found and found.actor.id == claims["sub"] else None


def verified(*, refresh: bool = False) -> Living:
    """The living session of this request's token: bearer, or cookie with its CSRF value on writes.

    Raises Unauthorized (TokenExpired when age is the only fault) and CsrfFailed.
    """
    try:
        if verify_jwt_in_request(refresh=refresh) is None:  # OPTIONS
            raise Unauthorized()
    except NoAuthorizationError:
        raise Unauthorized() from None
    except CSRFError:
        raise _refused("csrf", CsrfFailed()) from None
    except ExpiredSignatureError:
        raise TokenExpired() from None
    except tokens.BAD_TOKEN as error:
        raise _refused(type(error).__name__, Unauthorized()) from None
    found: Living = g.found
    return found


def _refused(reason: str, error: DeskError) -> DeskError:
    log.warning("access_refused", reason=reason, path=request.path, address=request.remote_addr)
    return error


def current_session() -> Living:
    """The session that asks; looked up once per request. Raises Unauthorized, CsrfFailed."""
    if "living" not in g:
        g.living = verified()
        _welcome(g.living)
    found: Living = g.living
    return found


def current_actor() -> Actor:
    """Who asks. Raises Unauthorized, CsrfFailed."""
    return current_session().actor


def optional_actor() -> Actor | None:
    """Who asks, or None for a visitor. Raises CsrfFailed."""
    try:
        return current_actor()
    except Unauthorized:
        return None


def _welcome(session: Living) -> None:
    structlog.contextvars.bind_contextvars(user=session.actor.by.id)
    if session.actor.language:
        g.language = session.actor.language
    if BACKGROUND not in request.headers:
        sessions.touch(session)


def guard_api() -> None:
    """The `before_request` of every API blueprint: nothing is parsed for whom we do not know (stack trap 16).

    Raises Unauthorized, CsrfFailed; PasswordChangeRequired for who still has a password made by somebody else.
    """
    if current_actor().must_change_password:
        raise PasswordChangeRequired()


def api_opens(page: str) -> None:
    """The `before_request` of an API that belongs to the page `page`: who does not open the one is refused the other.

    Raises what `guard_api` raises, and Forbidden.
    """
    guard_api()
    if not current_actor().opens(page):
        raise _refused("role", Forbidden())


def enter() -> Actor:
    """Who opens a page. Renews the access cookie near its end, so that nobody is thrown out in mid-work.

    Raises Unauthorized (a visitor signs in and comes back), CsrfFailed, PasswordChangeRequired.
    """
    session = current_session()
    if session.actor.must_change_password:
        raise PasswordChangeRequired()
    renew_by_the_way(session)
    return session.actor


def renew_by_the_way(session: Living) -> None:
    """Have this answer carry a fresh access cookie when the one that came with a GET is about to expire."""
    if request.method == "GET" and get_jwt_request_location() == "cookies" and tokens.soon_expired(get_jwt()):
        g.renewed = tokens.mint_access(session.actor.id, session.id, session.ends_at)


def page_required(page: str) -> Actor:
    """Who opens `page` (tax-status, …). Raises what `enter` raises, and Forbidden when the role does not open it."""
    actor = enter()
    if not actor.opens(page):
        raise _refused("role", Forbidden(gettext("สิทธิ์ของคุณไม่เปิดหน้านี้")))
    return actor


def authenticate_socket(token: str | None) -> SocketIdentity:
    """Who opens a socket: by `token`, or by the handshake's own cookie or bearer header when it is None.

    Raises Unauthorized unless it is an unexpired access token of a living session of an active user who has
    chosen a password. The handshake is a GET: against other sites stand its Origin check and SameSite.
    """
    try:
        claims = tokens.decode(_of_handshake() if token is None else token, "access")
        found = _find(claims)
    except tokens.BAD_TOKEN:
        found = None
    if found is None or found.actor.must_change_password:
        raise Unauthorized()
    return SocketIdentity(found.actor, found.id, datetime.fromtimestamp(claims["exp"], UTC))


def _of_handshake() -> str | None:
    bearer = request.authorization.token if request.authorization else None
    return bearer or request.cookies.get(current_app.config["JWT_ACCESS_COOKIE_NAME"])


def caller() -> Caller:
    """Where this request comes from. Its address is a proxy's word only where ProxyFix was told of one."""
    device = request.cookies.get(_device_cookie(), "")
    return Caller(request.remote_addr or "", request.user_agent.string, device if len(device) <= 100 else "")


def keep_device(response: Response, device: str) -> None:
    """Have the browser keep the secret by which it will be known (accounts.throttle)."""
    https: bool = current_app.config["JWT_COOKIE_SECURE"]
    response.set_cookie(_device_cookie(), device, max_age=DEVICE_SECONDS, secure=https, httponly=True, samesite="Lax")


def _device_cookie() -> str:
    return tokens.cookie_name("bmu_device")


def cookie_owner() -> tuple[str, str] | None:
    """The (user, session) that this browser's access cookie names, be it expired or not."""
    return tokens.owner(request.cookies.get(current_app.config["JWT_ACCESS_COOKIE_NAME"], ""))


def csrf_token() -> str:
    """The hidden `csrf_token` of a form: of the session, or of the sign-in page for a visitor."""
    return tokens.csrf_of(g.living.id) if "living" in g else g.get("login_token", "")


def init_app(app: Flask) -> None:
    """Give the templates `actor` and `csrf_token()`; answer expired tokens and forced changes as people need it."""
    app.before_request(_forget)
    app.after_request(_after)
    app.register_error_handler(TokenExpired, _expired)
    app.register_error_handler(PasswordChangeRequired, _to_password)
    app.context_processor(lambda: {"actor": g.living.actor if "living" in g else None, "csrf_token": csrf_token})


def _forget() -> None:
    """Where one application context serves several requests (a shell, tests), nobody inherits the last one's name."""
    for name in ("living", "found", "renewed", "login_token", "language"):
        g.pop(name, None)


def _after(response: Response) -> Response:
    if "renewed" in g:
        set_access_cookies(response, g.renewed)
    if response.status_code == 401:
        response.headers.setdefault("WWW-Authenticate", "Bearer")
    return response


def _expired(error: TokenExpired) -> Any:
    """A page goes by the address that sees the refresh cookie and comes back; 307 keeps a form that was being sent."""
    if wants_json():
        return jsonify(envelope(error)), error.status
    return redirect(url_for("accounts.renew", next=request.full_path.rstrip("?")), 307)


def _to_password(error: PasswordChangeRequired) -> Any:
    if wants_json():
        return jsonify(envelope(error)), error.status
    return redirect(url_for("accounts.account"), 303)
