"""Working with the keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.colleague import FILING, STATUS
from tests.browser.people import Desk, OpenDesk


def focused(page: Page) -> Locator:
    return page.locator("*:focus")


def in_focus(here: Desk) -> tuple[str, str]:
    """The build and the column of what has the focus."""
    found = here.page.evaluate(
        """() => {
            const here = document.activeElement
            return [here.closest("tr")?.dataset.build ?? "", here.closest("[data-column]")?.dataset.column ?? ""]
        }"""
    )
    return tuple(found)


@pytest.mark.parametrize("key", ["/", "ฝ"])
def test_a_slash_goes_to_the_search(desk: OpenDesk, key: str) -> None:
    here = desk("AC00024", STATUS)
    here.page.dispatch_event("body", "keydown", {"key": key, "bubbles": True})
    expect(here.page.locator("#q")).to_be_focused()
    expect(here.page.locator("#q")).to_have_value("")


def test_a_slash_typed_into_the_search_is_a_slash(desk: OpenDesk) -> None:
    here = desk("AC00024", STATUS)
    here.page.keyboard.press("/")
    here.page.keyboard.type("a/s")
    expect(here.page.locator("#q")).to_have_value("a/s")


def test_arrows_walk_over_rows_and_what_can_be_done_in_them(desk: OpenDesk) -> None:
    here = desk("AC00024", STATUS)
    first, second, *_ = here.builds()
    press = here.page.keyboard.press
    press("ArrowDown")
    assert in_focus(here) == (first, "company_name")
    press("ArrowDown")
    assert in_focus(here) == (second, "company_name")
    press("ArrowRight")
    assert in_focus(here) == (second, "pnd_status")
    press("ArrowUp")
    assert in_focus(here) == (first, "pnd_status")
    press("ArrowUp")
    assert in_focus(here) == (first, "pnd_status")
    press("ArrowLeft")
    assert in_focus(here) == (first, "company_name")


def test_the_table_is_reached_from_the_head_of_the_page(desk: OpenDesk) -> None:
    here = desk("AC00024", STATUS)
    here.page.locator("th[data-column=company_name] a").focus()
    here.page.keyboard.press("ArrowDown")
    assert in_focus(here) == (here.builds()[0], "company_name")


def test_enter_opens_the_record(desk: OpenDesk) -> None:
    here = desk("AC00024", STATUS)
    build = here.builds()[0]
    here.page.keyboard.press("ArrowDown")
    here.page.keyboard.press("Enter")
    here.page.wait_for_url(f"**{STATUS}/{build}/*")
    expect(here.page.locator("#sheet .build").first).to_have_text(build)


@pytest.mark.parametrize("key", ["s", "S", "ห"])
def test_s_opens_the_statuses_and_escape_gives_the_focus_back(desk: OpenDesk, build: str, key: str) -> None:
    here = desk("AC00024", STATUS)
    here.cell(build, "company_name").locator("a").focus()
    focused(here.page).dispatch_event("keydown", {"key": key, "bubbles": True})
    expect(here.page.locator(".editor [role=option][aria-selected=true]")).to_be_focused()
    here.page.keyboard.press("Escape")
    expect(here.page.locator(".editor")).to_have_count(0)
    assert in_focus(here) == (build, "pnd_status")


def test_s_opens_the_status_that_one_may_change(desk: OpenDesk, build: str) -> None:
    here = desk("AC00015", FILING)
    here.cell(build, "company_name").locator("a").focus()
    here.page.keyboard.press("s")
    expect(here.page.locator(".editor [role=option]:focus")).to_have_count(1)
    here.page.keyboard.press("Escape")
    expect(here.cell(build, "pp30_status").locator("button")).to_be_focused()


def test_a_status_is_picked_by_its_first_letter_and_enter(desk: OpenDesk, build: str) -> None:
    here = desk("AC00024", STATUS)
    here.cell(build, "pp30_status").locator("button").focus()
    here.page.keyboard.press("s")
    expect(focused(here.page)).to_have_attribute("data-code", "draft_ready")
    focused(here.page).dispatch_event("keydown", {"key": "ผ", "bubbles": True})
    expect(focused(here.page)).to_have_attribute("data-code", "passed")
    here.page.keyboard.press("ArrowDown")
    here.page.keyboard.press("ArrowUp")
    here.page.keyboard.press("Enter")
    here.shows(build, "pp30_status", "passed")
    expect(here.cell(build, "pp30_status").locator("button")).to_be_focused()


def test_the_filers_page_shows_twelve_statuses_and_lets_four_be_chosen(desk: OpenDesk, build: str) -> None:
    here = desk("AC00012", FILING)
    editor = here.open_editor(build, "pnd_status")
    expect(editor.locator("[role=option]")).to_have_count(12)
    expect(editor.locator("[role=option]:not([aria-disabled])")).to_have_count(4)
    asked: list[str] = []
    here.page.on("request", lambda request: asked.append(request.method))
    focused(here.page).dispatch_event("keydown", {"key": "ผ", "bubbles": True})
    expect(focused(here.page)).not_to_have_attribute("data-code", "passed")
    for _ in range(8):
        here.page.keyboard.press("ArrowDown")
        assert focused(here.page).get_attribute("aria-disabled") is None
    editor.locator("[data-code=passed]").click(force=True)
    here.page.keyboard.press("Enter")
    assert asked == []
    here.shows(build, "pnd_status", "draft_ready")


def test_what_one_may_not_change_opens_nothing(desk: OpenDesk, build: str) -> None:
    here = desk("AC00012", FILING)
    here.cell(build, "pp30_status").locator("button").dispatch_event("click")
    assert here.page.locator(".editor").count() == 0
