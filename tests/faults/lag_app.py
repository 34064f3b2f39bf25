"""The app, watched from a real thread: whenever its event loop is held up, what it was doing is written down.

`gunicorn tests.faults.lag_app:app`. Each line of the file that LAG_FILE names: for how many ms (from LAG_MS on), and
the stack at the middle of it, the innermost call last, separated by semicolons.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any

from wsgi import app

LOOK_EVERY = 0.005
FROM = float(os.environ.get("LAG_MS", "30")) / 1000
FILE = os.environ.get("LAG_FILE", os.devnull)
_beat = [time.monotonic()]


def _stack(frame: FrameType | None) -> Iterator[str]:
    while frame is not None:
        yield f"{frame.f_code.co_name} ({os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno})"
        frame = frame.f_back


def _watch(main: int, sleep: Any) -> None:
    """Runs in a real thread, which may neither log nor take a lock that the loop may hold (stack trap 7)."""
    with open(FILE, "a", buffering=1) as out:
        seen, stacks = 0.0, list[str]()
        while True:
            sleep(LOOK_EVERY)
            beat, late = _beat[0], time.monotonic() - _beat[0] - LOOK_EVERY
            if stacks and beat != seen:
                out.write(f"{1000 * (beat - seen):.0f} {stacks[len(stacks) // 2]}\n")
                stacks = []
            seen = beat
            if late > FROM / 2:
                stacks.append(";".join(reversed(list(_stack(sys._current_frames().get(main))))))


def _pulse() -> None:
    while True:
        _beat[0] = time.monotonic()
        time.sleep(LOOK_EVERY)


def _start() -> None:
    import eventlet
    from eventlet.patcher import original

    real: Any = original("threading")
    rest: Any = original("time").sleep
    main = real.get_ident()
    real.Thread(target=_watch, args=(main, rest), daemon=True).start()
    eventlet.spawn_n(_pulse)


app.extensions["bmu.background"].append(_start)
