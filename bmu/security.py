"""Security headers, compression of what is not an asset, and the limits of a body's size and of how often one asks."""

from __future__ import annotations

import hashlib
import secrets

from flask import Flask, Request, Response, current_app, g, request
from flask.sessions import NullSession, SessionInterface, SessionMixin
from werkzeug.middleware.proxy_fix import ProxyFix

from bmu import packing
from bmu.config import Config
from bmu.extensions import limiter

LARGEST_BODY = 1_000_000
OFTEN = "3000 per minute"


class NoSession(SessionInterface):
    """We keep nothing in Flask's own cookie (accounts.sessions has ours): it is neither looked for nor written. Each
    request and each event of a socket would open it."""

    def open_session(self, app: Flask, request: Request) -> NullSession:
        """One that refuses to be written."""
        return NullSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Nothing."""


def init_app(app: Flask, config: Config) -> None:
    """Content security policy with a nonce and nothing inline beside it; HSTS under https; no-store on pages."""
    app.session_interface = NoSession()
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    if config.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.proxies, x_proto=config.proxies)  # type: ignore[method-assign]
    app.jinja_env.globals["nonce"] = nonce
    app.before_request(_not_too_often)
    app.after_request(_compress)
    app.after_request(_headers)


def _caller() -> str:
    """Whose requests are counted together: one token's, else one address's. Colleagues behind one address of the
    office never use up each other's (the predecessor locked whole offices out so)."""
    token = request.headers.get("Authorization") or request.cookies.get(current_app.config["JWT_ACCESS_COOKIE_NAME"])
    return hashlib.sha256(token.encode()).hexdigest() if token else request.remote_addr or ""


@limiter.limit(OFTEN, key_func=_caller, exempt_when=lambda: not request.path.startswith("/api/"))
def _not_too_often() -> None:
    """Answer 429 to a program that runs wild. Guessing passwords is slowed elsewhere (accounts.throttle)."""


def nonce() -> str:
    """The nonce of this answer's scripts and styles."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    found: str = g.nonce
    return found


def _policy() -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce()}'",
            f"style-src 'self' 'nonce-{nonce()}'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "object-src 'none'",
        )
    )


def _headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    # Taxes of the firm's clients stay out of every cache, the browser's own included.
    headers.setdefault("Cache-Control", "no-store")
    return response


def _compress(response: Response) -> Response:
    """Compress text of some size.

    Pages carry a form's CSRF value beside text of others; guessing it from lengths (BREACH) would need requests
    with our cookies from another site, which SameSite=Lax refuses to send (decision 0023).
    """
    by = packing.encoding(request.accept_encodings)
    packable = (
        by
        and not response.direct_passthrough
        and "Content-Encoding" not in response.headers
        and response.status_code not in (204, 304)
        and response.mimetype in ("text/html", "application/json")
    )
    if packable and len(body := response.get_data()) >= packing.WORTH:
        response.set_data(packing.packed(body, by))
        response.headers["Content-Encoding"] = by
        response.headers.add("Vary", "Accept-Encoding")
    return response
