"""Everything the server needs to know: `gunicorn wsgi:app -b HOST:PORT` is the whole command.

This file runs in gunicorn's arbiter, the process that starts and watches the worker. The app must not be
imported there (it would be loaded before eventlet patches anything: decision 0001), so `bmu` occurs below
only as words, and inside the hooks that run in the worker.

Read from the environment: BMU_ASYNC_MODE, BMU_DATABASE_URL, BMU_LOG_LEVEL (design §8), HOST, PORT, and
FORWARDED_ALLOW_IPS (the addresses of the proxies in front, whose X-Forwarded-* is believed).
"""

from __future__ import annotations

import faulthandler
import gc
import os
import resource
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
# The app names what it waits with, the server must wait with the same. The other two are the way out, should
# eventlet ever end: the app runs on them unchanged.
WORKERS = {"eventlet": "gunicorn_eventlet.EventletWorker", "gevent": "gevent", "threading": "gthread"}
MODE = os.environ.get("BMU_ASYNC_MODE") or "eventlet"

chdir = str(ROOT)
bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"
raw_env = [f"BMU_ASYNC_MODE={MODE}"]
worker_class = WORKERS.get(MODE, MODE)
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS") or "127.0.0.1,::1"

# A second worker on the same port would answer half of a client's polls with "unknown session", and max_requests
# would now and then drop every open table at once. Larger firms run more one-worker instances (design §9).
workers = 1
max_requests = 0
threads = 50 if MODE == "threading" else 1
worker_connections = 2000
backlog = 2048  # after a restart all of them wait here for the worker to start (the kernel allows net.core.somaxconn)
preload_app = False

timeout = 60  # the event loop stood still for so long: kill the worker and start another
graceful_timeout = 15  # how long a stop waits for running requests
keepalive = 5
control_socket_disable = True  # all instances of a user would share one file (stack trap 19)

accesslog = None  # the app logs each request itself, with its user and id
errorlog = "-"
loglevel = (os.environ.get("BMU_LOG_LEVEL") or "info").lower()


def nworkers_changed(server: Any, new_value: int, old_value: int | None) -> None:
    """Refuse what the command line may have asked for. The first hook of all: gunicorn preloads right after it.

    Raises RuntimeError, which gunicorn prints before it stops.
    """
    if old_value is not None and new_value > 1:
        server.log.error("Still one worker: %s", _ONE_WORKER)
        server.num_workers = 1
    elif new_value > 1:
        raise RuntimeError(_ONE_WORKER)
    elif server.cfg.preload_app:
        raise RuntimeError("preload_app would load the app before eventlet can patch it. Start without --preload.")


_ONE_WORKER = "Socket.IO needs one worker per port. For more, start more instances behind nginx (see deploy/)."


def on_starting(server: Any) -> None:
    """Make room for all connections, and bring a database that is only ours to its newest form."""
    _raise_file_limit(worker_connections + 500)
    if _database_is_ours():
        _upgrade_database()


def _raise_file_limit(wanted: int) -> None:
    """Each connection takes a descriptor, and a common soft limit is 1024; the hard one stays what it is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    reachable = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < reachable:
        resource.setrlimit(resource.RLIMIT_NOFILE, (reachable, hard))


def _database_is_ours() -> bool:
    """SQLite belongs to this instance. A PostgreSQL may be shared: there `flask db upgrade` is a step of its own."""
    return (os.environ.get("BMU_DATABASE_URL") or "sqlite:").startswith("sqlite:")


def _upgrade_database() -> None:
    """Run the migrations in a process of its own, because the arbiter must not import the app.

    Raises RuntimeError when they fail: an app on a half-made database must not serve.
    """
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"],
        cwd=ROOT,
        env={**os.environ, "BMU_ASYNC_MODE": "threading", "FLASK_SKIP_DOTENV": "1"},
        check=False,
    )
    if done.returncode:
        raise RuntimeError("The database could not be brought up to date; see above.")


def post_worker_init(worker: Any) -> None:
    """In the worker, with the app loaded: start the app's background work and say how to send its listeners home.

    The app offers, in `app.extensions`:
    * "bmu.warm": a callable that does beforehand what the first requests would wait for;
    * "bmu.background": callables without arguments; each starts a task and returns;
    * "bmu.drain": a callable that closes all open sockets, called when the worker stops. Without it, every
      client of "socketio" is disconnected in the way that makes it come back.
    """
    from gunicorn_eventlet import disconnect_all

    offers = getattr(worker.wsgi, "extensions", {})
    offers.get("bmu.warm", lambda: None)()
    _spare_the_collector()
    for start in offers.get("bmu.background", ()):
        start()
    sockets = offers.get("socketio")
    worker.drain_hook = offers.get("bmu.drain") or (sockets and partial(disconnect_all, sockets.server))


def _spare_the_collector() -> None:
    """Leave the loaded app out of every garbage collection: a full one walks through all of it, and everybody waits.

    What requests make is mostly let go of by its counts; the collector is for cycles, which are few.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def worker_abort(worker: Any) -> None:
    """The arbiter ends a worker that stood still: leave a trace of what it was busy with."""
    faulthandler.dump_traceback(all_threads=False)
