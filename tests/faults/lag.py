"""`python -m tests.faults.lag`: what holds up the event loop under the bench's load, the longest first.

300 open pages, 20 saves a second for 25 s, as `make bench ARGS=save`.
"""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from pathlib import Path

from tests.bench import save
from tests.bench.firm import found
from tests.bench.server import Server

FROM_MS = 30


def main() -> None:
    """Run the load, and print a line for each cause: how often, at most how long, and the calls that lead there."""
    with tempfile.TemporaryDirectory(prefix="bmu-lag-") as made:
        folder = Path(made)
        firm = found(folder / "firm", clients=375, months=12)
        lines = folder / "lag"
        server = Server(
            firm.folder, app="tests.faults.lag_app:app", env={"LAG_FILE": str(lines), "LAG_MS": str(FROM_MS)}
        )
        try:
            server.wait()
            load = save.load(server, firm, save.Pace(page=True, flat=0.1))
            print(f"{len(load.seen['random']['puts'])} saves; load {os.getloadavg()[0]:.1f}")
            for line in server.said("held_up"):
                print(line)
        finally:
            server.stop()
        _tell(lines.read_text().splitlines())


def _tell(lines: list[str]) -> None:
    causes: defaultdict[str, list[float]] = defaultdict(list)
    for line in lines:
        ms, _, stack = line.partition(" ")
        if float(ms) >= FROM_MS:
            causes[";".join(stack.split(";")[-14:])].append(float(ms))
    print(f"held up {sum(map(len, causes.values()))} times for {FROM_MS} ms or longer")
    for stack, times in sorted(causes.items(), key=lambda one: -max(one[1]))[:12]:
        print(f"{len(times)} ×, at most {max(times):.0f} ms:")
        for call in stack.split(";"):
            print(f"    {call}")


if __name__ == "__main__":
    main()
