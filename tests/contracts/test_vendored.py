"""The files of others are those that static/vendor/README.md says, to the byte."""

from __future__ import annotations

import hashlib
import re

from tests.contracts.source import ROOT

VENDOR = ROOT / "static/vendor"
LINE = re.compile(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", re.M)


def told() -> dict[str, str]:
    return dict(LINE.findall((VENDOR / "README.md").read_text()))


def test_every_vendored_file_has_the_checksum_of_the_readme() -> None:
    files = {path.relative_to(VENDOR).as_posix(): path for path in VENDOR.rglob("*") if path.is_file()}
    files.pop("README.md")
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()} == told()


def test_no_page_loads_anything_from_elsewhere() -> None:
    ours = [
        *(ROOT / "templates").rglob("*.html"),
        *(ROOT / "static/css").glob("*.css"),
        *(ROOT / "static/js").glob("*"),
    ]
    loads = re.compile(r"""(?:src|href|url|import|from)\s*[=(]?\s*["'(]?\s*(?:https?:)?//""")
    assert len(ours) > 15
    found = [path.name for path in ours if loads.search(path.read_text())]
    assert not found, f"{', '.join(found)} loads from another host"
