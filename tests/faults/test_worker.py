"""Our worker, on a real gunicorn: how it stops, what it serves while others wait, what it refuses."""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.faults.clients import OpenPolling, OpenWebsocket, javascript_client
from tests.faults.server import PATIENCE, Server, until

pytestmark = pytest.mark.faults
OTHER_SETTINGS = ["-c", os.devnull, "-k", "gunicorn_eventlet.EventletWorker"]
STOP_WITHIN = 5.0  # what we promise of a stop: the one time that a test may measure


@pytest.fixture
def aside() -> Iterator[ThreadPoolExecutor]:
    """Threads for requests that take their time."""
    with ThreadPoolExecutor() as pool:
        yield pool


def stop_time(server: Server) -> float:
    """Seconds from SIGTERM to the end of gunicorn."""
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    assert server.ended() == 0, server.said()
    return time.monotonic() - began


def refuses(server: Server) -> bool:
    """Whether nobody listens at the server's port."""
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", server.port)) != 0


# -- stopping ----------------------------------------------------------------------------------------------------


@pytest.mark.timed
def test_a_stop_finishes_requests_and_sends_listeners_home(fresh: Server, aside: ThreadPoolExecutor) -> None:
    web, polling, idle = OpenWebsocket(fresh), OpenPolling(fresh), requests.Session()
    assert idle.get(fresh.url, timeout=PATIENCE).ok  # a connection that a browser keeps open for later
    poll, slow = aside.submit(polling.poll), aside.submit(fresh.get, "/slow")
    until(lambda: fresh.state()["busy"]["slow"], "the slow request to begin")

    took = stop_time(fresh)
    idle.close()

    assert took < STOP_WITHIN
    assert (slow.result().status_code, slow.result().text) == (200, "done")
    # "1" closes the engine's connection. "41" would be the server's goodbye, after which clients stay away.
    assert web.rest() == ["1"]
    assert poll.result() == "1"
    assert "Traceback" not in fresh.said()


@pytest.mark.timed
def test_connections_that_wait_for_nothing_do_not_hold_up_a_stop(fresh: Server) -> None:
    with requests.Session() as idle:
        assert idle.get(fresh.url, timeout=PATIENCE).ok
        assert stop_time(fresh) < STOP_WITHIN


def test_a_stopping_server_takes_nobody_in(fresh: Server, aside: ThreadPoolExecutor) -> None:
    slow = aside.submit(fresh.get, "/slow")
    until(lambda: fresh.state()["busy"]["slow"], "the slow request to begin")
    fresh.process.send_signal(signal.SIGTERM)
    until(lambda: refuses(fresh), "the listener to close")
    assert not slow.done()
    assert slow.result().ok


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_the_browsers_client_comes_back_after_a_restart(fresh: Server, transport: str) -> None:
    with javascript_client(fresh, transport) as hear:
        assert hear() == "connect"
        fresh.process.send_signal(signal.SIGHUP)
        # "transport close", or "transport error" for a poll that the new worker was asked first. Only after
        # "io server disconnect" would the client stay away.
        assert hear().startswith("disconnect: transport")
        assert hear() == "connect"


def test_a_killed_worker_is_followed_by_another(fresh: Server) -> None:
    killed = fresh.state()["pid"]
    os.kill(killed, signal.SIGKILL)
    until(lambda: fresh.state()["pid"] != killed, "a new worker")


def test_a_quick_stop_waits_for_nobody(fresh: Server, aside: ThreadPoolExecutor) -> None:
    web, slow = OpenWebsocket(fresh), aside.submit(fresh.get, "/slow")
    until(lambda: fresh.state()["busy"]["slow"], "the slow request to begin")
    fresh.process.send_signal(signal.SIGQUIT)
    assert fresh.ended() == 0
    web.drop()
    assert isinstance(slow.exception(), requests.ConnectionError)


# -- serving -----------------------------------------------------------------------------------------------------


def test_a_large_file_arrives_whole(server: Server, files: Path) -> None:
    sent = hashlib.sha256((files / "big").read_bytes()).hexdigest()
    assert hashlib.sha256(server.get("/file/big").content).hexdigest() == sent


def test_a_part_of_a_file_can_be_asked_for(server: Server, files: Path) -> None:
    part = server.get("/file/big", headers={"Range": "bytes=4000000-4099999"})
    assert part.status_code == 206
    assert part.content == (files / "big").read_bytes()[4_000_000:4_100_000]


def test_the_worker_is_green_and_starts_what_the_app_offers(server: Server) -> None:
    assert server.state()["green"] is True
    assert server.state()["started"] == ["background"]


def test_a_connection_is_one_green_socket(server: Server) -> None:
    """eventlet would put one into another, and each read and write would go through both."""
    assert server.state()["layers"] == 1


def test_the_way_out_of_eventlet_is_open(start: Callable[..., Server]) -> None:
    threaded = start(BMU_ASYNC_MODE="threading", SMALL_APP_MODE="threading").ready()
    assert threaded.state()["green"] is False
    OpenWebsocket(threaded).drop()


def test_psycopg_waits_where_others_can_run(server: Server) -> None:
    assert server.get("/psycopg").text == "wait_selector"


def test_others_are_answered_while_a_hash_is_computed(server: Server, aside: ThreadPoolExecutor) -> None:
    busy = aside.submit(server.get, "/hash")
    until(lambda: server.state()["busy"]["hash"], "an answer while the hash is computed")
    assert busy.result().ok


def test_one_request_leaves_nothing_to_the_next_on_its_connection(server: Server) -> None:
    with requests.Session() as browser:
        anna, bert = (
            browser.get(f"{server.url}/remember/{name}", timeout=PATIENCE).json() for name in ("anna", "bert")
        )
    assert anna["connection"] == bert["connection"]
    assert bert["before"] == "nobody"


def test_nothing_of_eventlets_ending_clutters_the_log(server: Server) -> None:
    OpenWebsocket(server).drop()
    assert "Listening at" in server.said()
    assert "eprecat" not in server.said()


def test_running_out_of_descriptors_does_not_make_the_server_deaf(start: Callable[..., Server]) -> None:
    few = start().ready()
    resource.prlimit(few.state()["pid"], resource.RLIMIT_NOFILE, (32, 32))
    crowd = [socket.create_connection(("127.0.0.1", few.port)) for _ in range(40)]
    until(lambda: "Could not accept" in few.said(), "the server to run out of descriptors")
    for guest in crowd:
        guest.close()
    assert few.get().ok


# -- refusing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "env", "reason"),
    [
        (["--preload"], {}, "Start without --preload"),
        (["--workers", "2"], {}, "Socket.IO needs one worker per port"),
        ([], {"SMALL_APP_MODE": "threading"}, "async_mode 'threading'"),
        ([*OTHER_SETTINGS, "--preload"], {}, "do not use --preload"),
        (["-c", "python:psycopg.waiting", *OTHER_SETTINGS[2:]], {}, "psycopg waits in C"),
    ],
    ids=["preload", "two workers", "another async mode", "preload without our settings", "psycopg before the worker"],
)
def test_what_cannot_work_is_refused(
    start: Callable[..., Server], options: list[str], env: dict[str, str], reason: str
) -> None:
    server = start(*options, **env)
    assert server.ended() != 0
    assert reason in server.said()


def test_a_signal_asking_for_a_second_worker_is_refused(fresh: Server) -> None:
    only = fresh.state()["pid"]
    fresh.process.send_signal(signal.SIGTTIN)
    until(lambda: "Still one worker" in fresh.said(), "the refusal")
    assert fresh.said().count("Booting worker") == 1
    assert fresh.state()["pid"] == only
