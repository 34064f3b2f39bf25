"""Work for the processor, done beside the event loop. With the worker, the only file that may know eventlet.

One eventlet process serves everybody from one thread: a password hash or a spreadsheet computed there
stops every open table meanwhile. `offload` computes it in a real thread instead.

What is offloaded must be PURE: plain values in, plain values out. It must not
  * log, or print through logging: the handlers' locks are green, and a green lock taken in a real thread
    raises "Cannot switch to a different thread" and leaves the process hanging (stack trap 7);
  * touch Flask's proxies (`request`, `g`, `current_app`), `gettext`, or a lazy string: context variables
    do not cross over;
  * touch a database session or anything loaded from one;
  * wait for something green: a queue, an event, a socket, time.sleep.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# More threads would only share the interpreter's lock, and take it from the event loop: ten hashes at once
# hold the loop up for 17 ms with two threads (stack §4).
AT_ONCE = 2


# A thread that computes gives the interpreter's lock up when asked, after this many seconds. The event loop has to ask
# some twenty times for each save, after every statement: with Python's own 5 ms a save beside a spreadsheet takes up to
# 100 ms longer (docs/performance.md).
sys.setswitchinterval(0.0005)


def is_green() -> bool:
    """Whether eventlet has taken over this process's threads and waiting."""
    patcher = sys.modules.get("eventlet.patcher")
    return patcher is not None and bool(patcher.is_monkey_patched("thread"))


def sleep(seconds: float) -> None:
    """Rest for `seconds` and let the others run: under the worker `time.sleep` is green, elsewhere a thread's own."""
    time.sleep(seconds)


def offload(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The value of `fn(*args, **kwargs)`, computed in a real thread when the process is green, else right here.

    `fn` must be pure in the sense above. At most AT_ONCE run, the others wait their turn without holding up
    the event loop. What `fn` raises is raised here.
    """
    if not is_green():
        return fn(*args, **kwargs)
    with _limit():
        return wait_aside(fn, *args, **kwargs)


def wait_aside(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The same for what only waits, such as for the disk: it begins at once, and takes no turn from who computes."""
    if not is_green():
        return fn(*args, **kwargs)
    from eventlet import tpool

    value, error = tpool.execute(_outcome, fn, args, kwargs)
    if error is not None:
        try:
            raise error
        finally:
            del error  # it holds this frame, which would hold it
    return value


@cache
def _limit() -> AbstractContextManager[object]:
    """The turnstile. Made at first use: eventlet's semaphores belong to the process after the fork."""
    from eventlet.semaphore import Semaphore

    return Semaphore(AT_ONCE)


def _outcome(fn: Callable[..., T], args: Any, kwargs: Any) -> tuple[T | None, BaseException | None]:
    """What `fn` gave, or what it raised, as a plain value.

    Raised in the pool itself, a SystemExit would end the pool's thread and nobody would wake the caller.
    """
    try:
        return fn(*args, **kwargs), None
    except BaseException as error:
        return None, error
