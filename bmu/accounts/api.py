"""Signing in and out for programs (bearer), and for our own scripts (cookies and X-CSRF-TOKEN)."""

from __future__ import annotations

from typing import Any, Literal

from flask import Response, g, request
from flask_jwt_extended import get_jwt, get_jwt_request_location, unset_jwt_cookies
from flask_openapi3 import APIBlueprint, Tag
from pydantic import Field

from bmu.accounts import access, service, sessions, signin
from bmu.accounts.rules import Actor
from bmu.accounts.tokens import Tokens, put_in_cookies
from bmu.openapi import FAILURES, SECURED, Strict, Success, ok, require_json

api = APIBlueprint(
    "auth_api",
    __name__,
    url_prefix="/api/auth",
    abp_tags=[Tag(name="auth", description="Signing in and out, one's own password and language")],
    abp_responses=FAILURES | {"200": Success},
)
_OPEN = {"auth_api.login", "auth_api.refresh"}


class LoginBody(Strict):
    username: str = Field(..., max_length=200)
    password: str = Field(..., max_length=1000)


class PasswordBody(Strict):
    current_password: str = Field(..., max_length=1000)
    new_password: str = Field(..., max_length=1000)


class LanguageBody(Strict):
    language: Literal["th", "en"]


@api.before_request
def _guard() -> None:
    # Not guard_api: who must change a password does it here.
    if request.endpoint not in _OPEN:
        access.current_actor()


api.before_request(require_json)


@api.post("/login", summary="Sign in", security=[])
def login(body: LoginBody) -> Response:
    """Tokens for `Authorization: Bearer`. Many wrong tries are answered by 429 with Retry-After."""
    done = signin.sign_in(body.username, body.password, access.caller())
    g.language = done.session.actor.language or g.get("language")
    response = ok({**_bearer(done.tokens), "user": _user(done.session.actor)})
    access.keep_device(response, done.device)
    return response


@api.post("/refresh", summary="Fresh tokens for a refresh token", security=SECURED)
def refresh() -> Response:
    """Each refresh token is good for one use; one that comes again ends its session. Bearer: the answer holds the
    new pair. Cookies: they are set, and the answer tells only for how many seconds they are good."""
    session = access.verified(refresh=True)
    return _answer(sessions.rotate(session.id, get_jwt()["jti"]))


@api.post("/logout", summary="End this session", security=SECURED)
def logout() -> Response:
    """Ends the session: its tokens are void at once, and its sockets are cut."""
    session = access.current_session()
    sessions.end_sessions(session.actor.id, "logout", only=session.id)
    response = ok(None)
    unset_jwt_cookies(response)
    return response


@api.get("/me", summary="Who am I", security=SECURED)
def me() -> Response:
    """The signed-in user, with the pages their role opens."""
    return ok(_user(access.current_actor()))


@api.post("/change-password", summary="Change one's own password", security=SECURED)
def change_password(body: PasswordBody) -> Response:
    """Ends all other sessions of the user; this one goes on with fresh tokens."""
    actor = access.current_actor()
    address = access.caller().address
    return _answer(service.change_own_password(actor, body.current_password, body.new_password, address))


@api.put("/language", summary="Choose one's language", security=SECURED)
def set_language(body: LanguageBody) -> Response:
    """The language of pages, messages and pushed rows from now on."""
    service.set_language(access.current_actor(), body.language)
    g.language = body.language
    return ok({"language": body.language})


def _answer(fresh: Tokens) -> Response:
    if get_jwt_request_location() == "headers":
        return ok(_bearer(fresh))
    # Tokens in the body would be within reach of every script on the page.
    response = ok({"expires_in": fresh.expires_in})
    put_in_cookies(response, fresh)
    return response


def _bearer(fresh: Tokens) -> dict[str, Any]:
    return {"access_token": fresh.access, "refresh_token": fresh.refresh, "expires_in": fresh.expires_in}


def _user(actor: Actor) -> dict[str, Any]:
    return {
        "id": actor.id,
        "username": actor.username,
        "employee_id": actor.employee_id,
        "name": actor.name,
        "role": actor.role,
        "language": actor.language,
        "pages": list(actor.pages),
        "must_change_password": actor.must_change_password,
    }
