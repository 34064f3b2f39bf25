"""docs/reliability.md: each shape's tables stand between marks of their own, and are written anew by `--write`."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"


def machine() -> str:
    """The day and the machine, for below a table."""
    return f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {os.getloadavg()[2]:.1f} over 15 minutes"


def write(name: str, text: str) -> None:
    """Put `text` between the marks of `name`. Raises SystemExit when there are none."""
    begin, end = f"<!-- faults {name} -->", f"<!-- end {name} -->"
    known = DOCUMENT.read_text()
    fresh, places = re.subn(f"{begin}.*?{end}", lambda _: f"{begin}\n\n{text}\n\n{end}", known, flags=re.DOTALL)
    if not places:
        raise SystemExit(f"{DOCUMENT.name} has no place for {name}: {begin} … {end}")
    DOCUMENT.write_text(fresh)
