"""Who else has a record open, as people see it: in the row, in the form, at the field; and gone when they go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import socketio
from playwright.sync_api import Locator, expect

from tests.browser.colleague import FILING, INSPECTION, STATUS, Cast
from tests.browser.forms import through_the_gate
from tests.browser.house import Server
from tests.browser.line import Line
from tests.browser.people import Desk, Office, OpenDesk
from tests.conftest import MONTH

CONTROL = ".field [name]:enabled:visible"
TYPED = "1234567890" * 4
Visit = Callable[[str, str], "Guest"]


class Guest:
    """Somebody with the form of a record open in another browser: a socket that answers when it is asked."""

    def __init__(self, server: Server, token: str, record_id: str) -> None:
        self.where: dict[str, Any] = {"id": record_id, "field": None}
        self.line = socketio.Client()
        self.line.on("presence:ask", self.say)
        self.line.connect(server.url, auth={"token": token}, transports=["websocket"])
        self.say()

    def say(self, *_: Any) -> None:
        """Where it is now."""
        self.line.emit("presence:here", self.where)

    def enter(self, field: str | None) -> None:
        self.where["field"] = field
        self.say()

    def fall_silent(self) -> None:
        """As a machine that was shut: the line stands, and nobody answers."""
        self.line.on("presence:ask", lambda *_: None)


@pytest.fixture
def visit(house: Server, colleague: Cast) -> Any:
    """Opens the form of a build for somebody: `visit("AC00008", build)`."""
    guests: list[Guest] = []

    def come(username: str, build: str) -> Guest:
        who = colleague(username)
        guests.append(Guest(house, who.token, who.record(build)["id"]))
        return guests[-1]

    yield come
    for guest in guests:
        guest.line.disconnect()


def mark(desk: Desk, build: str) -> str:
    """What stands behind the company's name, as the browser draws it."""
    found: str = desk.row(build).locator(".company").evaluate("cell => getComputedStyle(cell, '::before').content")
    return found


def shows_mark(desk: Desk, build: str, name: str) -> None:
    wanted = f'"{name}" / ""' if name else "none"
    desk.until(lambda: mark(desk, build) == wanted, lambda: f"{wanted}, not {mark(desk, build)}")


def open_form(desk: Desk, build: str) -> Locator:
    """The form of a build, opened from its row."""
    desk.row(build).locator(".company a").click()
    return through_the_gate(desk).article


def beats(desk: Desk) -> list[str]:
    """What this tab says from now on of where it is. Ask before the page is opened."""
    said: list[str] = []

    def note(frame: object) -> None:
        if "presence:here" in str(frame):
            said.append(str(frame))

    desk.page.on("websocket", lambda wire: wire.on("framesent", note))
    return said


def test_a_colleagues_form_shows_in_the_row_and_leaves_no_trace_in_it(
    desk: OpenDesk, visit: Visit, colleague: Cast, build: str
) -> None:
    here = desk("AC00024", STATUS)
    before = here.rows()
    shows_mark(here, build, "")
    guest = visit("AC00008", build)
    shows_mark(here, build, "กร")
    assert here.rows() == before == here.fresh_rows()
    visit("AC00012", build)
    here.until(lambda: "," in mark(here, build), "the second name")
    colleague("AC00015").save(build, FILING, pp30_status="draft_completed")
    here.shows(build, "pp30_status", "draft_completed")
    assert "กร" in mark(here, build)
    assert here.rows()[build] == here.fresh_rows()[build]
    guest.line.disconnect()
    here.until(lambda: "กร" not in mark(here, build), "the first to go")


def test_the_mark_moves_nothing(desk: OpenDesk, visit: Visit, build: str) -> None:
    here = desk("AC00024", STATUS)
    here.page.evaluate("document.fonts.ready.then(() => true)")  # letters that come late move everything
    boxes = (
        "[...document.querySelectorAll('tbody :is(td, th, a)')].map(one => JSON.stringify(one.getBoundingClientRect()))"
    )
    before = here.page.evaluate(boxes)
    visit("AC00008", build)
    shows_mark(here, build, "กร")
    assert here.page.evaluate(boxes) == before


def test_the_mark_outlives_another_list(desk: OpenDesk, visit: Visit, build: str) -> None:
    here = desk("AC00024", STATUS)
    visit("AC00008", build)
    shows_mark(here, build, "กร")
    here.page.locator("thead [data-column=company_name] a").click()
    here.page.wait_for_url("**sort=company_name**")
    here.live()
    shows_mark(here, build, "กร")


def test_a_page_that_opens_later_knows_it_at_once(desk: OpenDesk, visit: Visit, build: str) -> None:
    visit("AC00008", build)
    first = desk("AC00024", STATUS)
    shows_mark(first, build, "กร")
    shows_mark(desk("AC00012", FILING), build, "กร")


def test_who_falls_silent_is_gone_within_ten_seconds_of_asking(desk: OpenDesk, visit: Visit, build: str) -> None:
    here, guest = desk("AC00024", STATUS), visit("AC00008", build)
    shows_mark(here, build, "กร")
    guest.fall_silent()
    shows_mark(here, build, "")


def test_ones_own_form_is_no_news_to_oneself(desk: OpenDesk, colleague: Cast, build: str) -> None:
    here, there = desk("AC00024", STATUS), desk("AC00008", INSPECTION)
    form = open_form(here, build)
    here.until(lambda: mark(there, build) != "none", "the colleague to see it")
    colleague("AC00015").save(build, FILING, pp30_status="draft_completed")
    here.shows(build, "pp30_status", "draft_completed")  # whatever was told before has come
    assert mark(here, build) == "none"
    expect(form.locator("[data-presence]")).to_be_empty()


def test_two_forms_show_each_other_and_the_field(desk: OpenDesk, build: str) -> None:
    here, there = desk("AC00008", INSPECTION), desk("AC00024", STATUS)
    mine, theirs = open_form(here, build), open_form(there, build)
    expect(mine.locator("[data-presence]")).to_contain_text("ภา")
    expect(theirs.locator("[data-presence]")).to_contain_text("กร")
    control = theirs.locator(CONTROL).first
    control.focus()
    expect(mine.locator("[data-here]")).to_have_attribute("data-field", control.get_attribute("name") or "")
    expect(mine.locator("[data-here]")).to_have_attribute("data-here", "ภา")
    control.blur()
    expect(mine.locator("[data-here]")).to_have_count(0)
    there.page.keyboard.press("Escape")
    expect(mine.locator("[data-presence]")).to_be_empty()
    shows_mark(here, build, "")


def test_typing_says_nothing_and_asks_nothing(office: Office, record: str) -> None:
    here = office.tab(office.browsers.own("AC00024"))
    said = beats(here)
    here.page.goto(STATUS)
    form = open_form(here.live(), record)
    here.page.locator("#tab-wht").click()
    control = form.locator("[name=wht_response]")
    control.focus()
    here.until(lambda: any('"field":"' in one for one in said), "the field to be told")
    asked: list[str] = []
    here.page.on("request", lambda request: asked.append(request.url))
    said.clear()
    control.press_sequentially(TYPED)
    expect(control).to_have_value(TYPED)
    here.until(lambda: said, "the next answer to the server's asking")
    assert len(said) < len(TYPED) / 2
    assert not asked


def test_a_tab_whose_timers_sleep_stays_in_sight(office: Office, desk: OpenDesk, build: str) -> None:
    """As one that was hidden for long: it is asked, and answers."""
    here, there = desk("AC00024", STATUS), office.tab(office.browsers.own("AC00008"))
    said = beats(there)
    there.page.goto(INSPECTION)
    open_form(there.live(), build)
    shows_mark(here, build, "กร")
    there.page.evaluate("window.setTimeout = window.setInterval = () => 0")
    said.clear()
    seen: set[str] = set()

    def answered_twice() -> bool:
        there.page.wait_for_timeout(30)  # its messages come in, too
        seen.add(mark(here, build))
        return len(said) > 1

    here.until(answered_twice, "two answers, the second after who gave none would be gone")
    assert seen == {'"กร" / ""'}


def test_a_closed_tab_is_gone_at_once(desk: OpenDesk, visit: Visit, build: str) -> None:
    """Before somebody who fell silent earlier, and is waited for."""
    here, there = desk("AC00024", STATUS), desk("AC00008", INSPECTION, alone=True)
    visit("AC00012", build).fall_silent()
    open_form(there, build)
    here.until(lambda: "กร" in mark(here, build), "the form to be seen")
    there.page.close()
    here.until(lambda: "กร" not in mark(here, build), "it to be gone")
    assert mark(here, build) != "none"


def test_whoever_loses_the_line_shows_nobody_until_it_is_back(
    office: Office, line: Line, visit: Visit, build: str
) -> None:
    here = office.desk("AC00024", STATUS, base_url=line.url)
    here.forgive("ERR_", "WebSocket")
    visit("AC00008", build)
    shows_mark(here, build, "กร")
    line.down()
    shows_mark(here, build, "")
    line.up()
    shows_mark(here, build, "กร")


def test_the_records_own_page_is_there_too(office: Office, desk: OpenDesk, build: str) -> None:
    here, page = desk("AC00024", STATUS), office.tab(office.browsers.own("AC00008"))
    page.page.goto(f"{INSPECTION}/{build}/{MONTH}")
    through_the_gate(page)
    shows_mark(here, build, "กร")
    form = open_form(here, build)
    expect(page.page.locator("[data-presence]")).not_to_be_empty()
    expect(form.locator("[data-presence]")).to_contain_text("กร")
