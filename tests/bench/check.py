"""`python -m tests.bench.check [--keep]`: has anything become slower or larger than what is kept in ratios.json?

Exit code 1 when something is worse by more than a fifth, or is no longer measured. `--keep` writes what was found.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.ratios import Figures, measured
from tests.bench.report import Sheet

KEPT = Path(__file__).with_name("ratios.json")
TOO_MUCH = 1.2


@dataclass(frozen=True)
class Finding:
    """A figure as it was kept and as it is now; None where there is none."""

    name: str
    kept: float | None
    now: float | None

    @property
    def verdict(self) -> str:
        """In a word: WORSE, GONE, new, better, or nothing to say."""
        if self.now is None:
            return "GONE"
        if self.kept is None:
            return "new"
        if self.now > TOO_MUCH * self.kept:
            return "WORSE"
        return "better" if self.now * TOO_MUCH < self.kept else ""

    @property
    def fails(self) -> bool:
        """Whether the guard has to speak."""
        return self.verdict in ("WORSE", "GONE")


def compared(kept: Mapping[str, float], now: Mapping[str, float]) -> list[Finding]:
    """Every figure that is kept or was measured, in the order of measuring."""
    names = dict.fromkeys((*now, *kept))
    return [Finding(name, kept.get(name), now.get(name)) for name in names]


def smaller(one: Mapping[str, float], other: Mapping[str, float]) -> Figures:
    """Of two measurements the better one, figure by figure: other programs can only add to what something costs."""
    return {name: min(figure, other.get(name, figure)) for name, figure in one.items()}


def told(findings: list[Finding]) -> str:
    """The findings as a table."""
    sheet = Sheet("Against the ratios kept", ("figure", "kept", "now", "times", ""))
    for one in findings:
        sheet.add(one.name, *_cells(one), one.verdict)
    return sheet.markdown()


def _cells(one: Finding) -> Iterator[float | str]:
    yield "–" if one.kept is None else one.kept
    yield "–" if one.now is None else one.now
    yield one.now / one.kept if one.kept and one.now is not None else ""


def main() -> int:
    """Measure, compare, tell. What looks worse is measured a second time before it is called so."""
    parser = argparse.ArgumentParser(prog="make bench-check ARGS=…", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="keep what is found as what to compare with")
    asked = parser.parse_args()
    kept = json.loads(KEPT.read_text())["figures"] if KEPT.exists() else {}
    now = _measured()
    if not asked.keep and any(one.fails for one in compared(kept, now)):
        now = smaller(now, _measured())
    findings = compared(kept, now)
    print(told(findings))
    if asked.keep:
        figures = {name: float(f"{figure:.4g}") for name, figure in now.items()}
        found = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "figures": figures}
        KEPT.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
        return 0
    return int(any(one.fails for one in findings))


def _measured() -> Figures:
    with tempfile.TemporaryDirectory(prefix="bmu-check-") as folder:
        return measured(Path(folder))


if __name__ == "__main__":
    sys.exit(main())
