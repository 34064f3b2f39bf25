"""The pages of signing in and of one's own account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from bmu.accounts import seed
from bmu.accounts.sessions import still_good
from bmu.config import Config
from tests.accounts.cast import PASSWORD, Browser, forged, session_of, set_user, user_of

NEW = "แมวสามตัวกินปลา"


def test_signing_in_leads_to_the_first_page_of_ones_role(app: Flask, visitor: Browser) -> None:
    assert visitor.sign_in().headers["Location"] == "/tax-status"
    set_user(app, "AC00040", role="hr")
    assert Browser(app).sign_in("AC00040").headers["Location"] == "/account"


def test_signing_in_leads_back_to_where_one_wanted(visitor: Browser) -> None:
    answer = visitor.sign_in(path="/login?next=/tax-status?month%3D2026-10%26q%3D018")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/tax-status?month=2026-10&q=018")


@pytest.mark.parametrize(
    "away", ["https://evil.example", "//evil.example", "/\\evil.example", "/%09/evil", "javascript:1"]
)
def test_nobody_is_led_off_the_site(app: Flask, visitor: Browser, away: str) -> None:
    assert "evil.example" not in visitor.get("/login", query_string={"next": away}).text
    form = {**visitor.fields(), "username": "AC00024", "password": PASSWORD, "next": away}
    assert visitor.post("/login", form).headers["Location"] in ("/tax-status", "/%09/evil")
    assert visitor.get("/login", query_string={"next": away}).headers["Location"] in ("/tax-status", "/%09/evil")
    renewed = visitor.get("/api/auth/renew", query_string={"next": away}).headers["Location"]
    assert renewed in ("/", "/%09/evil")


def test_a_wrong_password_keeps_the_name_and_forgets_the_password(visitor: Browser) -> None:
    answer = visitor.sign_in(password="not-this-one")
    assert answer.status_code == 401
    assert 'value="AC00024"' in answer.text and 'role="alert"' in answer.text
    assert "not-this-one" not in answer.text
    assert visitor.access == ""


def test_an_empty_field_is_told_at_the_field(visitor: Browser) -> None:
    answer = visitor.sign_in(password="")
    assert answer.status_code == 422
    assert 'id="password-error"' in answer.text and 'id="username-error"' not in answer.text


def test_who_must_wait_is_told_how_long(visitor: Browser) -> None:
    for _ in range(8):
        answer = visitor.sign_in(password="wrong")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "วินาที" in answer.text and 'id="password"' in answer.text


def test_what_was_typed_is_shown_as_text(visitor: Browser) -> None:
    answer = visitor.sign_in('"><script>alert(1)</script>', "x")
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("token", ["", "wrong", "ผิด"])
def test_a_form_of_another_site_signs_nobody_in(visitor: Browser, token: str) -> None:
    form = {**visitor.fields(), "username": "AC00024", "password": PASSWORD, "csrf_token": token}
    answer = visitor.post("/login", form)
    assert answer.status_code == 403
    assert visitor.access == "" and 'value="AC00024"' in answer.text


def test_a_token_of_another_browser_signs_nobody_in(app: Flask, visitor: Browser) -> None:
    theirs = Browser(app).fields()
    visitor.fields()
    assert visitor.post("/login", {**theirs, "username": "AC00024", "password": PASSWORD}).status_code == 403
    assert Browser(app).post("/login", {**theirs, "username": "AC00024", "password": PASSWORD}).status_code == 403


def test_two_open_sign_in_pages_both_work(visitor: Browser) -> None:
    first = visitor.fields()
    visitor.fields()
    assert visitor.post("/login", {**first, "username": "AC00024", "password": PASSWORD}).status_code == 303


def test_who_is_signed_in_goes_on(signed_in: Browser) -> None:
    assert signed_in.get("/login?next=/account").headers["Location"] == "/account"


def test_signing_in_anew_ends_what_this_browser_had_before(app: Flask, signed_in: Browser) -> None:
    before = session_of(app).id
    signed_in.client.set_cookie("access_token_cookie", forged(app, expires=timedelta(seconds=-1)))
    assert signed_in.sign_in().status_code == 303
    after = session_of(app).id
    with app.app_context():
        assert set(still_good([before, after])) == {after} != {before}


def test_signing_out_ends_the_session_and_the_cookies(app: Flask, signed_in: Browser) -> None:
    token = signed_in.access
    answer = signed_in.post("/logout", {"csrf_token": signed_in.csrf})
    assert answer.headers["Location"] == "/login?done=left"
    assert signed_in.access == signed_in.refresh == ""
    assert Browser(app).call(token).status_code == 401
    assert session_of(app).end_reason == "logout"
    assert "ออกจากระบบแล้ว" in signed_in.get("/login?done=left").text


def test_another_site_cannot_sign_anybody_out(app: Flask, signed_in: Browser) -> None:
    assert signed_in.get("/logout").status_code == 405
    assert signed_in.post("/logout").status_code == 403
    assert session_of(app).ended_at is None


def test_signing_out_works_after_the_token_ran_out(app: Flask, signed_in: Browser) -> None:
    signed_in.client.set_cookie("access_token_cookie", forged(app, expires=timedelta(seconds=-1)))
    assert signed_in.post("/logout", {"csrf_token": "wrong"}).status_code == 403
    assert signed_in.post("/logout", {"csrf_token": signed_in.csrf}).status_code == 303
    assert session_of(app).end_reason == "logout"
    assert Browser(app).post("/logout").headers["Location"] == "/login?done=left"


def test_a_visitor_has_no_account_page(visitor: Browser) -> None:
    assert visitor.get("/account").headers["Location"] == "/login?next=/account"
    assert visitor.post("/account/password").headers["Location"].startswith("/login")
    assert visitor.post("/account/sessions/others/end").headers["Location"].startswith("/login")


def test_a_new_password_signs_other_devices_out(app: Flask, signed_in: Browser) -> None:
    other = Browser(app)
    other.sign_in()
    form = {"csrf_token": signed_in.csrf, "current_password": PASSWORD, "new_password": NEW}
    answer = signed_in.post("/account/password", form)
    assert answer.headers["Location"] == "/account?done=password"
    assert signed_in.get("/account?done=password").status_code == 200
    assert other.get("/account").headers["Location"].startswith("/login")


def test_a_refused_password_is_told_at_its_field(signed_in: Browser) -> None:
    form = {"csrf_token": signed_in.csrf, "current_password": PASSWORD, "new_password": "12345678"}
    answer = signed_in.post("/account/password", form)
    assert answer.status_code == 422
    assert 'id="new_password-error"' in answer.text and "12345678" not in answer.text
    assert signed_in.get("/account/password").headers["Location"] == "/account"


def test_the_first_password_is_changed_before_anything_else(app: Flask, visitor: Browser) -> None:
    set_user(app, must_change_password=True)
    visitor.sign_in(path="/login?next=/tax-status")
    form = {"csrf_token": visitor.csrf, "current_password": PASSWORD, "new_password": NEW}
    assert visitor.post("/account/password", form).headers["Location"] == "/tax-status"
    assert user_of(app).must_change_password is False
    assert visitor.get("/door/tax-status").status_code == 200


def test_one_sees_and_ends_ones_own_sessions(app: Flask, signed_in: Browser) -> None:
    other = Browser(app, "10.0.0.77")
    other.sign_in()
    page = signed_in.get("/account").text
    assert "10.0.0.77" in page and page.count("<b>Chrome · Windows</b>") == 2
    there = session_of(app).id
    assert signed_in.post(f"/account/sessions/{there}/end").status_code == 403
    answer = signed_in.post(f"/account/sessions/{there}/end", {"csrf_token": signed_in.csrf})
    assert answer.headers["Location"] == "/account?done=session"
    assert other.get("/account").headers["Location"].startswith("/login")
    assert signed_in.get("/account").status_code == 200


def test_nobody_ends_somebody_elses_session(app: Flask, signed_in: Browser) -> None:
    Browser(app).sign_in("AC00040")
    theirs = session_of(app, "AC00040").id
    form = {"csrf_token": signed_in.csrf}
    assert signed_in.post(f"/account/sessions/{theirs}/end", form).status_code == 404
    assert session_of(app, "AC00040").ended_at is None


def test_ending_ones_present_session_is_signing_out(signed_in: Browser, app: Flask) -> None:
    here = session_of(app).id
    answer = signed_in.post(f"/account/sessions/{here}/end", {"csrf_token": signed_in.csrf})
    assert answer.headers["Location"] == "/login?done=left"
    assert signed_in.access == ""


def test_all_other_sessions_end_at_once(app: Flask, signed_in: Browser) -> None:
    others = [Browser(app), Browser(app)]
    for other in others:
        other.sign_in()
    signed_in.post("/account/sessions/others/end", {"csrf_token": signed_in.csrf})
    assert [other.get("/api/door").status_code for other in others] == [401, 401]
    assert signed_in.get("/api/door").status_code == 200


def test_a_visitor_chooses_a_language_for_this_browser(visitor: Browser) -> None:
    assert visitor.post("/language", {"language": "en"}).status_code == 403
    form = {**visitor.fields(), "language": "en", "next": "/login?next=/account"}
    answer = visitor.post("/language", form)
    assert answer.headers["Location"] == "/login?next=/account"
    assert 'lang="en"' in visitor.get("/login").text


def test_a_user_chooses_a_language_for_good(app: Flask, signed_in: Browser) -> None:
    assert signed_in.post("/language", {"language": "en"}).status_code == 403
    signed_in.post("/language", {"csrf_token": signed_in.csrf, "language": "en"})
    assert user_of(app).language == "en"
    elsewhere = Browser(app)
    elsewhere.sign_in()
    assert '<html lang="en"' in elsewhere.get("/account").text
    assert elsewhere.cookie("bmu_language") == "en"


def test_a_language_nobody_speaks_here_is_refused(app: Flask, signed_in: Browser) -> None:
    answer = signed_in.post("/language", {"csrf_token": signed_in.csrf, "language": "xx"})
    assert answer.status_code == 422
    assert signed_in.cookie("bmu_language") == ""


def test_only_a_demo_shows_its_cast(make_app: Callable[[Config], Flask], config: Config) -> None:
    app = make_app(replace(config, demo=True))
    page = Browser(app).get("/login").text
    assert seed.PASSWORD in page and "วิภา(ภา)" in page
    assert page.count("data-fill=") == 4  # of the cast, those who have an account here
    app.extensions["bmu.config"] = config
    assert seed.PASSWORD not in Browser(app).get("/login").text


def test_pages_stay_out_of_caches(signed_in: Browser) -> None:
    assert "no-store" in signed_in.get("/account").headers["Cache-Control"]
    assert "no-store" in signed_in.get("/login").headers["Cache-Control"]
