"""Static files: addressed by their content, kept for a year, sent compressed, and nothing beside them."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

import brotli
import pytest
from flask import Flask

from bmu.assets import STYLES, Assets
from tests.conftest import Colleague

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = "/static/js/desk.js"


def test_a_page_names_its_files_by_their_content(reading: Flask) -> None:
    page = Colleague(reading, "AC00024").get("/tax-status").text
    found = re.findall(r'(/static/[^"?\s)]+)\?v=([0-9a-f]{12})', page)
    assert {"/static/css/bmu.css", SCRIPT, "/static/vendor/socket.io.esm.min.js"} <= {path for path, _ in found}
    for path, digest in found:
        answer = reading.test_client().get(path)
        assert hashlib.sha256(answer.get_data()).hexdigest()[:12] == digest, path


def test_what_has_its_hash_is_kept_for_a_year(reading: Flask) -> None:
    client = reading.test_client()
    digest = client.get(SCRIPT).headers["ETag"].strip('"')
    kept = client.get(f"{SCRIPT}?v={digest}").headers["Cache-Control"]
    assert kept == "public, max-age=31536000, immutable"
    for query in ("", "?v=000000000000", "?v="):
        assert client.get(SCRIPT + query).headers["Cache-Control"] == "no-cache", query


@pytest.mark.parametrize(
    ("accepted", "by"), [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("gzip;q=0", "")]
)
def test_text_is_sent_compressed_as_who_asks_takes_it(reading: Flask, accepted: str, by: str) -> None:
    client = reading.test_client()
    answer, plain = client.get(SCRIPT, headers={"Accept-Encoding": accepted}), client.get(SCRIPT)
    assert (answer.headers.get("Content-Encoding", ""), plain.headers.get("Content-Encoding")) == (by, None)
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}[by]
    assert unpack(answer.get_data()) == plain.get_data()
    assert answer.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


def test_fonts_are_not_compressed_again(reading: Flask) -> None:
    answer = reading.test_client().get(
        "/static/vendor/fonts/bmu-thai-looped-400.woff2", headers={"Accept-Encoding": "gzip"}
    )
    assert (answer.status_code, answer.mimetype) == (200, "font/woff2")
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("encoding", ["", "gzip", "br"])
def test_what_one_has_is_not_sent_again(reading: Flask, encoding: str) -> None:
    client, headers = reading.test_client(), {"Accept-Encoding": encoding}
    tag = client.get(SCRIPT, headers=headers).headers["ETag"]
    again = client.get(SCRIPT, headers=headers | {"If-None-Match": tag})
    assert (again.status_code, again.get_data()) == (304, b"")
    assert client.get(SCRIPT, headers=headers | {"If-None-Match": '"old"'}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        *("../wsgi.py", "../bmu/config.py", "js/../../wsgi.py", "..%2fwsgi.py", "%2e%2e/wsgi.py", "/etc/passwd"),
        *("js", "js/", ".", "", "js/none.js", "vendor/README.md", "vendor/swagger-ui/LICENSE", "css/.hidden.css"),
        *("js/desk.js%00", "js/desk.js%00.css", "%00", f"{'x' * 300}.js", f"{'x/' * 3000}y.js", "js\\desk.js", "ก.js"),
    ],
    ids=lambda path: path[:25],
)
def test_nothing_beside_the_static_files_is_served(reading: Flask, path: str) -> None:
    assert reading.test_client().get(f"/static/{path}", follow_redirects=True).status_code == 404


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    from bmu.errors import NotFound

    (tmp_path / "static").mkdir()
    (tmp_path / "secret.txt").write_text("x")
    (tmp_path / "static/link.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(NotFound):
        Assets(tmp_path / "static", fresh=False).get("link.txt")


def test_every_stylesheet_is_in_the_one_that_is_served(reading: Flask) -> None:
    css = reading.test_client().get("/static/css/bmu.css").text
    files = {path.stem: path.read_text() for path in (ROOT / "static/css").glob("*.css")}
    assert set(files) == set(STYLES), "assets.STYLES names the stylesheets in their order"
    starts = [re.sub(r"/\*.*?\*/", "", files[name], flags=re.S).split()[:12] for name in STYLES]
    order = [" ".join(css.split()).find(" ".join(words)) for words in starts]
    assert order == sorted(order) and -1 not in order


def test_the_stylesheet_says_what_its_files_say_but_for_remarks(reading: Flask) -> None:
    css = reading.test_client().get("/static/css/bmu.css").text
    told = "".join((ROOT / f"static/css/{name}.css").read_text() for name in STYLES)
    assert "/*" not in css and css.count("{") == re.sub(r"/\*.*?\*/", "", told, flags=re.S).count("{")
    assert not [text for text in re.findall(r'"[^"\n]*"', told) if "/*" in text], "it would be taken for a remark"


def test_fonts_are_named_by_their_content_in_the_stylesheet(reading: Flask) -> None:
    css = reading.test_client().get("/static/css/bmu.css").text
    assert re.findall(r"/static/vendor/fonts/[\w.-]+woff2", css)
    assert not re.findall(r"/static/vendor/fonts/[\w.-]+woff2(?!\?v=)", css)


def test_scripts_and_styles_have_the_type_browsers_ask_for(reading: Flask) -> None:
    client = reading.test_client()
    assert client.get(SCRIPT).mimetype == "text/javascript"
    assert client.get("/static/css/bmu.css").mimetype == "text/css"
    assert client.get(SCRIPT).headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/tax-status", "/tax-inspection", "/tax-filing"])
def test_a_first_visit_asks_for_little_beside_the_page(reading: Flask, path: str) -> None:
    """120 kB and 12 requests are what a first visit may take; a page of 100 rows takes some 25 kB of them."""
    page, client = Colleague(reading, "admin").get(path).text, reading.test_client()
    css = client.get("/static/css/bmu.css").text
    asked = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
    asked |= set(re.findall(r'url\("?(/static/[^")]+)', css))
    sizes = {one: len(client.get(one, headers={"Accept-Encoding": "br"}).get_data()) for one in asked}
    assert 6 <= len(sizes) <= 8 and sum(sizes.values()) <= 92_000, sizes
