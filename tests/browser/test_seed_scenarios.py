"""The four scenarios of the seed specification (reference/seed.md, Test Scenarios), and its manual checklist."""

from __future__ import annotations

import pytest

from tests.browser.colleague import FILING, INSPECTION, STATUS
from tests.browser.people import Office, OpenDesk

COLLEAGUES = (("AC00008", INSPECTION), ("AC00012", FILING), ("AC00015", FILING))


def test_who_saves_sees_the_record_updated_at_once(desk: OpenDesk, build: str) -> None:
    here = desk("AC00024", STATUS)
    here.choose(build, "pnd_status", "passed")
    assert here.cell(build, "pnd_status").inner_text() == "ผ่าน"


@pytest.mark.timed
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


def test_the_manual_checklist_of_the_seed_holds(office: Office, build: str) -> None:
    """Its eight points, in its order."""
    viewer, other = office.tab(office.context("AC00008")), office.desk("AC00012", FILING)
    viewer.forgive("ERR_INTERNET_DISCONNECTED")
    heard = viewer.frames()
    viewer.page.goto(INSPECTION)
    viewer.live().state("live")  # 1 WebSocket connection successful
    viewer.until(lambda: any("monthly-tax-data:AC00008" in one for one in heard), "2 subscription to the room")
    editor = office.desk("AC00024", STATUS)
    editor.choose(build, "pnd_status", "passed")
    viewer.until(lambda: any("monthly-tax-data:updated" in one for one in heard), "3 the event")
    viewer.shows(build, "pnd_status", "passed")
    assert viewer.rows()[build] == viewer.fresh_rows()[build]  # 4 cache updated correctly
    other.shows(build, "pnd_status", "passed")  # 5 multiple clients simultaneously
    viewer.page.context.set_offline(True)
    viewer.state("offline")  # 6 disconnection handled
    editor.choose(build, "pnd_status", "paid")
    viewer.page.context.set_offline(False)
    viewer.live()  # 7 reconnection works automatically
    viewer.shows(build, "pnd_status", "paid")
    assert viewer.cell(build, "pnd_status").inner_text() == "ชำระแล้ว"  # 8 re-renders with new data
