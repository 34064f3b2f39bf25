"""What is promised to people holds with several processes on one PostgreSQL, behind nginx."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event
from typing import Any

import pytest
import redis
import requests

from bmu.background import LOOK_EVERY
from deploy.cluster.cluster import App, Cluster
from tests.cluster.people import EXPIRED, PATIENCE, Person, until


@pytest.fixture(scope="module")
def cluster(start: Callable[..., Cluster]) -> Cluster:
    """Two processes. Tests that break it mend it."""
    return start(2)


@pytest.fixture(scope="module")
def token(cluster: Cluster) -> str:
    return Person(cluster.url, "AC00024").token


@pytest.fixture
def one(cluster: Cluster, token: str) -> Person:
    """The accountant at the first process."""
    return Person(url(cluster.apps[0]), "AC00024", token)


@pytest.fixture
def two(cluster: Cluster, one: Person) -> Person:
    """The same at the second."""
    return one.at(url(cluster.apps[1]))


@pytest.fixture
def front(cluster: Cluster, one: Person) -> Person:
    """The same at nginx, as everybody comes."""
    return one.at(cluster.url)


def url(app: App) -> str:
    return f"http://127.0.0.1:{app.port}"


def metric(app: App, name: str) -> float:
    said = requests.get(f"{url(app)}/metrics", timeout=PATIENCE).text
    found = re.search(rf"^{name} (\S+)$", said, re.M)
    return float(found[1]) if found else 0.0


def doing_chores(cluster: Cluster) -> list[App]:
    return [app for app in cluster.apps if app.alive() and metric(app, "bmu_chores_mine")]


def test_a_save_at_one_process_is_heard_at_the_other(one: Person, two: Person) -> None:
    with closing(two.listen()) as listener:
        assert one.save(one.record(), wht_response="ข้ามโปรเซส").status_code == 200
        listener.hears("ข้ามโปรเซส")


def test_who_has_a_form_open_at_one_process_is_seen_at_the_other(one: Person, two: Person) -> None:
    record = one.record()
    with closing(two.listen()) as listener, closing(one.listen()) as here:
        here.io.emit("presence:here", {"id": record["id"], "field": "pnd_status"})
        person = {"id": "AC00024", "name": "ภา", "field": "pnd_status"}
        seen = ("presence:changed", {"id": record["id"], "people": [person]})
        until(lambda: seen in list(listener.told), "the other process's presence")


@pytest.mark.parametrize("transport", ["polling", "websocket"])
def test_many_people_share_the_processes_and_all_of_them_hear(cluster: Cluster, front: Person, transport: str) -> None:
    """A poll that came to the wrong process would be refused, and its client begin anew for ever."""
    # So many that nginx, which chooses by a hash of route and ports, does not send them all to one once in a lifetime.
    listeners = [front.listen(transport, route=f"person-{number}") for number in range(16)]
    try:
        assert all(metric(app, "bmu_sockets_open") > 0 for app in cluster.apps)
        assert front.save(front.record(), wht_response=f"ทุกคน {transport}").status_code == 200
        for listener in listeners:
            listener.hears(f"ทุกคน {transport}")
        assert [listener.connects for listener in listeners] == [1] * len(listeners)
    finally:
        for listener in listeners:
            listener.close()


def test_a_page_gives_the_cookie_that_keeps_a_browser_at_its_process(cluster: Cluster) -> None:
    with requests.Session() as browser:
        browser.get(f"{cluster.url}/login", timeout=PATIENCE)
        first = browser.cookies["bmu_route"]
        browser.get(f"{cluster.url}/login", timeout=PATIENCE)
        assert browser.cookies["bmu_route"] == first


def test_the_same_field_saved_at_two_processes_at_once_is_a_conflict_for_one(one: Person, two: Person) -> None:
    seen = one.record()
    with ThreadPoolExecutor() as pool:
        saves = [pool.submit(who.save, seen, wht_response=f"ของ {who.url}") for who in (one, two)]
    assert sorted(save.result().status_code for save in saves) == [200, 409]


def test_different_fields_saved_at_two_processes_at_once_are_both_kept(one: Person, two: Person) -> None:
    seen = one.record()
    with ThreadPoolExecutor() as pool:
        saves = [pool.submit(one.save, seen, wht_response="หนึ่ง"), pool.submit(two.save, seen, pp30_response="สอง")]
    assert [save.result().status_code for save in saves] == [200, 200]
    now = one.record()
    assert (now["wht_response"], now["pp30_response"], now["version"]) == ("หนึ่ง", "สอง", seen["version"] + 2)


def test_a_save_sent_again_to_another_process_is_one_save(one: Person, two: Person) -> None:
    seen = one.record()
    with ThreadPoolExecutor() as pool:
        saves = [pool.submit(who.save, seen, key="once", wht_response="ครั้งเดียว") for who in (one, two, one, two)]
    answers = [save.result().json()["data"]["version"] for save in saves]
    assert answers == [seen["version"] + 1] * 4 and one.record()["version"] == seen["version"] + 1


def test_who_signs_out_at_one_process_is_shown_out_at_the_other(cluster: Cluster, two: Person) -> None:
    leaving = Person(url(cluster.apps[0]), "AC00031")
    with closing(leaving.at(two.url).listen()) as listener:
        assert leaving.call("POST", "/auth/logout").status_code == 200
        until(lambda: EXPIRED in [event for event, _ in listener.told], "being shown out")


def test_redis_is_nobodys_need(cluster: Cluster, one: Person, two: Person) -> None:
    cluster.redis.stop()
    try:
        with closing(two.listen()) as listener:
            assert one.save(one.record(), wht_response="ไม่มีเรดิส").status_code == 200
            listener.hears("ไม่มีเรดิส")
        assert Person(one.url, "AC00012").token
    finally:
        cluster.redis.start()


def test_a_redis_that_stands_still_costs_nobody_a_save(cluster: Cluster, one: Person) -> None:
    """Many wait for it at the same moment: the limiter turns to its memory for the first of them only."""
    assert cluster.redis.process
    with closing(redis.Redis.from_url(cluster.redis.url)) as counted:
        until(lambda: one.record() and counted.dbsize(), "the limiter to count in Redis")
    seen = {"id": one.record()["id"]}
    cluster.redis.process.send_signal(signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(8) as pool:
            saves = [pool.submit(one.save, seen, wht_response=f"ระหว่างรอ {number}") for number in range(8)]
        assert [save.result().status_code for save in saves] == [200] * len(saves)
    finally:
        cluster.redis.process.send_signal(signal.SIGCONT)


def test_one_process_does_the_chores_and_another_when_it_dies(cluster: Cluster) -> None:
    [first] = until(lambda: doing_chores(cluster), "somebody to do the chores")
    first.stop(signal.SIGKILL)
    try:
        [second] = until(lambda: doing_chores(cluster), f"another to do the chores, within {LOOK_EVERY:.0f} s")
        assert second is not first
    finally:
        first.start()
    assert doing_chores(cluster) == [second]


def test_who_was_at_a_process_that_died_goes_on_at_another(cluster: Cluster, front: Person) -> None:
    listeners = [front.listen("websocket", route=f"person-{number}") for number in range(6)]
    dead = next(app for app in cluster.apps if metric(app, "bmu_sockets_open") > 0)
    dead.stop(signal.SIGKILL)
    try:
        assert front.save(front.record(), wht_response="ระหว่างล่ม").status_code == 200
        for listener in listeners:
            listener.hears("ระหว่างล่ม")
        until(lambda: sum(listener.connects for listener in listeners) > len(listeners), "a return to be counted")
    finally:
        dead.start()
        for listener in listeners:
            listener.close()


@pytest.fixture
def saving(front: Person) -> Iterator[Callable[[], list[int]]]:
    """Somebody saves twenty times a second until asked for the answers' codes."""
    stop, seen = Event(), {"id": front.record()["id"]}

    def save() -> list[int]:
        codes: list[int] = []
        while not stop.wait(0.05):
            codes.append(front.save(seen, key=f"saving {len(codes)}", wht_response=f"{len(codes)}").status_code)
        return codes

    with ThreadPoolExecutor() as pool:
        running = pool.submit(save)

        def end() -> list[int]:
            stop.set()
            return running.result()

        yield end
        stop.set()


def test_a_new_version_comes_in_without_a_lost_save(cluster: Cluster, front: Person, saving: Any) -> None:
    before = front.record()["version"]
    cluster.renew()
    codes = saving()
    assert len(codes) > 20 and set(codes) == {200}
    # Some saves may have been made before the first look.
    assert before <= front.record()["version"] <= before + len(codes) + 1
    assert front.record()["wht_response"] == f"{len(codes) - 1}"


def test_a_postgresql_that_was_away_is_used_again(cluster: Cluster, one: Person, two: Person) -> None:
    with closing(two.listen()) as listener:
        cluster.postgres.stop()
        assert one.save({"id": "x"}, wht_response="ไม่มีฐานข้อมูล").status_code in (500, 503)
        cluster.postgres.start()
        until(lambda: one.call("GET", "/auth/me").status_code == 200, "the database to be used again")
        assert one.save(one.record(), wht_response="กลับมาแล้ว").status_code == 200
        listener.hears("กลับมาแล้ว")
    until(lambda: len(doing_chores(cluster)) == 1, "one process to do the chores again")
