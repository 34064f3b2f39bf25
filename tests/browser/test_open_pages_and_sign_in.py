"""How long an open page hears: as long as its person may, and no longer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.colleague import INSPECTION, STATUS, Cast, Colleague
from tests.browser.house import Server
from tests.browser.people import Office


def test_a_signed_out_tab_hears_nothing_and_shows_nothing(office: Office, colleague: Cast, build: str) -> None:
    context = office.context("AC00024", fresh=True)
    first, second = office.tab(context), office.tab(context)
    heard = second.frames()
    for tab in (first, second):
        tab.page.goto(STATUS)
        tab.live()
    second.page.route("**/login*", lambda route: route.abort("aborted"))  # else its own error page takes its place
    second.forgive("ERR_ABORTED")
    first.page.locator("details.person summary").click()
    first.page.locator("form[action='/logout'] button").click()
    first.page.wait_for_url("**/login*")
    expect(second.page.locator("#desk")).to_be_empty()
    first.page.go_back()
    expect(first.page.locator("#username")).to_be_visible()
    before = len(heard)
    colleague("AC00008").save(build, INSPECTION, pnd_status="passed")
    witness = office.desk("AC00024", STATUS)
    witness.shows(build, "pnd_status", "passed")
    assert len(heard) == before
    assert colleague("AC00024").record(build)["company_name"] not in second.page.locator("body").inner_text()


def test_a_page_renews_its_sign_in_while_it_may(office_of: Callable[..., Office]) -> None:
    office = office_of(BMU_ACCESS_MINUTES="0.06")
    here = office.tab(office.context("AC00024"))
    renewals: list[str] = []
    here.page.on("request", lambda asked: renewals.append(asked.url) if "/auth/refresh" in asked.url else None)
    here.page.goto(STATUS)
    here.live()
    here.until(lambda: len(renewals) > 1, "two renewals")
    here.live()
    build = here.builds()[0]
    wanted = "paid" if here.cell(build, "pnd_status").get_attribute("data-value") != "paid" else "passed"
    Colleague(office.server, "admin").save(build, STATUS, pnd_status=wanted)
    here.shows(build, "pnd_status", wanted)


def test_a_page_leaves_when_its_session_has_lasted_long_enough(office_of: Callable[..., Office]) -> None:
    office = office_of(BMU_ACCESS_MINUTES="0.05", BMU_SESSION_MINUTES="0.1")
    here = office.tab(office.context("AC00024"))
    here.forgive("401")
    here.page.goto(STATUS)
    here.page.wait_for_url("**/login?next=%2Ftax-status")


def test_nobody_is_kept_signed_in_at_a_desk_left_alone(office: Office) -> None:
    here = office.tab(office.context("AC00024", fresh=True))
    here.page.clock.install()
    here.page.goto(STATUS)
    here.live()
    here.page.clock.fast_forward("03:00:00")
    expect(here.page.locator("#desk")).to_be_empty()


@pytest.mark.timed
def test_a_disabled_user_is_shown_out(office: Office, house: Server) -> None:
    here = office.desk("AC00036", "/tax-status", fresh=True)
    house.flask("user", "disable", "AC00036")
    try:
        expect(here.page.locator("#username")).to_be_visible(timeout=5_000)
    finally:
        house.flask("user", "enable", "AC00036")


def test_a_person_whose_role_changes_keeps_nothing_the_new_one_does_not_open(office: Office, house: Server) -> None:
    here = office.desk("AC00036", STATUS, fresh=True)
    here.forgive("403")
    role = house.query("SELECT role FROM users WHERE username = 'AC00036'")[0][0]
    house.flask("user", "role", "AC00036", "hr")
    try:
        expect(here.page.locator(".error-status")).to_have_text("403")
    finally:
        house.flask("user", "role", "AC00036", role)


def test_a_computer_whose_clock_is_wrong_stays_live_without_renewing_for_ever(
    office: Office, colleague: Cast, build: str
) -> None:
    here = office.tab(office.context("AC00024"))
    renewals: list[str] = []
    here.page.on("request", lambda asked: renewals.append(asked.url) if "/auth/refresh" in asked.url else None)
    here.page.clock.install(time=datetime.now(UTC) + timedelta(days=1))
    here.page.goto(STATUS)
    here.live()
    here.page.clock.run_for(60_000)
    colleague("AC00008").save(build, INSPECTION, pnd_status="passed")
    here.shows(build, "pnd_status", "passed")
    assert renewals == []
