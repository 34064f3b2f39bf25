"""`python -m tests.bench [PART …] [--write]`: how fast, how many. See docs/performance.md for what it said last.

Needs what `deploy/test-needs` installs, some 1.5 GB in the temporary folder, and a machine that does little else.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from timeit import repeat

from tests.bench import against, browser, fanout, growth, herd, lists, paint, papers, queries, save, stages, start
from tests.bench.report import Sheet

PARTS = {
    "queries": queries.measure,
    "save": save.measure,
    "stages": stages.measure,
    "fanout": fanout.measure,
    "lists": lists.measure,
    "growth": growth.measure,
    "browser": browser.measure,
    "paint": paint.measure,
    "herd": herd.measure,
    "start": start.measure,
    "papers": papers.measure,
    "against": against.measure,
}
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "performance.md"


def main() -> None:
    """Measure the parts asked for, print their tables, and write them down when told to."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (default: all)")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    for part in asked.parts or PARTS:
        text = _measured(part)
        print(text, flush=True)
        if asked.write:
            _write(part, text)


def _measured(part: str) -> str:
    began, wall = _taken_by_others(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bmu-bench-") as folder:
        sheets: list[Sheet] = list(PARTS[part](Path(folder)))
    cores = os.cpu_count() or 1
    others = 100 * (_taken_by_others() - began) / (time.monotonic() - wall) / cores
    machine = f"{cores} cores, of which other programs took {others:.0f} % and a million additions {_pace():.0f} ms"
    footer = f"`make bench ARGS={part}`, {datetime.now(UTC):%Y-%m-%d}; {machine}."
    return "\n".join((*(sheet.markdown() for sheet in sheets), footer, ""))


def _taken_by_others() -> float:
    """Seconds of processor time that all but this program and its ended children have used since the start."""
    user, nice, system, _, _, irq, softirq, *_ = map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:])
    own = os.times()
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK") - sum(own[:4])


def _pace() -> float:
    """Milliseconds for a million additions, the best of five: by it figures of other days can be compared."""
    return 1000 * min(repeat("for n in range(1_000_000): total += n", "total = 0", number=1, repeat=5))


def _write(part: str, text: str) -> None:
    """Put `text` between the marks of its part."""
    begin, end = f"<!-- bench {part} -->", f"<!-- end {part} -->"
    known = DOCUMENT.read_text()
    fresh, places = re.subn(f"{begin}.*?{end}", lambda _: f"{begin}\n\n{text}\n{end}", known, flags=re.DOTALL)
    if not places:
        raise SystemExit(f"{DOCUMENT.name} has no place for {part}: {begin} … {end}")
    DOCUMENT.write_text(fresh)


main()
