"""JWTs: how they are set up, minted for a session, put into cookies and taken apart."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Response, current_app
from flask_jwt_extended import create_access_token, create_refresh_token, set_access_cookies, set_refresh_cookies
from flask_jwt_extended import decode_token as _decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt.exceptions import PyJWTError

from bmu.config import Config
from bmu.extensions import jwt

NAME = "bmu"
REFRESH_PATH = "/api/auth"
# The last part of an access token's life, in which a page that is opened renews it by the way.
RENEW_WITHIN = timedelta(minutes=5)
# All that can be wrong with something that claims to be a token; the last two come from what is no token at all.
BAD_TOKEN = (JWTExtendedException, PyJWTError, ValueError, TypeError, LookupError)


@dataclass(frozen=True, slots=True)
class Tokens:
    """A session's tokens. `expires_in`: seconds for which the access token is good."""

    access: str
    refresh: str
    expires_in: int


def init_app(app: Flask, config: Config) -> None:
    """HS256 and nothing else, our issuer and audience, cookies that scripts and other sites cannot use."""
    app.config.update(
        JWT_SECRET_KEY=config.secret_key,
        JWT_ALGORITHM="HS256",
        JWT_DECODE_ALGORITHMS=["HS256"],
        JWT_ENCODE_ISSUER=NAME,
        JWT_DECODE_ISSUER=NAME,
        JWT_ENCODE_AUDIENCE=NAME,
        JWT_DECODE_AUDIENCE=NAME,
        JWT_TOKEN_LOCATION=["headers", "cookies"],
        JWT_ACCESS_TOKEN_EXPIRES=config.access_lifetime,
        JWT_REFRESH_TOKEN_EXPIRES=config.session_lifetime,
        JWT_COOKIE_SECURE=config.https,
        JWT_COOKIE_SAMESITE="Lax",
        JWT_COOKIE_CSRF_PROTECT=True,
        JWT_CSRF_CHECK_FORM=True,
        JWT_SESSION_COOKIE=True,
        JWT_REFRESH_COOKIE_PATH=REFRESH_PATH,
    )
    with app.app_context():
        app.config["JWT_ACCESS_COOKIE_NAME"] = cookie_name("access_token_cookie")
        app.config["JWT_REFRESH_COOKIE_NAME"] = cookie_name("refresh_token_cookie", "__Secure-")
    jwt.init_app(app)


def cookie_name(name: str, prefix: str = "__Host-") -> str:
    """A cookie's name, under https with the prefix for which browsers refuse a neighbouring host's (ASVS 3.3.3)."""
    return prefix + name if current_app.config["JWT_COOKIE_SECURE"] else name


def keyed_hash(label: str, value: str) -> str:
    """A hash of `value` that only we can make; `label` keeps its uses apart."""
    key = current_app.config["JWT_SECRET_KEY"]
    return hmac.new(key.encode(), f"{label}:{value}".encode(), hashlib.sha256).hexdigest()[:32]


def csrf_of(session_id: str) -> str:
    """The CSRF value of a session: one for all its tokens, so that a form which another tab's renewal has
    overtaken is still good."""
    return keyed_hash("csrf", session_id)


def mint(user_id: str, session_id: str, refresh_jti: str, ends_at: datetime) -> Tokens:
    """The tokens of a session. None outlives `ends_at` (aware), the end of the session."""
    claims = {**_claims(session_id), "jti": refresh_jti}
    return Tokens(
        access=mint_access(user_id, session_id, ends_at),
        refresh=create_refresh_token(user_id, expires_delta=_left(ends_at), additional_claims=claims),
        expires_in=max(0, int(_access_life(ends_at).total_seconds())),
    )


def mint_access(user_id: str, session_id: str, ends_at: datetime) -> str:
    """A fresh access token of a session that ends at `ends_at` (aware)."""
    return create_access_token(user_id, expires_delta=_access_life(ends_at), additional_claims=_claims(session_id))


def _claims(session_id: str) -> dict[str, str]:
    return {"sid": session_id, "csrf": csrf_of(session_id)}


def _left(ends_at: datetime) -> timedelta:
    return ends_at - datetime.now(UTC)


def _access_life(ends_at: datetime) -> timedelta:
    return min(current_app.config["JWT_ACCESS_TOKEN_EXPIRES"], _left(ends_at))


def decode(encoded: object, kind: str) -> dict[str, Any]:
    """The claims of a token of the given `kind` (access, refresh) that is ours and has not expired.

    Whether its session lives is another question. Raises one of BAD_TOKEN.
    """
    if not isinstance(encoded, str):
        raise ValueError("no token")
    claims: dict[str, Any] = _decode_token(encoded)
    if claims["type"] != kind:
        raise ValueError("a token of another kind")
    return claims


def owner(encoded: str) -> tuple[str, str] | None:
    """The (user, session) that a token of ours names, be it expired or not; None for anything else."""
    try:
        claims = _decode_token(encoded, allow_expired=True)
        return claims["sub"], claims["sid"]
    except BAD_TOKEN:
        return None


def soon_expired(claims: dict[str, Any]) -> bool:
    """Whether an access token is in the last part of its life."""
    within = min(RENEW_WITHIN, current_app.config["JWT_ACCESS_TOKEN_EXPIRES"] / 2)
    return datetime.fromtimestamp(claims["exp"], UTC) - datetime.now(UTC) < within


def put_in_cookies(response: Response, tokens: Tokens) -> None:
    """Set the cookies of both tokens and those of their CSRF value."""
    set_access_cookies(response, tokens.access)
    set_refresh_cookies(response, tokens.refresh)
