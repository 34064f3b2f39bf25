"""The pictures of the documents: made anew by `make shots`, left alone by every other run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.colleague import FILING, INSPECTION, STATUS, Colleague
from tests.browser.house import ROOT, Server, found
from tests.browser.people import Browsers, Office

IMAGES = ROOT / "docs" / "images"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}

pytestmark = pytest.mark.skipif(not os.environ.get("BMU_SHOTS"), reason="pictures are made by `make shots`")


@pytest.fixture(scope="module")
def big_office(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The firm of the demo, in its usual size."""
    folder = tmp_path_factory.mktemp("firm")
    found(folder, clients=375, months=3)
    office = Office(Browsers(browser, Server(folder).start()))
    yield office
    office.close()
    office.browsers.close()
    office.server.stop()


@pytest.mark.parametrize(
    ("name", "username", "path", "options"),
    [
        ("tax-status-light", "AC00024", STATUS, {}),
        ("tax-status-dark", "AC00024", STATUS, {"color_scheme": "dark"}),
        ("tax-inspection", "AC00008", INSPECTION, {}),
        ("tax-filing", "AC00012", FILING, {}),
        ("phone", "AC00024", STATUS, PHONE),
    ],
)
def test_a_picture_shows_a_colleagues_save_arriving(
    big_office: Office, name: str, username: str, path: str, options: dict[str, Any]
) -> None:
    here = big_office.desk(username, path, **options)
    build = here.builds()[2]
    inspector = Colleague(big_office.server, "admin")
    now = here.cell(build, "pnd_status").get_attribute("data-value")
    inspector.save(build, INSPECTION, pnd_status="passed" if now != "passed" else "paid")
    here.until(lambda: here.page.evaluate("document.getAnimations().length"), "the glow")
    here.page.wait_for_timeout(400)
    here.page.screenshot(path=IMAGES / f"{name}.png")
    inspector.http.close()
    assert Path(IMAGES / f"{name}.png").stat().st_size > 20_000


WIDTHS: dict[str, dict[str, Any]] = {"1440": {}, "1920": {"viewport": {"width": 1920, "height": 1080}}, "390": PHONE}
TABS = ("general", "wht", "vat", "history")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("username", "path"), [("AC00024", STATUS), ("AC00008", INSPECTION), ("AC00012", FILING)])
def test_a_picture_shows_each_tab_of_the_form(big_office: Office, username: str, path: str, width: str) -> None:
    page = big_office.desk(username, path, **WIDTHS[width]).page
    page.locator("tr[data-build='018'] .company a").click()
    shown = page.locator("#sheet [data-form], #sheet [data-gate]")
    shown.wait_for()
    if page.locator("[data-gate]").count():
        page.screenshot(path=IMAGES / "form" / f"gate-{path.strip('/')}-{width}.jpg", type="jpeg", quality=70)
        page.fill("[data-gate] [name=word]", "yes")
        page.click("[data-gate] form button")
        page.locator("#sheet [data-form]").wait_for()
    for tab in TABS:
        page.click(f"#tab-{tab}")
        page.wait_for_timeout(300)
        picture = IMAGES / "form" / f"{path.strip('/')}-{tab}-{width}.jpg"
        page.screenshot(path=picture, type="jpeg", quality=70)
        assert picture.stat().st_size > 15_000
