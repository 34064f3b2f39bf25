"""What a client has to file, over HTTP, in the page and from the command line; and who hears of it."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask

from tests.clients.test_pages import send, version_on
from tests.conftest import MONTH, Colleague, events

SignIn = Callable[[str], Colleague]
AT = "/api/clients/018/obligations"
HERE = "/clients/018/obligations"


def test_the_api_says_sets_and_takes_back(sign_in: SignIn) -> None:
    admin = sign_in("admin")
    before = admin.call("GET", AT).json["data"]
    assert len(before["in_force"]) == 11 and before["build"] == "018"
    set_ = admin.call("PUT", f"{AT}/{MONTH}", json={"forms": ["pp30", "pnd_3"], "version": before["version"]})
    assert set_.status_code == 200 and set_.json["data"]["in_force"] == ["pnd_3", "pp30"]
    assert set_.json["data"]["obligations"][-1] == {"since": str(MONTH), "forms": ["pnd_3", "pp30"]}
    back = admin.call("DELETE", f"{AT}/{MONTH}").json["data"]
    assert back["obligations"] == before["obligations"] and back["version"] == before["version"] + 2


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", f"{AT}/2026-13", {"forms": []}, 422),
        ("PUT", f"{AT}/2026-09", {"forms": ["pnd_99"]}, 422),
        ("PUT", f"{AT}/2026-09", {}, 422),
        ("PUT", f"{AT}/2026-09", {"forms": [], "more": 1}, 422),
        ("PUT", "/api/clients/999/obligations/2026-09", {"forms": []}, 404),
        ("DELETE", f"{AT}/soon", None, 422),
        ("GET", "/api/clients/999/obligations", None, 404),
    ],
)
def test_what_cannot_be_is_refused(sign_in: SignIn, method: str, path: str, body: Any, status: int) -> None:
    assert sign_in("admin").call(method, path, json=body).status_code == status


def test_who_saw_an_older_month_is_told_both_values(sign_in: SignIn) -> None:
    admin, audit = sign_in("admin"), sign_in("AC00008")
    seen = admin.call("GET", AT).json["data"]["version"]
    audit.call("PUT", f"{AT}/{MONTH}", json={"forms": ["pp30"]})
    late = admin.call("PUT", f"{AT}/{MONTH}", json={"forms": ["pnd_3"], "version": seen})
    assert late.status_code == 409 and late.json["conflicts"]["forms"]["theirs"] == ["pp30"]


def test_open_tables_hear_of_it_at_once(sign_in: SignIn, record: dict[str, Any]) -> None:
    """As of any change of a client (decision 0017): no version moves, and nobody else hears."""
    listening = sign_in("AC00024").listen(table="tax-status", lang="th")
    stranger = sign_in("AC00040").listen(table="tax-status", lang="th")
    sign_in("admin").call("PUT", f"{AT}/{MONTH.plus(-1)}", json={"forms": ["pnd_3"]})
    heard = {data["id"]: data for name, data in events(listening) if name == "monthly-tax-data:updated"}
    assert record["id"] in heard and heard[record["id"]]["version"] == record["version"]
    assert not [name for name, _ in events(stranger) if name.startswith("monthly-tax-data")]


def test_a_page_without_scripts_sets_shows_and_takes_back(sign_in: SignIn) -> None:
    admin = sign_in("admin")
    seen = version_on(admin.get("/clients/018").text)
    done = send(admin, HERE, since=str(MONTH), forms=["pnd_3", "pp30"], version=seen)
    assert done.headers["Location"] == "/clients/018?done=obliged#obligations"
    page = unescape(admin.get("/clients/018").text)
    assert '<p class="says">ภ.ง.ด.3, ภ.พ.30</p>' in page and "แบบที่ต้องยื่น ตั้งแต่" in page
    assert page.count('name="forms" value=') == 11 and page.count(" checked") == 2
    send(admin, HERE, since=str(MONTH), release="1", version=version_on(page))
    assert '<p class="says">ภ.ง.ด.3, ภ.พ.30</p>' not in unescape(admin.get("/clients/018").text)


def test_a_month_of_the_schedule_can_be_opened_to_be_changed(sign_in: SignIn) -> None:
    admin = sign_in("admin")
    admin.call("PUT", f"{AT}/{MONTH.plus(5)}", json={"forms": []})
    page = admin.get("/clients/018", **{"from": str(MONTH.plus(5))}).text
    assert f'<option value="{MONTH.plus(5)}" selected>' in page
    assert 'name="nothing" value="1" checked' in page and 'value="pnd_3" checked' not in page


@pytest.mark.parametrize(
    ("sent", "field"), [({"forms": []}, "forms"), ({"since": "soon", "forms": ["pp30"]}, "since"), ({}, "forms")]
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    sign_in: SignIn, sent: dict[str, Any], field: str
) -> None:
    """Nothing ticked may be a slip."""
    answer = send(sign_in("admin"), HERE, **{"since": str(MONTH), **sent})
    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text
    assert ('value="pp30" checked' in answer.text) == ("pp30" in sent.get("forms", []))


def test_nothing_to_file_is_said_in_so_many_words(sign_in: SignIn) -> None:
    assert send(sign_in("admin"), HERE, since=str(MONTH), nothing="1").status_code == 303
    assert sign_in("admin").call("GET", AT).json["data"]["in_force"] == []


def test_who_was_late_sees_what_the_other_said(sign_in: SignIn) -> None:
    admin = sign_in("admin")
    seen = version_on(admin.get("/clients/018").text)
    sign_in("AC00008").call("PUT", f"{AT}/{MONTH}", json={"forms": ["pnd_53"]})
    late = send(admin, HERE, since=str(MONTH), forms=["pnd_3"], version=seen)
    assert late.status_code == 409 and "<b>ภ.ง.ด.53</b>" in late.text and 'value="pnd_3" checked' in late.text


def test_who_does_not_keep_clients_cannot(sign_in: SignIn) -> None:
    assert send(sign_in("AC00024"), HERE, since=str(MONTH), forms=["pp30"]).status_code == 403


def test_the_command_prints_sets_and_forgets(app: Flask) -> None:
    runner = app.test_cli_runner()

    def run(*args: str) -> Any:
        return runner.invoke(args=["client", "obligations", "18", *args])

    before = run().output
    assert run("--from", "2031-01", "--forms", "ภ.พ.30,pnd_3").output == before + "2031-01  pnd_3, pp30\n"
    assert run("--from", "2031-02", "--forms", "-").output.endswith("2031-02  -\n")
    assert run("--forget", "2031-02").output == before + "2031-01  pnd_3, pp30\n"
    assert run("--forget", "2031-01").output == run("--forget", "2031-01").output == before
    assert run("--from", "2031-01").exit_code == 2
    assert run("--from", "2031-01", "--forms", "pnd_99").exit_code == 1
    assert runner.invoke(args=["client", "obligations", "999"]).exit_code == 1
