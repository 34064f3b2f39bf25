"""The four scenarios of the seed specification (reference/seed.md, Test Scenarios), and its manual checklist."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.people import FILING, INSPECTION, STATUS, Desk, Office

OpenDesk = Callable[..., Desk]
COLLEAGUES = (("AC00008", INSPECTION), ("AC00012", FILING), ("AC00015", FILING))


def test_who_saves_sees_the_record_updated_at_once(desk: OpenDesk, build: str) -> None:
    here = desk("AC00024", STATUS)
    here.choose(build, "pnd_status", "passed")
    assert here.cell(build, "pnd_status").inner_text() == "ผ่าน"


def test_all_responsible_people_see_a_save_at_once(desk: OpenDesk, build: str) -> None:
    others = [desk(username, path) for username, path in COLLEAGUES]
    desk("AC00024", STATUS).choose(build, "pnd_status", "passed")
    for other in others:
        other.shows(build, "pnd_status", "passed", timeout=2000)


def test_after_a_lost_connection_the_page_reconnects_and_goes_on(office: Office, build: str) -> None:
    viewer, editor = office.desk("AC00008", INSPECTION, alone=True), office.desk("AC00024", STATUS)
    viewer.forgive("ERR_INTERNET_DISCONNECTED")
    viewer.page.context.set_offline(True)
    viewer.state("offline")
    editor.choose(build, "pnd_status", "passed")
    viewer.page.context.set_offline(False)
    viewer.live()
    viewer.shows(build, "pnd_status", "passed")
    editor.choose(build, "pnd_status", "paid")
    viewer.shows(build, "pnd_status", "paid")


def test_every_tab_of_a_person_is_updated(office: Office, build: str) -> None:
    first = office.desk("AC00024", STATUS)
    second = office.tab(first.page.context)
    second.page.goto(STATUS)
    second.live()
    first.choose(build, "pp30_status", "passed")
    second.shows(build, "pp30_status", "passed")
