"""`python -m tests.faults [--points N] [--seed S] [--shape sqlite|cluster|both]`: break servers, see what holds."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

from tests.faults.drive import Found, Size, drive
from tests.faults.shapes import SHAPES, running

FIRM = ("--clients", "60", "--months", "2", "--employees", "40")


def main() -> int:
    """1 when a promise was broken."""
    asked = _arguments()
    shapes = SHAPES if asked.shape == "both" else (asked.shape,)
    fine = True
    for name in shapes:
        began = time.monotonic()
        print(f"{name}: {asked.points} points, seed {asked.seed}", flush=True)
        with running(name, *FIRM) as shape:
            found = drive(
                shape, asked.seed, Size(asked.points, pages=asked.pages), lambda text: print(text, flush=True)
            )
            if found.broken and asked.log:
                Path(asked.log).write_text(shape.said())
        _report(found, name, time.monotonic() - began, asked)
        fine = fine and not (found.broken or found.slow)
    return 0 if fine else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shape", choices=(*SHAPES, "both"), default="both")
    parser.add_argument("--pages", type=int, default=3, choices=range(4))
    parser.add_argument("--log", help="where to keep what the servers said, when something was broken")
    return parser.parse_args()


def _report(found: Found, name: str, took: float, asked: argparse.Namespace) -> None:
    returns = [ms for _, ms, _ in found.judged.caught]
    anew = sum(how == "anew" for _, _, how in found.judged.caught)
    print(f"{name}: {found.points} points in {found.rounds} rounds, {took:.0f} s; {found.saves} saves acknowledged")
    print(f"  answers by status (0: none): {dict(sorted(found.statuses.items()))}")
    print(f"  {len(returns)} returns, {anew} read anew; right after {_spread(returns)}; over 2000: {len(found.slow)}")
    print(f"  heard while live after {_spread(found.judged.late)}")
    for kind, lines in (("slow", found.slow), ("note", found.judged.notes), ("BROKEN", found.broken)):
        for line in lines[:20]:
            print(f"  {kind}: {line}")
    if found.broken or found.slow:
        print(f"  again: make faults ARGS='--shape {name} --seed {asked.seed} --points {asked.points}'")


def _spread(values: list[float]) -> str:
    if len(values) < 2:
        return "–"
    cuts = statistics.quantiles(values, n=20)
    return f"p50 {cuts[9]:.0f} p95 {cuts[18]:.0f} at most {max(values):.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
