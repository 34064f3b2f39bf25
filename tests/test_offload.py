"""Heavy work leaves the event loop alone. The green half runs in a process of its own: pytest is never patched."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bmu.offload import is_green, offload

ROOT = Path(__file__).resolve().parent.parent

# The file by itself: the rest of the app would only make each of these processes start slowly.
GREEN = """
import runpy, warnings
warnings.simplefilter("ignore")
import eventlet, eventlet.patcher
eventlet.monkey_patch()
kernel = runpy.run_path("bmu/offload.py")
is_green, offload, sleep = kernel["is_green"], kernel["offload"], kernel["sleep"]
real = eventlet.patcher.original("threading")
nap = eventlet.patcher.original("time").sleep
home = real.get_ident()
"""


def green(script: str) -> str:
    """What `script` prints in a process that eventlet has patched; fails when it fails or hangs."""
    done = subprocess.run(
        [sys.executable, "-c", GREEN + script], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def refuse(number: int) -> int:
    raise LookupError(number)


def test_an_unpatched_process_computes_where_it_stands() -> None:
    assert not is_green()
    assert offload(threading.get_ident) == threading.get_ident()


def test_an_unpatched_process_never_loads_eventlet() -> None:
    script = "import sys; from bmu.offload import offload; offload(abs, -1); print('eventlet' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_an_error_passes_through() -> None:
    with pytest.raises(LookupError, match="7"):
        offload(refuse, 7)


def test_a_green_process_computes_in_a_real_thread() -> None:
    assert green("print(is_green(), offload(real.get_ident) != home)") == "True True"


def test_arguments_and_values_of_any_shape_cross_over() -> None:
    assert green("print(offload(lambda a, *, b: (a, ValueError(b), 3), 1, b=2))") == "(1, ValueError(2), 3)"


def test_an_error_crosses_over_to_the_caller() -> None:
    script = """
def refuse(): raise LookupError("no such thing")
try: offload(refuse)
except LookupError as error: print(error, offload(abs, -1))
"""
    assert green(script) == "no such thing 1"


def test_even_an_exit_comes_back_instead_of_leaving_the_caller_waiting() -> None:
    script = """
import sys
try: offload(sys.exit, 3)
except SystemExit as exit: print(exit.code, offload(abs, -1))
"""
    assert green(script) == "3 1"


def test_the_event_loop_runs_while_the_thread_computes() -> None:
    script = """
told = []
eventlet.spawn(told.append, "meanwhile")
offload(nap, 0.2)
print(told)
"""
    assert green(script) == "['meanwhile']"


def test_two_run_at_once_and_the_others_wait_their_turn() -> None:
    script = """
running, seen = [], []
def work():
    running.append(1); seen.append(len(running)); nap(0.05); running.pop()
for green in [eventlet.spawn(offload, work) for _ in range(7)]: green.wait()
print(len(seen), max(seen))
"""
    assert green(script) == "7 2"


def test_an_error_gives_its_turn_back() -> None:
    script = """
def refuse(): raise LookupError
for _ in range(5):
    try: offload(refuse)
    except LookupError: pass
print(offload(abs, -1))
"""
    assert green(script) == "1"


def test_sleeping_lets_others_run() -> None:
    script = "told = []; eventlet.spawn(told.append, 'meanwhile'); sleep(0); print(told)"
    assert green(script) == "['meanwhile']"


def test_what_only_waits_takes_no_turn_from_who_computes() -> None:
    script = """
told = []
busy = [eventlet.spawn(offload, nap, 0.5) for _ in range(2)]
sleep(0.05)
kernel["wait_aside"](told.append, "at once")
print(told, any(green.dead for green in busy))
"""
    assert green(script) == "['at once'] False"


def test_a_computing_thread_gives_way_to_the_event_loop_soon() -> None:
    assert sys.getswitchinterval() < 0.001
