"""The bounds of each line, on the real server: who passes one loses the line, and nobody else notices."""

from __future__ import annotations

import json
import random
import socket
import struct
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from sqlalchemy import select

from bmu.changes.work import By, transaction
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.realtime.lines import LARGEST_MESSAGE
from bmu.realtime.sockets import MOST_SOCKETS
from bmu.realtime.subscriptions import MOST_SUBSCRIPTIONS
from tests.conftest import STRANGER
from tests.faults.firm import ENGINE, PATIENCE, SUBSCRIBE, House, Polling, opened, until

pytestmark = pytest.mark.faults
HER = "AC00024"
UPDATED = "monthly-tax-data:updated"
PEOPLE = ("AC00024", "AC00008", "AC00012", "AC00015", "AC00031", "AC00040")


@pytest.fixture(scope="module")
def house(firm: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server that must live through all of this, and has nothing to say of it."""
    with opened(firm, tmp_path_factory.mktemp("house")) as one:
        yield one
        assert one.lives()


@pytest.fixture(autouse=True)
def leaving(house: House) -> Iterator[None]:
    """Whoever came for a test leaves after it."""
    yield
    house.clear()


@pytest.fixture
def build(house: House) -> dict[str, Any]:
    """Build 018 as it is now."""
    rows = house.sign_in("admin").get(build="018", limit=1).json["data"]
    found: dict[str, Any] = rows[0]
    return found


@pytest.fixture
def watcher(house: House, build: dict[str, Any]) -> Callable[[], None]:
    """Asserts that somebody else, who came before, hears of a save as ever."""
    admin = house.sign_in("admin")
    line = house.line(house.sign_in(HER).token)
    line.subscribe(HER)

    def hears() -> None:
        saved = house.save(admin, build, random.randbytes(4).hex())
        line.wait_for(UPDATED, lambda data: data["version"] == saved["version"])

    return hears


# -- who does not read -------------------------------------------------------------------------------------------


def test_who_does_not_read_is_dropped_and_the_other_295_hear_everything(house: House, build: dict[str, Any]) -> None:
    people = {one: house.sign_in(one) for one in PEOPLE}
    crowd = [house.line(people[one].token) for one in PEOPLE for _ in range(49)]
    for line, one in zip(crowd, (one for one in PEOPLE for _ in range(49)), strict=True):
        assert line.subscribe(one)["ok"]
    admin, before = house.sign_in("admin"), house.metric('bmu_lines_cut_total{why="slow"}')
    deaf = [house.line(admin.token, receive=4096) for _ in range(5)]
    assert all(line.subscribe("*", table="tax-status")["ok"] for line in deaf)

    def dropped() -> bool:
        """All that the crowd has nothing to do with changes once more, and they do not read it."""
        with house.app.app_context(), transaction(By("x")) as work:
            rows = list(work.session.scalars(select(MonthlyTaxData)))
            for row in [row for row in rows if not {*row.people().values()} & {*PEOPLE}]:
                work.edit(row, {"wht_response": random.randbytes(400).hex()})
        return house.metric('bmu_lines_cut_total{why="slow"}') == before + 5

    until(dropped, "the five to be dropped")
    saved = house.save(admin, build, "after all that")
    hearing = [line for line, one in zip(crowd, (p for p in PEOPLE for _ in range(49)), strict=True) if one != STRANGER]
    assert len(hearing) == 245
    for line in hearing:
        line.wait_for(UPDATED, lambda data: (data["id"], data["version"]) == (saved["id"], saved["version"]))
    until(lambda: house.metric("bmu_sockets_open") == len(crowd), "their sockets to be gone")
    # She comes back and is told what she missed.
    again = house.line(admin.token).subscribe("*", since=saved["seq"] - 1)
    assert [one["version"] for one in again["missed"]] == [saved["version"]]


# -- how much one may have ---------------------------------------------------------------------------------------


def test_one_account_opens_so_many_sockets_and_no_more(house: House) -> None:
    hers = house.sign_in("AC00032")
    lines = [house.line(hers.token) for _ in range(MOST_SOCKETS)]
    assert all(line.is_in for line in lines)
    refused = house.line(hers.token)
    assert not refused.is_in and '"code":"too_many"' in refused.opened
    lines.pop().drop()
    until(lambda: house.line(hers.token).is_in, "a place that was left to be free")
    for line in lines:
        assert line.subscribe("AC00032")["ok"], "the open ones are let be"


def test_one_socket_follows_so_many_people_and_no_more(house: House) -> None:
    line = house.line(house.sign_in("admin").token)
    answers = [line.subscribe(f"AC{n:05d}")["ok"] for n in range(MOST_SUBSCRIPTIONS + 2)]
    assert answers == [True] * MOST_SUBSCRIPTIONS + [False] * 2


def test_who_does_not_come_in_is_seen_off(house: House, watcher: Callable[[], None]) -> None:
    nobody, refused = Polling(house), house.line("junk")
    assert not refused.is_in
    assert refused.ended()
    until(lambda: nobody.post("3") == 400, "the visitor's line to be cut")
    watcher()


def test_who_is_quick_is_answered_all_the_same(house: House, watcher: Callable[[], None]) -> None:
    """A storm of events waits in the network, not in our memory."""
    line = house.line(house.sign_in(STRANGER).token)
    for _ in range(150):
        line.say("presence:gone", {"id": "x"})
    watcher()
    line.read(lambda packet: packet.startswith(f"43{line.asked}[") or None)


# -- what is no message ------------------------------------------------------------------------------------------

DEEP = "[" * 5000
JUNK_FRAMES = [
    *("", "x", "9", "²", "4", "42", "42[]", "42{}", "42[1]", '42[{"a":1}]', "42[null]", "42[[]]", '42["x"', "4x", "47"),
    *(
        "2",
        "6",
        "0",
        "1x",
        "b",
        "b!!!!",
        "bMg==",
        "44",
        "43",
        "43[]",
        "431[",
        "41/x,",
        "40/x,",
        '42/x,["y"]',
        "45",
        "4",
    ),
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
    import websocket

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


# -- raw lines ---------------------------------------------------------------------------------------------------

HELLO = (
    f"GET {ENGINE}websocket HTTP/1.1\r\nHost: {{host}}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


def raw(house: House, hello: str = HELLO) -> socket.socket:
    """A connection on which the websocket is open, if the server takes `hello`."""
    host, port = "127.0.0.1", house.server.port
    line = socket.create_connection((host, port), timeout=PATIENCE)
    line.sendall(hello.format(host=f"{host}:{port}").encode())
    line.recv(65536)
    return line


def frame(opcode: int, data: bytes, final: bool = True, masked: bool = True, length: int | None = None) -> bytes:
    """A frame of RFC 6455, not necessarily a right one."""
    size = len(data) if length is None else length
    head = bytes([opcode | (128 if final else 0)])
    mark = 128 if masked else 0
    head += bytes([mark | size]) if size < 126 else bytes([mark | 127]) + struct.pack("!Q", size)
    return head + (b"\x00" * 4 if masked else b"") + data


def closed(line: socket.socket) -> bool:
    """True once the server has ended the connection."""
    try:
        while line.recv(65536):
            pass
    except ConnectionError:
        pass
    return True


@pytest.mark.parametrize(
    "sent",
    [
        frame(1, b"40", masked=False),
        frame(3, b"40"),
        frame(0, b"40"),
        frame(9, b"x" * 126),
        frame(8, b"\x00"),
        frame(8, struct.pack("!H", 1)),
        frame(1, b"", length=2**40),
        frame(1, b"\xff\xff"),
        frame(1 | 64, b"40"),
        frame(1, b"4" * 9000, final=False) + frame(0, b"4" * 9000, final=False),
        frame(1, b"4", final=False) + frame(0, b"", final=False) * 1200,
        frame(1, b"4" * (LARGEST_MESSAGE + 1)),
    ],
    ids=[
        *("unmasked", "unknown opcode", "nothing to continue", "long ping", "short close", "bad close", "endless"),
        *("no unicode", "compressed", "large in parts", "many parts", "large"),
    ],
)
def test_a_frame_against_the_rules_ends_its_line(house: House, watcher: Callable[[], None], sent: bytes) -> None:
    with raw(house) as line:
        line.sendall(sent)
        assert closed(line)
    watcher()


@pytest.mark.parametrize(
    "change",
    [
        ("Sec-WebSocket-Version: 13\r\n", ""),
        ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: x"),
        ("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n", ""),
        ("Upgrade: websocket\r\nConnection: Upgrade\r\n", ""),
        ("EIO=4", "EIO=3"),
        ("transport=websocket", "transport=x"),
        ("websocket HTTP", "websocket&sid=x HTTP"),
        ("websocket HTTP", "websocket&j=0 HTTP"),
        ("GET ", "POST "),
        ("GET ", "BREW "),
    ],
    ids=lambda change: change[1].strip() or change[0].split(":")[0],
)
def test_a_handshake_against_the_rules_is_refused(
    house: House, watcher: Callable[[], None], change: tuple[str, str]
) -> None:
    raw(house, HELLO.replace(*change)).close()
    watcher()
    assert house.lives()


def test_a_line_that_never_stops_sending_leaves_the_others_their_turn(
    house: House, watcher: Callable[[], None]
) -> None:
    with raw(house) as line:
        # Somebody we know: a stranger would be hung up on at about the same time.
        line.sendall(frame(1, f'40{{"token":"{house.sign_in(STRANGER).token}"}}'.encode()))
        line.settimeout(0.5)
        # Not read any more, the network is full; or cut off already.
        with pytest.raises((TimeoutError, ConnectionError)):
            for _ in range(5000):
                line.sendall(frame(1, b"6" * 5) * 2000)
        watcher()
        until(lambda: house.metric('bmu_lines_cut_total{why="storm"}'), "the storm to be cut off")


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
