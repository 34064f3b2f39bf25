"""Whatever a client says, on the real server: it is answered or seen off, and nobody else notices."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
import requests
import websocket

from bmu.realtime.lines import LARGEST_MESSAGE
from tests.conftest import STRANGER
from tests.faults.firm import HER, PATIENCE, SUBSCRIBE, House, Polling

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("leaving")]


# -- what is no message ------------------------------------------------------------------------------------------

DEEP = "[" * 5000
JUNK_FRAMES = [
    *("", "x", "9", "²", "4", "42", "42[]", "42{}", "42[1]", '42[{"a":1}]', "42[null]", "42[[]]", '42["x"', "4x", "47"),
    *("2", "6", "0", "1x", "b", "b!!!!", "bMg==", "44", "43", "43[]", "431[", "41/x,", "40/x,", '42/x,["y"]', "45"),
    *('451-["x",{"_placeholder":true,"num":0}]', '459999999999-["x"]', '455-["x",{"_placeholder":true,"num":9}]'),
    *(f"42{DEEP}", f"4{DEEP}", f'421["{SUBSCRIBE}",{DEEP}]', '42["disconnect","x"]', '421["disconnect"]', '42["*"]'),
    *('421["connect",{},{"token":"x"}]', '421["connect_error"]', '42["__disconnect_final"]', f"42{'1' * 200}[]"),
    *("4" + "9" * 5000, "40", "40{}", '42["\\ud800"]', "\x00", "\x1e\x1e", '42["x",1e999]', "42" + "1" * 90 + '["x"]'),
    *(b"", b"\x00", b"\x04x", b"\xff" * 100, b"4", b"\x80" * LARGEST_MESSAGE),
]


@pytest.mark.parametrize("inside", [True, False], ids=["signed in", "visitor"])
def test_no_frame_disturbs_the_others(house: House, watcher: Callable[[], None], inside: bool) -> None:
    token = house.sign_in(STRANGER).token if inside else None
    for frame in JUNK_FRAMES:
        line = house.line(token)
        try:
            line.send(frame)
            line.send('42["x"]')
        except (ConnectionError, OSError):
            pass
        line.drop()
    watcher()
    assert house.lives()


def test_no_posted_body_disturbs_the_others(house: House, watcher: Callable[[], None]) -> None:
    bodies = [*JUNK_FRAMES, "\x1e".join(["42[]"] * 40), "d=x", "d", "x" * (LARGEST_MESSAGE + 1), b"\xff\xfe", "4" * 900]
    token = house.sign_in(STRANGER).token
    for body in bodies[::3]:
        assert Polling(house, token).post(body) in (200, 400)
    for body in bodies:
        assert Polling(house).post(body) in (200, 400)
    watcher()
    assert house.lives()


def test_a_forged_goodbye_does_not_hide_a_socket(house: House, build: dict[str, Any]) -> None:
    """An event named like the library's own: the doorkeeper must not forget who is still listening."""
    who = house.sign_in(HER)
    line = house.line(who.token)
    line.subscribe(HER)
    line.send('42["disconnect","transport close"]')
    assert line.ended()
    with pytest.raises((ConnectionError, OSError)):
        line.ask("presence:gone", {"id": "x"})


def test_a_forged_welcome_does_not_change_who_one_is(house: House, build: dict[str, Any]) -> None:
    other = house.sign_in("admin")
    line = house.line(house.sign_in(STRANGER).token)
    line.say("connect", {}, {"token": other.token})
    line.say(SUBSCRIBE, {"employeeId": "*"})
    assert line.ended() and not line.heard


def test_half_an_upgrade_ends_nobody_and_nothing(house: House, watcher: Callable[[], None]) -> None:
    token = house.sign_in(STRANGER).token
    for words in ([], ["2probe"], ["x"], ["2probe", "x"], ["2probe", ""], [DEEP], ["2probe", "5x"], ["5"]):
        polling = Polling(house, token)
        url = polling.url.replace("http", "ws", 1).replace("transport=polling", "transport=websocket")
        half = websocket.create_connection(url, timeout=PATIENCE)
        for word in words:
            half.send(word)
        half.shutdown()
        status = requests.get(polling.url, timeout=PATIENCE).status_code if words[:1] == ["2probe"] else 200
        assert status in (200, 400)
    watcher()
    assert house.lives()


# -- events at random --------------------------------------------------------------------------------------------


def test_whatever_an_event_says_it_is_answered(house: House, build: dict[str, Any]) -> None:
    """Seeded. Each is acknowledged, no answer is a fault of ours, and nobody else's record is heard of."""
    dice, admin = random.Random(18), house.sign_in("admin")
    line = house.line(house.sign_in(STRANGER).token)
    assert line.subscribe(STRANGER)["ok"]
    for turn in range(150):
        answer = line.ask(_event(dice), *_payloads(dice, build["id"]))
        assert answer["ok"] is True or answer["error"]["code"] in ("invalid", "forbidden", "not_found"), answer
        assert build["id"] not in json.dumps(answer)
        if turn % 30 == 0:
            house.save(admin, build, f"turn {turn}")
    assert not [data for _, data in line.heard if build["id"] in json.dumps(data)]
    assert house.lives()


EVENTS = (SUBSCRIBE, "unsubscribe:monthly-tax-data", "form:open", "form:close", "presence:here", "presence:gone", "x")
KEYS = ("employeeId", "table", "lang", "view", "since", "id", "page", "version", "field", "x", "\x00", "ก")


def _event(dice: random.Random) -> str:
    return dice.choice((*EVENTS, *EVENTS, "message", "", "ข่าว", "x" * 99))


def _payloads(dice: random.Random, record_id: str) -> list[Any]:
    known = {key: _value(dice, record_id, 0) for key in dice.sample(KEYS, dice.randrange(6))}
    return dice.choice(([known], [known], [known], [known, 1, "x"], [_value(dice, record_id, 0)], []))


def _value(dice: random.Random, record_id: str, depth: int) -> Any:
    plain = [None, True, 0, -1, 1.5, 2**70, 1e308, "", "x", "\x00", "\ud800", "ก" * 300, "AC00024", "*", STRANGER]
    plain += [record_id, record_id.upper(), "taxStatus", "tax-status", "pnd_status", "month=2026-10&q=%00", "a" * 3000]
    if depth < 4 and dice.random() < 0.2:
        inner = [_value(dice, record_id, depth + 1) for _ in range(dice.randrange(4))]
        return dice.choice((inner, dict(enumerate(inner))))
    return dice.choice(plain)
