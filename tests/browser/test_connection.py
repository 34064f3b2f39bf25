"""Bad networks and fallen servers: the page says how it is, never gives up, and misses nothing."""

from __future__ import annotations

from collections.abc import Callable
from signal import SIGKILL

from playwright.sync_api import Page, expect

from tests.browser.colleague import INSPECTION, STATUS, Cast, Colleague
from tests.browser.house import Stage
from tests.browser.line import Line
from tests.browser.people import Desk, Office

NOISE = ("ERR_", "WebSocket connection", "Failed to load resource")
CLERK = "document_entry_responsible"


def open_desk(office: Office, url: str, *, clock: bool = False) -> Desk:
    """The inspector's table by way of `url`, with a clock to turn when asked; not yet live."""
    here = office.tab(office.context("AC00008", base_url=url))
    here.forgive(*NOISE)
    if clock:
        here.page.clock.install()
    here.page.goto(INSPECTION)
    return here


def subscriptions(page: Page) -> list[str]:
    """What this page asks to hear from now on."""
    sent: list[str] = []
    page.on("websocket", lambda wire: wire.on("framesent", lambda frame: sent.append(str(frame))))
    return sent


def test_where_websockets_are_refused_long_polling_serves(
    office: Office, line: Line, colleague: Cast, build: str
) -> None:
    line.websockets = "refuse"
    here = open_desk(office, line.url).live()
    colleague("AC00024").save(build, STATUS, pnd_status="paid")
    here.shows(build, "pnd_status", "paid")
    here.state("live")


def test_where_websockets_are_swallowed_long_polling_serves(
    office: Office, line: Line, colleague: Cast, build: str
) -> None:
    line.websockets = "swallow"
    here = open_desk(office, line.url, clock=True)
    here.state("connecting")
    here.page.clock.run_for(9000)
    here.until(lambda: here.page.clock.run_for(1000) or here.table.get_attribute("data-live") == "true", "long polling")
    colleague("AC00024").save(build, STATUS, pnd_status="paid")
    here.shows(build, "pnd_status", "paid")


def test_where_sockets_are_blocked_altogether_it_asks_slowly_says_so_and_comes_back(
    office: Office, line: Line, colleague: Cast, build: str
) -> None:
    line.websockets = "refuse"
    here = office.tab(office.context("AC00008", base_url=line.url))
    here.forgive(*NOISE)
    here.page.clock.install()
    here.page.route("**/socket.io/**", lambda route: route.abort())
    here.page.goto(INSPECTION)
    here.let_pass(10)
    here.state("slow")
    expect(here.page.locator("#live .words")).to_have_text("โหมดสำรอง (ช้า)")
    assert here.table.get_attribute("data-live") == "false"
    figure = here.figure("wht.pending")
    colleague("AC00024").save(build, STATUS, pnd_status="pending_review")
    here.let_pass(20)
    here.shows(build, "pnd_status", "pending_review")
    expect(here.page.locator('[data-summary="wht.pending"]')).to_have_text(str(figure + 1))
    here.page.unroute("**/socket.io/**")
    here.let_pass(15)
    here.live().state("live")


def test_a_killed_server_that_comes_back_finds_its_pages_again_and_they_catch_up(
    office_of: Callable[..., Office],
) -> None:
    office = office_of()
    here = office.tab(office.context("AC00024"))
    here.forgive(*NOISE)
    here.page.goto(STATUS)
    build = here.live().builds()[0]
    office.server.stop(SIGKILL)
    here.state("reconnecting")
    assert here.table.get_attribute("data-live") == "false"
    office.server.hand_over(build, CLERK, "AC00003")
    office.server.start()
    here.live().shows(build, CLERK, "AC00003")
    Colleague(office.server, "admin").save(build, STATUS, pp30_inquiry="", pnd_status="paid")
    here.shows(build, "pnd_status", "paid")
    assert here.rows() == here.fresh_rows()


def test_it_never_gives_up(office: Office, line: Line, colleague: Cast, build: str) -> None:
    here = open_desk(office, line.url, clock=True)
    here.let_pass(1)
    here.live()
    line.down()
    here.let_pass(60)
    tried = line.calls
    here.let_pass(30)
    assert line.calls > tried
    assert here.page.locator("#live").get_attribute("data-state") in ("reconnecting", "offline")
    colleague("AC00024").save(build, STATUS, pnd_status="paid")
    line.up()
    here.let_pass(20)
    here.live().shows(build, "pnd_status", "paid")


def test_a_laptop_that_slept_catches_up_once_and_quietly(
    office: Office, line: Line, colleague: Cast, build: str
) -> None:
    here = office.tab(office.context("AC00008", base_url=line.url))
    here.forgive(*NOISE)
    here.page.clock.install()
    sent = subscriptions(here.page)
    here.page.goto(INSPECTION)
    here.let_pass(1)
    here.live()
    line.hold()
    for status in ("paid", "sent_to_customer", "passed"):
        colleague("AC00024").save(build, STATUS, pnd_status=status)
    before = len([frame for frame in sent if "subscribe" in frame])
    here.page.clock.fast_forward("00:20:00")
    line.resume()
    here.let_pass(12)
    here.live().shows(build, "pnd_status", "passed")
    here.let_pass(5)
    assert len([frame for frame in sent if "subscribe" in frame]) == before + 1
    expect(here.page.locator("#news")).to_be_hidden()
    assert here.page.locator(".toast").count() == 0
    assert here.rows() == here.fresh_rows()


def test_what_came_and_went_while_the_line_was_down_is_offered(
    office: Office, line: Line, colleague: Cast, build: str
) -> None:
    here = office.tab(office.context("AC00008", base_url=line.url))
    here.forgive(*NOISE)
    here.page.goto(f"{INSPECTION}?pnd=additional_review")
    here.live()
    line.down()
    here.state("reconnecting")
    colleague("AC00024").save(build, STATUS, pnd_status="additional_review")
    line.up()
    here.live()
    expect(here.news).to_contain_text("รายการเปลี่ยนไป")
    here.news.click()
    expect(here.row(build)).to_have_count(1)


def test_many_records_that_went_while_the_line_was_down_make_one_message(
    office: Office, line: Line, stage: Stage
) -> None:
    builds = [stage.take() for _ in range(5)]
    here = office.tab(office.context("AC00024", base_url=line.url))
    here.forgive(*NOISE)
    here.page.goto(STATUS)
    here.live()
    line.down()
    here.state("reconnecting")
    for build in builds:
        office.server.hand_over(build, "accounting_responsible", "AC00040")
    line.up()
    here.live()
    expect(here.toast).to_contain_text("+2")
    # The bell tells of each besides: that is another message.
    assert here.page.locator(".toast").filter(has_text="ไม่อยู่ในความรับผิดชอบ").count() == 1
    expect(here.page.locator("#news")).to_be_hidden()
    assert here.builds() == list(here.fresh_rows())


def test_a_page_that_missed_too_much_reads_itself_anew_and_keeps_what_is_being_typed(
    office: Office, line: Line, colleague: Cast, build: str
) -> None:
    here = office.tab(office.context("AC00024", base_url=line.url))
    here.forgive(*NOISE)
    here.page.goto(STATUS)
    here.live()
    editor = here.open_editor(build, "pp30_payment_status")
    editor.locator("[value=has_payment]").check()
    amount = editor.locator("[name=pp30_payment_amount]")
    amount.press_sequentially("77")
    line.down()
    here.state("reconnecting")
    colleague("AC00008").save(build, INSPECTION, pnd_status="passed")
    pretend_too_much(here.page)
    line.up()
    here.live().shows(build, "pnd_status", "passed")
    expect(amount).to_have_value("77")
    expect(amount).to_be_focused()
    here.page.keyboard.press("Enter")
    here.shows(build, "pp30_payment_amount", "77.00")


def pretend_too_much(page: Page) -> None:
    """Let the page believe in a future that never was: the server answers that it must read anew."""
    page.evaluate("document.querySelector('table[data-table]').dataset.seq = 10 ** 9")
