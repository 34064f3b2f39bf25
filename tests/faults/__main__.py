"""`python -m tests.faults [--points N] [--sockets N] [--seed S] [--shape sqlite|cluster|both] [--write]`.

Breaks running servers, prints what was done and found, and how to repeat it. Ends with 1 when a promise was broken or a
bar missed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from functools import partial
from pathlib import Path

from deploy.cluster.part import CannotStart
from tests.bench.report import Sheet
from tests.faults.crew import Crew
from tests.faults.drive import BAR_MS, Found, Size, drive
from tests.faults.herd import Herd, stampede
from tests.faults.paper import machine, write
from tests.faults.shapes import SHAPES, running

FIRM = ("--clients", "60", "--months", "2", "--employees", "100")
RETURN_S, BLOCKED_S = 10.0, 0.250  # the bars of the herd
say = partial(print, flush=True)


def main() -> int:
    """The exit code; 2 when something cannot be started."""
    asked = _arguments()
    shapes = SHAPES if asked.shape == "both" else (asked.shape,)
    try:
        held = [_break(name, asked) for name in shapes]  # each, whatever the one before it did
        return 0 if all(held) else 1
    except CannotStart as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--points", type=int, default=1000, help="how many things to break (1000; 0: none)")
    parser.add_argument("--sockets", type=int, default=1000, help="how large a herd (1000; 0: none)")
    parser.add_argument("--seed", type=int, default=1, help="draws the plan (1)")
    parser.add_argument("--shape", choices=(*SHAPES, "both"), default="both")
    parser.add_argument("--pages", type=int, default=3, choices=range(4), help="open pages in Chromium (3)")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/reliability.md")
    parser.add_argument("--log", type=Path, help="a file for what the servers said")
    return parser.parse_args()


def _break(name: str, asked: argparse.Namespace) -> bool:
    """Whether everything held."""
    began, fine, sheets = time.monotonic(), True, list[Sheet]()
    with running(name, *FIRM) as shape:
        try:
            if asked.points:
                say(f"{name}: {asked.points} points, seed {asked.seed}")
                found = drive(shape, asked.seed, Size(asked.points, pages=asked.pages), say)
                fine = _tell_found(found, name, asked.seed)
                sheets.append(_sheet(found))
                say(sheets[-1].markdown())
            if asked.sockets:
                herd = stampede(shape, Crew(shape), asked.sockets, asked.seed + 1)
                fine = _tell_herd(herd, name) and fine
                sheets.append(_herd_sheet(herd))
        finally:
            if asked.log:
                asked.log.write_text(shape.said())
    took = f"{(time.monotonic() - began) / 60:.0f} minutes"
    say(f"{name}: {took}")
    if asked.write:
        command = (
            f"make faults ARGS='--shape {name} --seed {asked.seed} --points {asked.points} --sockets {asked.sockets}'"
        )
        write(name, "\n".join((*(sheet.markdown() for sheet in sheets), f"`{command}`, {took}; {machine()}.")))
    return fine


def _sheet(found: Found) -> Sheet:
    returns = [one.ms for one in found.judged.caught]
    held = "a promise was broken" if found.broken else "every look found all in agreement"
    sheet = found.ledger.sheet(f"{found.points} points: {held}")
    sheet.notes = [
        f"{found.saves} saves acknowledged, of which {found.retried} were sent more than once.",
        f"{len(returns)} returns, right after {_spread(returns)}; {len(found.slow)} over {BAR_MS:.0f} ms.",
    ]
    return sheet


def _herd_sheet(herd: Herd) -> Sheet:
    sheet = Sheet(
        "The herd",
        ("sockets", "never back", "last right s", "5xx", "longest save ms", "worker's ms a socket", "loop held ms"),
    )
    last, longest = max(herd.right, default=0.0), 1000 * max(herd.saves, default=0.0)
    each = 1000 * herd.processor / max(1, herd.sockets)
    sheet.add(
        str(herd.sockets), herd.never, round(last, 1), herd.failures, round(longest), round(each, 1), 1000 * herd.held
    )
    return sheet


def _tell_found(found: Found, name: str, seed: int) -> bool:
    returns = [one.ms for one in found.judged.caught]
    anew = sum(one.how == "anew" for one in found.judged.caught)
    say(f"{name}: {found.points} points in {found.rounds} rounds; {found.saves} saves acknowledged")
    say(f"  answers to saves by status (0: none): {dict(sorted(found.statuses.items()))}")
    say(f"  {len(returns)} returns, {anew} read anew; right after {_spread(returns)}; over 2000 ms: {len(found.slow)}")
    say(f"  heard while live after {_spread(found.judged.late)}")
    for kind, lines in (
        ("slow", found.slow),
        ("note", found.judged.notes),
        ("BROKEN", [f"{one.what}: {one.text}" for one in found.broken]),
    ):
        for line in lines[:20]:
            say(f"  {kind}: {line}")
    fine = not (found.broken or found.slow)
    if not fine:
        say(f"  again: make faults ARGS='--shape {name} --seed {seed} --points {found.points} --sockets 0'")
    return fine


def _tell_herd(herd: Herd, name: str) -> bool:
    meanwhile, before = ([one * 1000 for one in saves] for saves in (herd.saves, herd.before))
    last, longest = max(herd.right, default=0.0), max(herd.saves, default=0.0)
    held = {
        "all right again": herd.never == 0,
        f"within {RETURN_S:.0f} s": last <= RETURN_S,
        "no 5xx": herd.failures == 0,
        f"no save longer than {BLOCKED_S * 1000:.0f} ms": longest <= BLOCKED_S,
    }
    say(f"{name}: a herd of {herd.sockets}; the servers answered again after {herd.away:.1f} s")
    say(f"  right after {_spread([one * 1000 for one in herd.right])}; never: {herd.never}")
    say(f"  saves meanwhile {_spread(meanwhile)}; before {_spread(before)}")
    say(f"  saves by status {dict(herd.statuses)}; sockets' errors {dict(herd.errors)}")
    say(f"  the workers used {herd.processor:.1f} s of processor from their start until then")
    for what, is_so in held.items():
        say(f"  {'held' if is_so else 'MISSED'}: {what}")
    return all(held.values())


def _spread(values: list[float]) -> str:
    if len(values) < 2:
        return "–"
    cuts = statistics.quantiles(values, n=20)
    return f"p50 {cuts[9]:.0f} p95 {cuts[18]:.0f} at most {max(values):.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
