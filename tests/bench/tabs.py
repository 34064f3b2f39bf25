"""Tabs of a real Chromium: signed in, opened until they are live, and what goes over their wires."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
QUIET = ("disable-gpu", "disable-dev-shm-usage", "disable-quic", "disable-background-networking", "disable-sync")
# Notes when the first row has been painted: the frame after the one that had it.
FIRST_ROW = """
const look = () => requestAnimationFrame(() => {
  if (document.querySelector("tr[data-id]")) requestAnimationFrame(() => { window.firstRow = performance.now() })
  else look()
})
look()
"""


@dataclass
class Wire:
    """What went over the line of one tab. `received`: kB of HTTP; `frames`: kB of the socket."""

    asked: int = 0
    received: float = 0
    frames: float = 0
    _cached: set[str] = field(default_factory=set)

    def listen(self, line: CDPSession) -> None:
        """Count from now on. What comes out of the browser's cache does not count."""
        line.send("Network.enable")
        line.on("Network.requestServedFromCache", lambda told: self._cached.add(told["requestId"]))
        line.on("Network.responseReceived", self._answered)
        line.on("Network.loadingFinished", self._finished)
        line.on("Network.webSocketFrameReceived", self._frame)

    def _answered(self, told: dict[str, Any]) -> None:
        if told["response"].get("fromDiskCache"):
            self._cached.add(told["requestId"])

    def _finished(self, told: dict[str, Any]) -> None:
        if told["requestId"] not in self._cached:
            self.asked += 1
            self.received += told["encodedDataLength"] / 1000

    def _frame(self, told: dict[str, Any]) -> None:
        self.frames += len(told["response"]["payloadData"].encode()) / 1000


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a screen, and without errands of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", *(f"--{one}" for one in QUIET)]
        )
        yield browser
        browser.close()


@contextmanager
def signed_in(browser: Browser, url: str, token: str) -> Iterator[BrowserContext]:
    """A fresh profile, with the cookie of somebody's access `token` for the server at `url`."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="th-TH")
    context.add_cookies([{"name": "access_token_cookie", "value": token, "url": url}])
    yield context
    context.close()


def open_page(page: Page, url: str) -> None:
    """Go to a page with a table, until it is subscribed and has caught up."""
    page.goto(url, wait_until="commit")
    page.wait_for_selector("table[data-live=true]", state="attached", timeout=30_000)
