"""Taking a table out and printing it, as a person does."""

from __future__ import annotations

import csv
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.colleague import STATUS
from tests.browser.people import OpenDesk


def test_the_menu_of_the_desk_takes_out_what_the_filters_show(desk: OpenDesk, build: str, tmp_path: Path) -> None:
    here = desk("AC00024", STATUS)
    here.page.fill("#q", build)
    expect(here.page.locator("tbody tr")).to_have_count(1)
    here.page.click("[data-filter=papers] summary")
    with here.page.expect_download() as coming:
        here.page.click('[data-filter=papers] a[href*="export.csv"]')
    coming.value.save_as(tmp_path / "table.csv")
    found = list(csv.reader((tmp_path / "table.csv").read_text("utf-8-sig").splitlines()))
    assert [line[0] for line in found[1:]] == [build]
    assert coming.value.suggested_filename.startswith("สถานะยื่นภาษี_")
    here.check()


def test_the_print_view_has_its_headings_on_every_page(desk: OpenDesk, tmp_path: Path) -> None:
    here = desk("admin", f"{STATUS}?scope=all")
    here.page.click("[data-filter=papers] summary")
    here.page.click('[data-filter=papers] a[href*="/print"]')
    expect(here.page.locator(".paper tbody tr").first).to_be_visible()
    here.page.emulate_media(media="print")
    assert here.page.eval_on_selector("thead", "head => getComputedStyle(head).display") == "table-header-group"
    expect(here.page.locator("[data-print]")).to_be_hidden()
    pdf = here.page.pdf(path=tmp_path / "table.pdf", prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    here.check()


def test_a_file_is_previewed_with_its_faults_and_then_brought_in(desk: OpenDesk, tmp_path: Path) -> None:
    here = desk("admin", STATUS)
    here.page.goto(here.page.url.partition("/tax-status")[0] + "/clients")
    here.page.click('a[href="/import/clients"]')
    file = tmp_path / "clients.csv"
    for line, cell in (("x,บริษัท ก,รายเดือน", "A2"), ("981,บริษัท นำเข้าแล้ว จำกัด,รายเดือน", "")):
        file.write_text(f"build,company_name,company_status\n{line}\n", "utf-8")
        here.page.set_input_files("[name=file]", file)
        here.page.click("[value=preview]")
        if cell:
            expect(here.page.locator(f'[data-cell="{cell}"]')).to_be_visible()
    here.page.click("[value=import]")
    expect(here.page.locator("#bring-result [data-tone=good]")).to_be_visible()
    here.page.goto(here.page.url.partition("/import")[0] + "/clients?q=981")
    expect(here.page.locator(".listing tbody tr")).to_have_count(1)
    here.check()
