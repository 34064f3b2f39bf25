"""The monthly form as a person uses it: over the table or as a page of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, Request, expect

from bmu.monthly_tax.fields import FORMS
from bmu.monthly_tax.talks import TEXTS
from tests.browser.colleague import STATUS
from tests.browser.house import Server
from tests.browser.people import Desk, Office
from tests.conftest import MONTH

ACCOUNTANT, INSPECTOR, WHT_FILER, VAT_FILER, ADMIN = "AC00024", "AC00008", "AC00012", "AC00015", "admin"
WHT, VAT, GENERAL, HISTORY = "wht", "vat", "general", "history"
QUESTION, ANSWER = "wht_inquiry", "wht_response"
COMMENT, FILED = "wht_submission_comment", "wht_filing_response"


def blank(server: Server, build: str) -> str:
    """A record about which nobody has said anything yet, with nothing received and no sheets, of a client that may have
    to file every form: its build."""
    empty = (*TEXTS, *(f"{form}_attachment_count" for form in FORMS), "document_received_date", "document_status")
    nothing = ", ".join(f"{name} = NULL" for name in empty)
    where = "WHERE build = ? AND (tax_year, tax_month) = (?, ?)"
    server.query(f"UPDATE monthly_tax_data SET {nothing} {where}", build, *MONTH)
    server.query("DELETE FROM client_obligations WHERE build = ?", build)
    return build


def address(page: str, build: str) -> str:
    """Where a record's form is."""
    return f"{page}/{build}/{MONTH}"


class Form:
    """An open form."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.page = desk, desk.page
        self.puts: list[Request] = []
        self.page.on("request", lambda asked: self.puts.append(asked) if asked.method == "PUT" else None)

    # -- what is to be seen --------------------------------------------------------------------------------------

    @property
    def article(self) -> Locator:
        return self.page.locator("[data-form]")

    @property
    def state(self) -> Locator:
        """What the footer says of what is not saved."""
        return self.article.locator(".form-state")

    @property
    def draft(self) -> Locator:
        return self.article.locator("[data-draft]")

    @property
    def question(self) -> Locator:
        """The dialog that asks before something unsaved is left."""
        return self.page.locator("dialog.leave")

    def field(self, name: str) -> Locator:
        return self.article.locator(f'.field[data-field="{name}"]')

    def control(self, name: str) -> Locator:
        return self.field(name).locator("[name]")

    def clash(self, name: str) -> Locator:
        return self.field(name).locator(".clash")

    def error(self, name: str) -> Locator:
        return self.field(name).locator(".field-error")

    def tab(self, key: str) -> Locator:
        return self.article.locator(f"#tab-{key}")

    def is_open(self) -> Form:
        """Itself, once hands can work it."""
        expect(self.article.locator("[role=tab][aria-selected=true]")).to_be_visible()
        save = self.article.locator(".form-foot button")
        expect(save).to_be_enabled() if save.count() else None
        return self

    def is_saved(self) -> None:
        """Wait until nothing is unsaved."""
        expect(self.article).not_to_have_attribute("data-dirty", "")
        expect(self.state).not_to_contain_text("ยังไม่บันทึก")
        expect(self.state).not_to_contain_text("กำลังบันทึก")

    def holds(self, name: str, value: str) -> None:
        """Wait until a control holds `value`, and nothing about it is unsaved."""
        expect(self.control(name)).to_have_value(value)
        expect(self.field(name)).not_to_have_attribute("data-unsaved", "")

    def keeps(self, name: str, value: str) -> None:
        """Wait until a control holds `value`, which is not saved."""
        expect(self.control(name)).to_have_value(value)
        expect(self.field(name)).to_have_attribute("data-unsaved", "")

    # -- what one does -------------------------------------------------------------------------------------------

    def go(self, key: str) -> None:
        """Go to a tab."""
        self.tab(key).click()
        expect(self.tab(key)).to_have_attribute("aria-selected", "true")

    def type(self, name: str, text: str) -> None:
        self.control(name).fill(text)

    def choose(self, name: str, code: str) -> None:
        self.control(name).select_option(code)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def save(self) -> None:
        """Save, and wait until it is done."""
        self.press("Control+s")
        self.is_saved()

    def answer(self, said: str) -> None:
        """Answer the question: stay, discard, save."""
        self.question.locator(f"[data-answer={said}]").click()
        expect(self.question).to_have_count(0)

    def sent(self) -> dict[str, object]:
        """The fields of the last save."""
        body = dict(self.puts[-1].post_data_json)
        return {key: value for key, value in body.items() if key not in ("sourcePage", "version")}


def pass_gate(page: Page, word: str = "yes") -> None:
    """Acknowledge what others wrote, at the gate that is shown."""
    page.locator("#gate-word").fill(word)
    page.keyboard.press("Enter")


def through_the_gate(desk: Desk) -> Form:
    """The form that is on its way, once what others wrote is acknowledged, if there is anything."""
    desk.page.locator("[data-gate], [data-form]").first.wait_for()
    if desk.page.locator("[data-gate]").count():
        pass_gate(desk.page)
    return Form(desk).is_open()


def over(desk: Desk, build: str) -> Form:
    """The form of a build, opened from its row in a live table. Drafts of earlier tests are let go of."""
    desk.page.evaluate("localStorage.clear()")
    return again(desk, build)


def again(desk: Desk, build: str) -> Form:
    """The same, with the drafts that this browser keeps."""
    form = Form(desk)
    desk.row(build).locator(".company a").click()
    return form.is_open()


def page_of(desk: Desk, page: str, build: str) -> Form:
    """The form as a page of its own, live."""
    form = Form(desk)
    desk.page.goto(address(page, build))
    desk.state("live")
    return form.is_open()


def deaf(office: Office, username: str, build: str, *, slow: bool = False) -> Form:
    """The form of a page that no socket reaches; unless `slow`, nor anything else that would tell it of news.

    When `slow`, its clock is turned by the test (`let_pass`).
    """
    here = office.tab(office.context(username))
    here.forgive("ERR_FAILED", "409")
    here.page.add_init_script("delete window.WebSocket")
    for path in ("**/socket.io/**", "**/changes?*")[: 1 if slow else 2]:
        here.page.route(path, lambda route: route.abort())
    if slow:
        here.page.clock.install()
    here.page.goto(STATUS)
    if slow:
        here.let_pass(10)
        here.state("slow")
    return over(here, build)


@contextmanager
def asking_nothing(*desks: Desk) -> Iterator[None]:
    """What happens inside reaches these pages without a request of theirs."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/socket.io/" not in request.url:
            asked.append(request.url)

    for desk in desks:
        desk.page.on("request", note)
    yield
    for desk in desks:
        desk.page.remove_listener("request", note)
    assert not asked, asked
