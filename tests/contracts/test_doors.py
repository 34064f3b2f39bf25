"""Every address but a short list refuses a visitor; every write refuses a stranger, and a form of another site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.conftest import MONTH, STRANGER, Colleague

SignIn = Callable[[str], Colleague]
# Where a visitor is answered, and why.
OPEN = {
    "static": "scripts and styles hold nothing of the firm",
    "accounts.login": "the way in",
    "accounts.sign_in": "the way in; its form has a token of its own",
    "accounts.renew": "asks for the refresh cookie itself and leads to the way in",
    "accounts.logout": "who is not signed in is led to the way in",
    "accounts.language_choice": "a visitor's choice; its form has a token of its own",
    "accounts.password_form": "leads to the account page, which is closed",
    "auth_api.login": "the way in, for programs",
    "auth_api.refresh": "asks for the refresh token itself",
    "health.healthz": "a load balancer asks",
    "health.readyz": "a load balancer asks",
    "health.metrics": "guards itself: this machine or a token (tests/test_health.py)",
    "docs.page": "says how to ask, holds nothing of the firm",
    "openapi_json": "says how to ask, holds nothing of the firm",
}
VALUES: dict[str, Any] = {
    "table_name": "tax-status",
    "build": "018",
    "session_id": "x",
    "id": "x",
    "year": 2026,
    "key": "AC00024",
    "username": "AC00024",
}
VALUES |= {"form": "xlsx", "sheet": "clients", "since": "2026-09"}


def doors(app: Flask) -> list[tuple[str, str, str]]:
    """(endpoint, method, address) of everything that the app answers."""
    urls = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        known = VALUES | {"path": "js/desk.js", "month": 10 if "year" in rule.arguments else "2026-10"}
        values = {name: known[name] for name in rule.arguments}
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        found += [(rule.endpoint, method, urls.build(rule.endpoint, values, method=method)) for method in methods]
    return found


def closed(app: Flask) -> list[tuple[str, str, str]]:
    return [door for door in doors(app) if door[0] not in OPEN]


def writes(app: Flask) -> list[tuple[str, str, str]]:
    return [door for door in doors(app) if door[1] != "GET"]


def test_the_short_list_names_only_what_there_is(app: Flask) -> None:
    assert set(OPEN) <= set(app.view_functions)


def test_a_visitor_is_refused_at_every_closed_door(app: Flask) -> None:
    visitor, found = app.test_client(), closed(app)
    assert len(found) > 15
    for endpoint, method, path in found:
        answer = visitor.open(path, method=method)
        if path.startswith("/api/"):
            told = (answer.status_code, (answer.json or {}).get("success"))
            assert told == (401, False), f"{method} {path} ({endpoint}) answers a visitor with {told}"
        else:
            assert answer.status_code == 302, f"{method} {path} ({endpoint}) answers a visitor: {answer.status_code}"
            assert answer.headers["Location"].startswith("/login"), endpoint


@pytest.mark.parametrize("token", ["junk", "a.b.c", ""])
def test_a_made_up_token_opens_no_door(app: Flask, token: str) -> None:
    visitor = app.test_client()
    for endpoint, method, path in closed(app):
        answer = visitor.open(path, method=method, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code in (302, 401), f"{method} {path} ({endpoint})"


def test_the_body_of_a_visitor_is_not_looked_at(app: Flask) -> None:
    """401, not 415 or 422: nothing is parsed for whom we do not know (stack trap 16)."""
    visitor = app.test_client()
    for endpoint, method, path in closed(app):
        if path.startswith("/api/"):
            answer = visitor.open(f"{path}?nonsense=1", method=method, data="{", content_type="text/plain")
            assert answer.status_code == 401, endpoint


def test_every_write_refuses_a_form_of_another_site(app: Flask, sign_in: SignIn) -> None:
    """Cookies alone, without the CSRF value, change nothing."""
    found = writes(app)
    assert len(found) > 10
    for endpoint, method, path in found:
        if endpoint == "auth_api.login":  # takes no cookie
            continue
        browser = sign_in("AC00024").browser()
        answer = browser.open(path, method=method, json={} if path.startswith("/api/") else None)
        # The refresh cookie's value is another one, which this browser does not even hold.
        wanted = {"auth_api.refresh": 401, "accounts.renew": 303}.get(endpoint, 403)
        assert answer.status_code == wanted, f"{method} {path} ({endpoint}) takes a form of another site"
    assert sign_in("AC00024").get("/api/auth/me").status_code == 200


def test_the_csrf_value_of_another_session_is_none(sign_in: SignIn, record: dict[str, Any]) -> None:
    browser, hers = sign_in("AC00024").browser(), sign_in(STRANGER).csrf
    address, body = f"/api/monthly-tax-data/{record['id']}", {"sourcePage": "taxStatus", "wht_response": "x"}
    assert browser.put(address, json=body, headers={"X-CSRF-TOKEN": hers}).status_code == 403
    assert browser.put(address, json=body, headers={"X-CSRF-TOKEN": sign_in("AC00024").csrf}).status_code == 200


def test_every_write_of_a_record_refuses_a_stranger(app: Flask, sign_in: SignIn, record: dict[str, Any]) -> None:
    """AC00040 has nothing to do with build 018: to her its record is not there, and no version moves."""
    bodies: dict[str, tuple[Any, int]] = {
        "monthly_tax_api.put_record": ({"sourcePage": "taxStatus", "wht_response": "x"}, 404),
        "monthly_tax_api.undo": ({"version": record["version"]}, 404),
        "monthly_tax_api.patch_bulk": (_bulk(record), 200),
        "monthly_tax_api.post_acknowledgement": ({"sourcePage": "taxStatus", "hash": "x", "word": "yes"}, 404),
        "monthly_tax_api.post_record": ({"build": "018", "tax_year": 2030, "tax_month": 1}, 403),
    }
    stranger = sign_in(STRANGER)
    found = [door for door in writes(app) if door[2].startswith("/api/monthly-tax-data")]
    assert {endpoint for endpoint, _, _ in found} == set(bodies), "a new write: say here how a stranger would ask it"
    for endpoint, method, path in found:
        body, wanted = bodies[endpoint]
        answer = stranger.call(method, path.replace("/x", f"/{record['id']}"), json=body)
        assert answer.status_code == wanted, endpoint
        assert endpoint != "monthly_tax_api.patch_bulk" or answer.json["data"][0]["status"] == 404
    assert sign_in("admin").get(record["id"]).json["data"] == record


def _bulk(record: dict[str, Any]) -> dict[str, Any]:
    return {"sourcePage": "taxStatus", "records": [{"id": record["id"]}], "values": {"wht_response": "x"}}


def test_every_page_refuses_the_role_that_does_not_open_it(sign_in: SignIn) -> None:
    """domain §5.2, by the cast."""
    opens = {
        "AC00024": {"/tax-status"},
        "AC00012": {"/tax-status", "/tax-filing"},
        "AC00008": {"/tax-status", "/tax-inspection", "/tax-filing"},
        "AC00031": set(),
        "admin": {"/tax-status", "/tax-inspection", "/tax-filing"},
    }
    for username, pages in opens.items():
        for page in ("/tax-status", "/tax-inspection", "/tax-filing"):
            wanted = 200 if page in pages else 403
            assert sign_in(username).get(page).status_code == wanted, f"{username} at {page}"
            at_record = sign_in(username).get(f"{page}/018/{MONTH}")
            assert at_record.status_code == wanted, f"{username} at {page}/018"


def test_a_record_one_may_not_know_of_is_not_there(sign_in: SignIn, record: dict[str, Any]) -> None:
    stranger, made_up = sign_in(STRANGER), "00000000-0000-4000-8000-000000000000"
    own = (record["id"], f"{record['id']}/history", f"{record['id']}/acknowledgements")
    for path in (*own, f"018/{record['tax_year']}/{record['tax_month']}"):
        assert sign_in("AC00024").get(path).status_code == 200
        hidden = stranger.get(path)
        absent = stranger.get(path.replace(record["id"], made_up).replace("018/", "999/"))
        assert (hidden.status_code, hidden.json) == (absent.status_code, absent.json) == (404, hidden.json)
    assert stranger.get(f"/tax-status/018/{MONTH}").status_code == 404


def test_a_visitor_comes_back_to_where_they_wanted(app: Flask) -> None:
    answer = app.test_client().get("/tax-status?month=2026-09&q=018")
    assert answer.headers["Location"] == "/login?next=/tax-status?month%3D2026-09%26q%3D018"
