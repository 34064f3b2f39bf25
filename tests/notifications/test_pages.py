"""The bell of every page and the list behind it, without scripts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from tests.conftest import MONTH
from tests.notifications.conftest import Save, SignIn, listed


@pytest.fixture
def told(save: Save) -> dict[str, Any]:
    """AC00024 was told of a verdict and of a question."""
    save("AC00008", "taxInspection", pp30_inquiry="<b>ขอใบกำกับ</b>")
    return save("AC00008", "taxInspection", pnd_status="additional_review")


def page(sign_in: SignIn, path: str = "/notifications", who: str = "AC00024") -> str:
    answer = sign_in(who).call("GET", path)
    assert answer.status_code == 200
    return answer.text


def press(sign_in: SignIn, **button: str) -> Any:
    """Press a button of the list, as a browser without scripts does."""
    who = sign_in("AC00024")
    return who.browser().post("/notifications?page=1", data={"csrf_token": who.csrf, **button})


@pytest.mark.parametrize("path", ["/tax-status", "/account", "/notifications", f"/tax-status/018/{MONTH}"])
def test_every_page_has_the_bell_and_its_count(sign_in: SignIn, told: Any, path: str) -> None:
    bell = page(sign_in, path).split('id="bell"')[1].split("</a>")[0]
    assert 'href="/notifications"' in bell
    if "018" not in path:  # who looks at the record has read what it tells
        assert 'title="แจ้งเตือนใหม่ (2)"' in bell and re.search(r'bell-count"[^>]*>2<', bell)


def test_without_news_the_bell_is_quiet(sign_in: SignIn) -> None:
    bell = page(sign_in).split('id="bell"')[1].split("</a>")[0]
    assert 'title="ระบบแจ้งเตือน"' in bell and re.search(r'bell-count"[^>]* hidden', bell)
    assert "<li" not in page(sign_in).split('class="bell-entries"')[1].split("</ol>")[0]


def test_many_are_shown_as_many(app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.jinja_env.globals, "unread_notifications", lambda _user: 100)
    assert ">99+<" in page(sign_in)


def test_the_list_has_the_words_and_the_links(sign_in: SignIn, told: Any) -> None:
    text = page(sign_in)
    assert text.count('class="bell-entry"') == 2 and text.count("data-unread>") == 2
    assert f'href="/tax-status/018/{MONTH}"' in text
    assert "&lt;b&gt;ขอใบกำกับ&lt;/b&gt;" in text and "<b>ขอใบกำกับ" not in text


def test_its_buttons_work_without_scripts(sign_in: SignIn, told: Any) -> None:
    first, second = (one["id"] for one in listed(sign_in("AC00024")))
    answer = press(sign_in, read=first)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/notifications?page=1")
    assert [one["is_read"] for one in listed(sign_in("AC00024"))] == [True, False]
    press(sign_in, all="1")
    assert all(one["is_read"] for one in listed(sign_in("AC00024")))
    press(sign_in, delete=second)
    assert [one["id"] for one in listed(sign_in("AC00024"))] == [first]


def test_a_button_for_what_is_not_there_says_so(sign_in: SignIn, told: Any) -> None:
    assert press(sign_in, read="x").status_code == 404
    assert press(sign_in).status_code == 400


@pytest.mark.parametrize("number", ["0", "-1", "x", "²", "99999", ""])
def test_a_page_that_is_none_is_no_fault(sign_in: SignIn, told: Any, number: str) -> None:
    page(sign_in, f"/notifications?page={number}")


def test_a_long_list_has_pages(app: Flask, sign_in: SignIn, told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bmu.notifications.pages.PER_PAGE", 1)
    first, second = page(sign_in), page(sign_in, "/notifications?page=2")
    assert 'rel="next" href="/notifications?page=2"' in first and 'rel="prev"' not in first
    assert 'rel="prev" href="/notifications?page=1"' in second and 'rel="next"' not in second
