"""Whatever several people do, in whatever order, over whatever lines: each open table is the table of a fresh page.

To the character, row by row as long as the page only offers news, and as a whole once it was asked to show them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

import pytest

from bmu.monthly_tax.rules import STATUS_CODES
from tests.browser.colleague import FILING, INSPECTION, PAGE_OF, STATUS, Colleague
from tests.browser.house import Server, Stage
from tests.browser.line import Line
from tests.browser.people import Desk, Office

STEPS = 30
VISIT = """(query) => {
    const link = Object.assign(document.createElement("a"), { href: location.pathname + query })
    link.dataset.nav = ""
    document.body.append(link)
    link.click()
    link.remove()
}"""
WAYS = (
    "",
    "?sort=pnd_status",
    "?sort=pp30_status&order=desc",
    "?limit=10",
    "?limit=10&page=2",
    "?limit=10&sort=pp30_payment_amount&order=desc",
    "?pnd=draft_ready,passed,paid",
    "?pp30=not_started,paid&sort=company_name",
    "?mode=vat",
    "?payment=has_payment",
)
WRITERS = ((STATUS, "AC00024"), (INSPECTION, "AC00008"), (FILING, "AC00012"), (FILING, "AC00015"))
SIDE = {"AC00012": ("pnd_status",), "AC00015": ("pp30_status",)}


@dataclass
class Viewer:
    """A table, and the line by which it is reached."""

    desk: Desk
    line: Line

    def wrong(self, *, whole: bool = False) -> str:
        """What differs from the table of a fresh page, beyond what the bar of news offers; all of it when `whole`."""
        if whole:
            self.desk.page.evaluate("document.querySelector('#news:not([hidden]) button')?.click()")
        shown, fresh = self.desk.rows(), self.desk.fresh_rows()
        for build in shown.keys() & fresh.keys():
            if shown[build] != fresh[build]:
                return f"{shown[build]}\nis not\n{fresh[build]}"
        offered = self.desk.news.is_visible()
        if list(shown) != list(fresh) and (whole or not offered):
            return f"{list(shown)} is not {list(fresh)}"
        return "news" if whole and offered else ""

    def settles(self, *, whole: bool = False) -> None:
        """Wait until nothing is wrong."""
        self.desk.until(
            lambda: not self.wrong(whole=whole), lambda: f"{self.desk.page.url} to be right: {self.wrong(whole=whole)}"
        )


@pytest.fixture
def builds(stage: Stage) -> list[str]:
    """What everybody works on."""
    return [stage.take() for _ in range(6)]


@pytest.fixture
def viewers(office: Office, house: Server, builds: list[str]) -> Iterator[list[Viewer]]:
    """An accountant, an inspector, a filer and the administrator at their tables."""
    lines = [Line(house.port) for _ in range(4)]
    yield [
        Viewer(open_desk(office, line, username, path), line)
        for line, (username, path) in zip(
            lines,
            (("AC00024", STATUS), ("AC00008", INSPECTION), ("AC00012", FILING), ("admin", f"{STATUS}?scope=all")),
            strict=True,
        )
    ]
    for line in lines:
        line.close()


def open_desk(office: Office, line: Line, username: str, path: str) -> Desk:
    desk = office.tab(office.context(username, base_url=line.url))
    desk.forgive("ERR_", "WebSocket connection", "Failed to load resource")
    desk.page.goto(path)
    return desk.live()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_any_sequence_of_events_every_table_is_right(
    viewers: list[Viewer], house: Server, builds: list[str], colleague: Callable[[str], Colleague], seed: int
) -> None:
    dice = Random(seed)

    def try_to_save(username: str, page: str, **values: str) -> None:
        # Whose record it is by now, and what may be saved on it, the server knows.
        colleague(username).put(colleague("admin").record(dice.choice(builds)), page, **values)

    def save() -> None:
        page, username = dice.choice(WRITERS)
        column = dice.choice(SIDE.get(username, ("pnd_status", "pp30_status")))
        code = dice.choice(sorted(STATUS_CODES[PAGE_OF[page]]))
        try_to_save(username, page, **{column: code})

    def pay() -> None:
        amount = f"{dice.randrange(1, 10**7) / 100:.2f}"
        values = {"pp30_payment_status": "has_payment", "pp30_payment_amount": amount}
        try_to_save("AC00024", STATUS, **values)

    def reassign() -> None:
        house.hand_over(dice.choice(builds), "accounting_responsible", dice.choice(["AC00024", "AC00040"]))

    def look_elsewhere() -> None:
        dice.choice(viewers).desk.page.evaluate(VISIT, dice.choice(WAYS))

    def cut() -> None:
        dice.choice(viewers).line.cut()

    for _ in range(STEPS):
        dice.choices((save, pay, reassign, look_elsewhere, cut), weights=(8, 2, 3, 3, 2))[0]()
        dice.choice(viewers).desk.page.wait_for_timeout(dice.choice([0, 0, 50]))
    for viewer in viewers:
        viewer.desk.live()
        viewer.settles()
        viewer.settles(whole=True)
