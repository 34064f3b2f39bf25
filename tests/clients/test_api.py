"""Clients over HTTP, by role; and the commands."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.conftest import Colleague

SignIn = Callable[[str], Colleague]
NEW = {"build": "77", "company_name": "บริษัท เจ็ดสิบเจ็ด จำกัด"}


@pytest.mark.parametrize("username", ["AC00024", "AC00012", "AC00031", "AC00040"])
def test_who_does_not_open_the_page_is_refused_the_api(sign_in: SignIn, username: str) -> None:
    who = sign_in(username)
    calls = [("GET", ""), ("POST", ""), ("GET", "/018"), ("PUT", "/018"), ("PUT", "/018/archive")]
    calls += [("DELETE", "/018/archive"), ("GET", "/018/history"), ("GET", "/018/obligations")]
    calls += [("PUT", "/018/obligations/2026-09"), ("DELETE", "/018/obligations/2026-09")]
    for method, path in calls:
        assert who.call(method, f"/api/clients{path}", json={} if method != "GET" else None).status_code == 403, path


@pytest.mark.parametrize("username", ["admin", "AC00008"])
def test_who_opens_the_page_creates_edits_archives_and_restores(sign_in: SignIn, username: str) -> None:
    who = sign_in(username)
    made = who.call("POST", "/api/clients", json=NEW)
    assert (made.status_code, made.json["data"]["build"]) == (201, "077")
    saved = who.call("PUT", "/api/clients/77", json={"note": "ก", "version": 1})
    assert saved.json["data"]["note"] == "ก"
    assert who.call("PUT", "/api/clients/077/archive").json["data"]["archived_at"]
    assert who.call("DELETE", "/api/clients/077/archive").json["data"]["archived_at"] is None
    told = who.call("GET", "/api/clients/077/history").json["data"]
    assert [line["action"] for line in told] == ["restore", "archive", "update", "create"]
    assert who.call("GET", "/api/clients/077").json["data"]["version"] == 4


def test_the_list_is_paged_sorted_and_filtered(sign_in: SignIn) -> None:
    answer = sign_in("admin").call("GET", "/api/clients?limit=3&sortOrder=desc&search=บริษัท").json
    builds = [one["build"] for one in answer["data"]]
    assert len(builds) == 3 and builds == sorted(builds, reverse=True)
    assert answer["pagination"]["total"] > 3


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "", {**NEW, "build": "018"}, 409),
        ("POST", "", {**NEW, "build": "x"}, 422),
        ("POST", "", {"build": "78"}, 422),
        ("PUT", "/018", {"nonsense": 1}, 422),
        ("PUT", "/018", {"company_size": "XS"}, 422),
        ("PUT", "/999", {"note": "x"}, 404),
        ("GET", "/999", None, 404),
        ("GET", "?archived=maybe", None, 422),
        ("GET", "?sortBy=note", None, 422),
    ],
)
def test_what_cannot_be_is_refused(sign_in: SignIn, method: str, path: str, body: object, status: int) -> None:
    assert sign_in("admin").call(method, f"/api/clients{path}", json=body).status_code == status


def test_the_second_to_change_a_field_gets_409_with_both_values(sign_in: SignIn) -> None:
    admin, other = sign_in("admin"), sign_in("AC00008")
    version = admin.call("GET", "/api/clients/018").json["data"]["version"]
    other.call("PUT", "/api/clients/018", json={"note": "ของเขา", "version": version})
    refused = admin.call("PUT", "/api/clients/018", json={"note": "ของฉัน", "version": version})
    assert (refused.status_code, refused.json["conflicts"]["note"]["theirs"]) == (409, "ของเขา")
    assert refused.json["data"]["note"] == "ของเขา"


def test_commands_do_the_same(app: Flask) -> None:
    def run(*words: str) -> tuple[int, str]:
        done = app.test_cli_runner().invoke(args=["client", *words])
        assert "Traceback" not in done.output
        return done.exit_code, done.output

    assert run("create", "88", "บริษัท แปด จำกัด", "--set", "company_size=S")[0] == 0
    assert run("edit", "88", "--set", "note=ก")[1].startswith("088 บริษัท แปด จำกัด: version 2")
    assert "note: ก" in run("show", "88")[1]
    assert "(archived)" in run("archive", "088")[1]
    assert "088" in run("list", "--archived")[1] and "088" not in run("list")[1]
    assert run("restore", "088")[0] == 0
    assert run("create", "88", "อีก")[0] == 1
    assert run("edit", "88", "--set", "nonsense=1")[0] == 2
    assert run("edit", "999", "--set", "note=1")[0] == 1
