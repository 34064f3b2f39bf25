"""Headers of every answer, and what does not travel by it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brotli
import pytest
from flask import Flask

from bmu import create_app
from bmu.config import Config
from tests.conftest import MONTH, SECRET, Colleague, close

PAGES = ("/tax-status", f"/tax-status/018/{MONTH}", "/account", "/api/docs", "/login", "/nothing/here")
NONCE = re.compile(r"'nonce-([\w-]+)'")


@pytest.fixture(scope="module")
def who(reading: Flask) -> Iterator[Colleague]:
    yield Colleague(reading, "AC00024")


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[Flask]:
    """An app behind one proxy that speaks https."""
    app = create_app(
        Config(f"sqlite:///{tmp_path / 'bmu.sqlite'}", tmp_path, SECRET, testing=True, https=True, proxies=1)
    )
    yield app
    close(app)


@pytest.mark.parametrize("path", [*PAGES, "/api/monthly-tax-data", "/static/js/desk.js", "/healthz", "/api/nothing"])
def test_every_answer_carries_the_headers(who: Colleague, path: str) -> None:
    headers = who.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy
    assert "unsafe" not in policy and "*" not in policy and "http:" not in policy


@pytest.mark.parametrize("path", PAGES)
def test_everything_inline_has_the_nonce_of_this_answer(who: Colleague, path: str) -> None:
    answer = who.get(path)
    [nonce] = set(NONCE.findall(answer.headers["Content-Security-Policy"]))
    assert len(nonce) >= 20
    tags = re.findall(r"<(?:script|style)\b[^>]*>", answer.text)
    inline = [tag for tag in tags if "src=" not in tag and "application/json" not in tag]
    assert all(f'nonce="{nonce}"' in tag for tag in inline), inline
    assert who.get(path).headers["Content-Security-Policy"] != answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", PAGES)
def test_nothing_runs_from_an_attribute(who: Colleague, path: str) -> None:
    """Neither handlers nor styles in attributes: the policy would refuse them, silently."""
    html = re.sub(r"<script.*?</script>", "", who.get(path).text, flags=re.S)
    assert not re.findall(r"<[^>]+\son\w+=", html)
    assert not re.findall(r"<[^>]+\sstyle=", html)
    assert "javascript:" not in html


@pytest.mark.parametrize("path", [*PAGES[:5], "/api/monthly-tax-data", "/api/auth/me", "/"])
def test_nothing_of_the_firm_stays_in_a_cache(who: Colleague, path: str) -> None:
    """TRAP: a cache shared by all users answered one with another's data (domain §7.10)."""
    assert who.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/tax-status", "/api/monthly-tax-data"])
def test_html_and_json_are_sent_compressed(who: Colleague, path: str) -> None:
    for by, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        packed = who.call("GET", path, headers={"Accept-Encoding": by})
        assert packed.headers["Content-Encoding"] == by and "Accept-Encoding" in packed.headers["Vary"]
        assert len(packed.get_data()) == int(packed.headers["Content-Length"])
        assert len(unpack(packed.get_data())) > 3 * len(packed.get_data())
    refused = who.call("GET", path, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_small_answers_are_not_compressed(who: Colleague) -> None:
    assert "Content-Encoding" not in who.call("GET", "/healthz", headers={"Accept-Encoding": "gzip"}).headers


def test_https_is_for_good(proxied: Flask) -> None:
    secure = proxied.test_client().get("/login", headers={"X-Forwarded-Proto": "https"})
    assert "max-age=31536000" in secure.headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in proxied.test_client().get("/login").headers
    cookies = secure.headers.getlist("Set-Cookie")
    assert cookies and all("; Secure" in cookie and "HttpOnly" in cookie for cookie in cookies)


def test_only_a_known_proxy_is_believed(reading: Flask, proxied: Flask) -> None:
    def seen(app: Flask) -> tuple[str | None, str]:
        found: list[Any] = []

        def note() -> None:
            from flask import request

            found.append((request.remote_addr, request.scheme))

        app.before_request_funcs.setdefault(None, []).insert(0, note)
        headers = {"X-Forwarded-For": "6.6.6.6, 198.51.100.1", "X-Forwarded-Proto": "https"}
        app.test_client().get("/healthz", headers=headers)
        app.before_request_funcs[None].remove(note)
        return found[0]

    assert seen(reading) == ("127.0.0.1", "http")
    assert seen(proxied) == ("198.51.100.1", "https")


def test_a_host_header_leads_nobody_away(reading: Flask) -> None:
    answer = reading.test_client().get("/tax-status", headers={"Host": "evil.example"})
    assert answer.headers["Location"].startswith("/login")


def test_no_secret_is_in_any_answer(who: Colleague) -> None:
    for path in (*PAGES, "/api/auth/me", "/api/openapi.json"):
        said = who.get(path).text
        assert SECRET not in said and who.token not in said and "argon2" not in said, path
