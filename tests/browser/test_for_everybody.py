"""For everybody: no barrier that axe knows of, in light and dark; a second language; a policy nothing offends."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.colleague import FILING, INSPECTION, STATUS, Cast
from tests.browser.house import ROOT
from tests.browser.people import Desk, Office
from tests.conftest import MONTH

AXE = ROOT / "tests" / "js" / "node_modules" / "axe-core" / "axe.min.js"
THAI = re.compile("[ก-๛]+")
PEOPLE_AND_FIRMS = "[data-column=company_name], .person, .who, .company, [lang=th], option, .languages, #said, .tip"


@pytest.fixture(scope="session")
def axe() -> str:
    assert AXE.is_file(), "run deploy/test-needs first"
    return Path(AXE).read_text()


def barriers(page: Page, axe: str) -> list[str]:
    """The serious and critical violations that axe finds on a page as it now is."""
    page.evaluate(axe)
    found: list[dict[str, Any]] = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    return [
        f"{one['id']}: {one['help']}: {node['html'][:160]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_barrier(office: Office, axe: str, build: str, scheme: str) -> None:
    context = office.context("admin", color_scheme=scheme, reduced_motion="reduce")
    here = office.tab(context)
    record = f"{STATUS}/{build}/{MONTH}"
    found: dict[str, list[str]] = {}
    people = f"/assignments/{build}/{MONTH}"
    for path in (STATUS, INSPECTION, FILING, record, "/assignments", people, "/account", "/notifications"):
        here.page.goto(path)
        if path in (STATUS, INSPECTION, FILING):
            here.live()
        found[path] = barriers(here.page, axe)
    visitor = office.tab(office.context(color_scheme=scheme))
    visitor.page.goto("/login")
    found["/login"] = barriers(visitor.page, axe)
    here.forgive("404")
    here.page.goto("/nowhere")
    found["/nowhere"] = barriers(here.page, axe)
    assert not any(found.values()), found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_that_opens_on_a_page_has_a_barrier(
    office: Office, axe: str, colleague: Cast, build: str, scheme: str
) -> None:
    here = office.desk("AC00024", f"{STATUS}?pnd=draft_ready", color_scheme=scheme, reduced_motion="reduce")
    here.forgive("409")
    here.page.click("[data-filter=pp30] summary")
    found = {"choices": barriers(here.page, axe)}
    here.page.keyboard.press("Escape")
    here.page.click("details.person summary")
    found["person"] = barriers(here.page, axe)
    here.page.click("#bell")
    here.page.locator("#notices").wait_for()
    found["bell"] = barriers(here.page, axe)
    here.page.keyboard.press("Escape")
    here.page.keyboard.press("Escape")
    here.open_editor(build, "pp30_payment_amount")
    found["amount"] = barriers(here.page, axe)
    here.page.keyboard.press("Escape")
    here.open_editor(build, "pnd_status")
    colleague("AC00008").save(build, INSPECTION, pnd_status="passed")
    here.news.wait_for()
    found["statuses and news"] = barriers(here.page, axe)
    here.pick("paid")
    here.page.locator("dialog[open]").wait_for()
    found["conflict"] = barriers(here.page, axe)
    here.page.locator("[data-action=mine]").click()
    here.page.get_by_text("บันทึกแล้ว").last.wait_for()
    found["toast and left row"] = barriers(here.page, axe)
    assert not any(found.values()), found


def test_the_whole_page_speaks_english_and_so_do_its_messages(office: Office, colleague: Cast, build: str) -> None:
    here = office.desk("AC00003", STATUS, fresh=True)
    office.server.hand_over(build, "accounting_responsible", "AC00003")
    try:
        here.page.locator("details.person summary").click()
        here.page.locator(".person button[lang=en]").click()
        expect(here.page.locator("html")).to_have_attribute("lang", "en")
        here.live()
        expect(here.page).to_have_title(re.compile(r"^[^ก-๛]+$"))
        assert thai_words(here) == []
        colleague("AC00008").save(build, INSPECTION, pnd_status="passed")
        here.shows(build, "pnd_status", "passed")
        expect(here.cell(build, "pnd_status")).to_have_text("Passed")
        expect(here.page.locator("#said")).to_have_text(re.compile("Passed"))
        here.choose(build, "pnd_status", "paid")
        expect(here.toast).to_have_text(re.compile("^[^ก-๛]+$"))
        assert thai_words(here) == []
        for path in (f"{STATUS}/{build}/{MONTH}", "/account"):
            here.page.goto(path)
            assert thai_words(here, "h2, dt, .chip, .menu, label, button, legend, .notice") == [], path
    finally:
        colleague("AC00003").http.put(f"{office.server.url}/api/auth/language", json={"language": "th"}, timeout=10)


def thai_words(here: Desk, within: str = "body") -> list[str]:
    """What is shown in Thai in these parts of a page, but for the names of people and firms."""
    shown: list[str] = here.page.evaluate(
        """([names, within]) => {
            const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
            const found = []
            while (walk.nextNode()) {
                const parent = walk.currentNode.parentElement
                const silent = parent.closest(`${names}, script, style, template, noscript`)
                if (!silent && parent.closest(within)) found.push(walk.currentNode.data.trim())
            }
            for (const one of document.querySelectorAll("[title], [aria-label], [placeholder]"))
                for (const name of ["title", "aria-label", "placeholder"])
                    if (!one.closest(names) && one.closest(within)) found.push(one.getAttribute(name) ?? "")
            return found
        }""",
        [PEOPLE_AND_FIRMS, within],
    )
    return [text for text in shown if THAI.search(text)]


def test_the_documentation_of_the_api_offends_no_policy(office: Office) -> None:
    here = office.tab(office.context("admin"))
    here.page.goto("/api/docs")
    expect(here.page.locator(".opblock").first).to_be_visible(timeout=20_000)


def test_on_a_phone_a_status_is_changed_in_three_taps(office: Office, build: str) -> None:
    here = office.desk("AC00024", STATUS, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    here.cell(build, "pnd_status").locator("button").tap()
    here.page.locator(".editor [data-code=passed]").tap()
    here.shows(build, "pnd_status", "passed")
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert here.page.evaluate(overflow) == 0
