"""Guessing gets slow; nobody can be locked out by a stranger."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from structlog.testing import capture_logs

from bmu.accounts import throttle
from bmu.accounts.models import KnownDevice, SignInAttempt
from bmu.accounts.throttle import Try
from bmu.changes.work import transaction
from bmu.errors import TooMany
from bmu.extensions import db
from tests.accounts.cast import PASSWORD, Browser, ago, new_id, user_of

STRANGER = Try("account:x@10.9.9.9", "10.9.9.9", "10.9.9.9", "AC00024")


def tried(app: Flask, attempt: Try, times: int, outcome: str = throttle.REFUSED, **when: float) -> None:
    """`times` tries that ended like this, that long ago."""
    with app.app_context(), transaction() as work:
        for _ in range(times):
            row = SignInAttempt(id=new_id(), at=ago(**when), outcome=outcome, bucket=attempt.bucket)
            row.network, row.address, row.username = attempt.network, attempt.address, attempt.username
            work.session.add(row)


def wait(app: Flask, attempt: Try) -> int:
    """How long a try would have to wait; 0 when it is let through (and counted)."""
    with app.test_request_context():
        try:
            throttle.admit(attempt)
        except TooMany as error:
            return error.retry_after
    return 0


def test_the_sixth_wrong_try_has_to_wait(visitor: Browser) -> None:
    for _ in range(5):
        assert visitor.login(password="wrong").status_code == 401
    answer = visitor.login(password="wrong")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.get_json()["message"]


def test_the_right_password_has_to_wait_too(app: Flask, visitor: Browser) -> None:
    for _ in range(5):
        visitor.login(password="wrong")
    assert visitor.login(password=PASSWORD).status_code == 429


def test_after_a_failure_guesses_side_by_side_gain_nothing(app: Flask) -> None:
    tried(app, STRANGER, 1)
    waits = [wait(app, STRANGER) for _ in range(8)]
    assert waits[:4] == [0] * 4
    assert all(waits[4:])


def test_many_colleagues_and_their_programs_may_sign_in_at_once(app: Flask) -> None:
    tried(app, STRANGER, 49, throttle.PENDING)
    assert wait(app, STRANGER) == 0
    assert wait(app, STRANGER) == 1


def test_a_try_that_never_ended_counts_as_a_failure(app: Flask) -> None:
    tried(app, STRANGER, 8, throttle.PENDING, seconds=31)
    tried(app, STRANGER, 1, throttle.PENDING)
    assert wait(app, STRANGER) > 1


@pytest.mark.parametrize(("failures", "least"), [(5, 1), (8, 8), (12, 120), (40, 890)])
def test_the_wait_grows_with_the_failures(app: Flask, failures: int, least: int) -> None:
    tried(app, STRANGER, failures)
    assert least <= wait(app, STRANGER) <= 900


def test_a_wait_passes(app: Flask) -> None:
    tried(app, STRANGER, 8, seconds=9)
    assert wait(app, STRANGER) == 0


def test_a_success_forgives_what_came_before(app: Flask) -> None:
    tried(app, STRANGER, 20, minutes=2)
    tried(app, STRANGER, 1, throttle.DONE, minutes=1)
    tried(app, STRANGER, 4)
    assert wait(app, STRANGER) == 0


def test_yesterdays_failures_are_forgotten(app: Flask) -> None:
    tried(app, STRANGER, 20, hours=24, seconds=1)
    assert wait(app, STRANGER) == 0


def test_a_stranger_cannot_lock_out_a_colleague_at_a_known_device(app: Flask, visitor: Browser) -> None:
    assert visitor.sign_in().status_code == 303
    stranger = Browser(app, visitor.address)  # at the very same address
    for _ in range(8):
        stranger.login(password="guess")
    assert stranger.login(password="guess").status_code == 429
    assert visitor.login().status_code == 200


def test_a_stranger_cannot_lock_out_a_colleague_elsewhere(app: Flask, visitor: Browser) -> None:
    stranger = Browser(app, "203.0.113.9")
    for _ in range(8):
        stranger.login(password="guess")
    assert stranger.login(password="guess").status_code == 429
    assert visitor.login().status_code == 200


def test_guessing_many_accounts_from_one_place_gets_slow(app: Flask) -> None:
    for number in range(20):
        tried(app, Try(f"account:{number}@10.9.9.9", "10.9.9.9", "10.9.9.9", ""), 5)
    fresh = Try("account:fresh@10.9.9.9", "10.9.9.9", "10.9.9.9", "")
    assert wait(app, fresh) >= 1
    assert wait(app, Try("account:fresh@10.9.9.8", "10.9.9.8", "10.9.9.8", "")) == 0
    assert wait(app, Try("device:known", "", "10.9.9.9", "")) == 0


def test_ones_own_success_does_not_wash_an_address_clean(app: Flask) -> None:
    tried(app, Try("account:many@10.9.9.9", "10.9.9.9", "10.9.9.9", ""), 120)
    tried(app, Try("account:own@10.9.9.9", "10.9.9.9", "10.9.9.9", ""), 1, throttle.DONE)
    assert wait(app, STRANGER) >= 1


def test_a_device_is_known_to_its_own_user_only(app: Flask, visitor: Browser) -> None:
    visitor.sign_in("AC00040")
    for _ in range(5):
        visitor.login("AC00024", "guess")
    assert visitor.login("AC00024", "guess").status_code == 429
    assert visitor.login("AC00040").status_code == 200


def test_a_known_device_has_its_own_patience(app: Flask, visitor: Browser) -> None:
    visitor.sign_in()
    for _ in range(5):
        assert visitor.login(password="wrong").status_code == 401
    assert visitor.login(password="wrong").status_code == 429


def test_an_invented_device_is_a_stranger(visitor: Browser) -> None:
    for number in range(5):
        visitor.client.set_cookie("bmu_device", f"invented-{number}")
        visitor.login(password="wrong")
    visitor.client.set_cookie("bmu_device", "invented-again")
    assert visitor.login(password="wrong").status_code == 429


def test_only_the_hash_of_a_device_is_kept(app: Flask, visitor: Browser) -> None:
    visitor.sign_in()
    with app.app_context():
        known = db.session.scalars(select(KnownDevice)).one()
        assert known.device_hash != visitor.cookie("bmu_device") != ""
        assert len(known.device_hash) == 64


def test_a_proxy_header_nobody_vouches_for_changes_nothing(visitor: Browser) -> None:
    body = {"username": "AC00024", "password": "wrong"}
    answers = [
        visitor.client.post("/api/auth/login", json=body, headers={"X-Forwarded-For": f"198.51.100.{number}"})
        for number in range(6)
    ]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]


def test_tries_are_kept_and_logged(app: Flask, visitor: Browser) -> None:
    with capture_logs() as logs:
        visitor.login(password="wrong")
        visitor.login("nobody-here", "wrong")
        visitor.login()
    told = [(line["event"], line.get("user")) for line in logs if line["event"].startswith("sign_in")]
    assert told == [("sign_in_refused", "AC00024"), ("sign_in_refused", ""), ("sign_in", "AC00024")]
    with app.app_context():
        kept = db.session.scalars(select(SignInAttempt).order_by(SignInAttempt.at)).all()
        assert [(row.username, row.outcome) for row in kept] == [
            ("AC00024", "refused"),
            ("", "refused"),  # people type passwords into the wrong field
            ("AC00024", "done"),
        ]
        assert all(row.address == "10.0.0.1" for row in kept)


def test_old_tries_and_devices_are_forgotten(app: Flask) -> None:
    tried(app, STRANGER, 3, days=91)
    tried(app, STRANGER, 2, days=89)
    with app.app_context(), transaction() as work:
        long_gone = work.now - timedelta(days=401)
        work.session.add(KnownDevice(user_id=user_of(app).id, device_hash="x", seen_at=long_gone))
        work.session.flush()
        assert (throttle.forget_old_tries(work, 2), throttle.forget_old_tries(work, 2)) == (2, 1)
        assert throttle.forget_old_devices(work, 2) == 1
    with app.app_context():
        assert len(db.session.scalars(select(SignInAttempt)).all()) == 2
        assert list(db.session.scalars(select(KnownDevice))) == []


@pytest.mark.parametrize(("seconds", "text"), [(1, "1 วินาที"), (59, "59 วินาที"), (60, "1 นาที"), (61, "2 นาที")])
def test_a_wait_is_said_in_words(app: Flask, seconds: int, text: str) -> None:
    with app.test_request_context():
        assert throttle.in_words(seconds) == text
