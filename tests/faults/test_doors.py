"""Who may open a line to the real server, and until when: what only a network shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
import websocket
from flask_jwt_extended import create_access_token
from sqlalchemy import update

from bmu.accounts import service
from bmu.accounts.models import User
from bmu.changes.work import By, transaction
from bmu.monthly_tax import service as records
from tests.conftest import STRANGER, Colleague
from tests.faults.firm import ENGINE, HER, PATIENCE, UPDATED, House, Line, opened, terrace
from tests.faults.shapes import SHAPES

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("leaving")]
Farewells = dict[Callable[[House, Colleague], None], tuple[Line, dict[str, str]]]
REMOVED = "monthly-tax-data:removed"


@pytest.fixture(scope="module", params=SHAPES)
def house(request: pytest.FixtureRequest, firm: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The app in each of its shapes for the whole module, which has nothing to say of any of this."""
    origins = {"BMU_ORIGINS": "https://desk.example"}
    alone = request.param == "sqlite"
    with opened(firm, tmp_path_factory.mktemp("house"), **origins) if alone else terrace(**origins) as one:
        yield one
        assert one.lives()


# -- by which token ----------------------------------------------------------------------------------------------


def good(who: Colleague) -> Any:
    return {"token": who.token}


def nothing(_who: Colleague) -> Any:
    return None


def junk(_who: Colleague) -> Any:
    return {"token": "junk"}


def forged(who: Colleague) -> Any:
    return {"token": who.token[:-4] + ("AAAA" if not who.token.endswith("AAAA") else "BBBB")}


def a_list(who: Colleague) -> Any:
    return [who.token]


def refresh(who: Colleague) -> Any:
    return {"token": who.refresh_token}


def _minted(who: Colleague, seconds: int) -> str:
    with who.app.app_context():
        claims = {"sid": who.session, "csrf": who.csrf}
        return create_access_token(who.user_id, additional_claims=claims, expires_delta=timedelta(seconds=seconds))


def expired(who: Colleague) -> Any:
    return {"token": _minted(who, -1)}


def revoked(who: Colleague) -> Any:
    assert who.call("POST", "/api/auth/logout").status_code == 200
    return {"token": who.token}


def inactive(who: Colleague) -> Any:
    with who.app.app_context():
        service.disable(By("admin"), who.username)
    return {"token": who.token}


TOKENS: dict[Callable[[Colleague], Any], str] = {
    good: "in",
    nothing: "unauthorized",
    junk: "unauthorized",
    forged: "unauthorized",
    a_list: "unauthorized",
    refresh: "unauthorized",
    expired: "unauthorized",
    revoked: "unauthorized",
    inactive: "unauthorized",
}


@pytest.mark.parametrize("token", TOKENS, ids=lambda token: token.__name__)
def test_by_which_token_one_comes_in(house: House, token: Callable[[Colleague], Any]) -> None:
    line = Line(house, token(house.sign_in("AC00033")))
    house.lines.append(line)
    if token is inactive:
        with house.app.app_context():
            service.enable(By("admin"), "AC00033")
    if TOKENS[token] == "in":
        assert line.is_in and line.subscribe("AC00033")["ok"]
    else:
        assert not line.is_in and TOKENS[token] in line.opened
        line.send('42["subscribe:monthly-tax-data",{"employeeId":"AC00033"}]')
        assert line.ended() and not line.heard


# -- from which page ---------------------------------------------------------------------------------------------

ORIGINS = {
    "own": True,
    None: True,  # programs; they need a token all the same
    "https://desk.example": True,  # BMU_ORIGINS
    "http://evil.example": False,
    "null": False,
    "https://desk.example.evil.example": False,
    "http://desk.example": False,
    "https://desk.example:444": False,
    "own, https but the page is http": False,
    "own.evil.example": False,
    "another port": False,
    "localhost for 127.0.0.1": False,
}


def _origin(house: House, name: str | None) -> str | None:
    own, port = house.url, house.port
    made = {
        "own": own,
        "own, https but the page is http": own.replace("http", "https"),
        "own.evil.example": f"{own}.evil.example",
        "another port": f"http://127.0.0.1:{port + 1}",
        "localhost for 127.0.0.1": f"http://localhost:{port}",
    }
    return made.get(name, name) if name else None


@pytest.mark.parametrize("name", ORIGINS, ids=str)
def test_from_which_page_one_comes_in(house: House, name: str | None) -> None:
    """With a good cookie: it is the browser's habit to send it along from anybody's page."""
    cookie, origin = f"access_token_cookie={house.sign_in(HER).token}", _origin(house, name)
    headers = {"Cookie": cookie} | ({"Origin": origin} if origin else {})
    polling = requests.get(f"{house.url}{ENGINE}polling", headers=headers, timeout=PATIENCE)
    assert (polling.status_code == 200) is ORIGINS[name]
    if ORIGINS[name]:
        line = Line(house, cookie=cookie, **({"origin": origin} if origin else {"suppress_origin": True}))
        house.lines.append(line)
        assert line.is_in and line.subscribe(HER)["ok"]
    else:
        assert "Access-Control-Allow-Origin" not in polling.headers
        with pytest.raises(websocket.WebSocketBadStatusException, match="400"):
            Line(house, cookie=cookie, origin=origin)


def test_a_cookie_is_no_sign_in_without_a_page_of_ours_or_a_line(house: House) -> None:
    line = Line(house, cookie="access_token_cookie=junk", suppress_origin=True)
    house.lines.append(line)
    assert not line.is_in and "unauthorized" in line.opened


# -- until when --------------------------------------------------------------------------------------------------


def signs_out(house: House, who: Colleague) -> None:
    headers = {"Authorization": f"Bearer {who.token}"}
    assert requests.post(f"{house.url}/api/auth/logout", headers=headers, timeout=PATIENCE).ok


def is_disabled_elsewhere(house: House, who: Colleague) -> None:
    with house.app.app_context():
        service.disable(By("admin"), who.username)


def gets_another_role(house: House, who: Colleague) -> None:
    with house.app.app_context(), transaction() as work:
        work.session.execute(update(User).where(User.id == who.user_id).values(role="data_entry"))


def runs_out(_house: House, _who: Colleague) -> None:
    """The token was minted for seconds."""


MOMENTS: dict[Callable[[House, Colleague], None], tuple[str, str]] = {
    signs_out: ("AC00024", "signed_out"),
    is_disabled_elsewhere: ("AC00012", "signed_out"),
    gets_another_role: ("AC00015", "role_changed"),
    runs_out: ("AC00031", "expired"),
}


def heard_the_word(house: House, moment: Callable[[House, Colleague], None]) -> tuple[Line, dict[str, str]]:
    """A line that heard of a save before `moment`, and what it was told at it."""
    username, _ = MOMENTS[moment]
    who = house.sign_in(username)
    line = Line(house, {"token": _minted(who, 6) if moment is runs_out else who.token})
    assert line.subscribe(username)["ok"]
    first = house.save(house.sign_in("admin"), house.newest(), f"before {moment.__name__}")
    line.wait_for(UPDATED, lambda data: data["version"] == first["version"])
    moment(house, who)
    return line, line.wait_for("auth:expired")


@pytest.fixture(scope="module")
def over(house: House) -> Iterator[Farewells]:
    """A line for each moment, after it and after one more save. All wait together for being seen off."""
    stays = Line(house, {"token": house.sign_in("AC00008").token})
    assert stays.subscribe("AC00008")["ok"]
    lines = {moment: heard_the_word(house, moment) for moment in MOMENTS}
    then = house.save(house.sign_in("admin"), house.newest(), "after all of that")
    stays.wait_for(UPDATED, lambda data: data["version"] == then["version"])
    for line, _ in lines.values():
        line.send("3")
    yield lines
    for line in (stays, *(line for line, _ in lines.values())):
        line.drop()


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.__name__)
def test_soon_after_that_moment_the_line_has_ended(over: Farewells, moment: Callable[[House, Colleague], None]) -> None:
    line, told = over[moment]
    assert told == {"reason": MOMENTS[moment][1]}
    assert line.ended(), "who stays without a word is seen off"
    assert "after all of that" not in str(line.heard)


def test_who_is_taken_off_hears_that_it_is_gone_and_no_more(house: House, build: dict[str, Any]) -> None:
    """By another process, between one save and the next."""
    who, admin = house.sign_in(STRANGER), house.sign_in("admin")
    with house.app.app_context():
        records.hand_over(By(None, "tests"), build["id"], {"document_entry_responsible": STRANGER})
    line = house.line(who.token)
    line.subscribe(STRANGER)
    with house.app.app_context():
        records.hand_over(By(None, "tests"), build["id"], {"document_entry_responsible": "AC00031"})
    saved = house.save(admin, build, "not for the stranger")
    assert line.wait_for(REMOVED)["id"] == build["id"]
    again = line.subscribe(STRANGER, since=saved["seq"] - 2)
    assert {(one["id"], one.get("removed")) for one in again["missed"]} <= {(build["id"], True)}
    assert "not for the stranger" not in str(line.heard)
