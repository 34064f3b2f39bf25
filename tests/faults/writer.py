"""People who save, twenty times a second, and never give up: each save has a key, and is sent until it is answered."""

from __future__ import annotations

import itertools
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.faults.crew import Crew, Record
from tests.faults.ledger import DOUBLED, OTHER, Broken

HANDS = 10
ANSWER_WITHIN = 10.0
AGAIN = 0.15  # of the saves are sent once more although they were answered
STATUSES = ("passed", "draft_ready")
RETRIED = {429, 502, 503, 504}


@dataclass(frozen=True)
class Acknowledged:
    """A save that was answered with success, what the answer said, and when it came (Unix time, s)."""

    record: str
    text: str
    version: int
    seq: int
    actor: str
    at: float = field(default=0.0, compare=False)


@dataclass(frozen=True)
class Try:
    """One sending of one save: when (monotonic), how long it took (s), its status, or 0 without an answer."""

    began: float
    took: float
    status: int


class Writer:
    """Ten hands, each with records of its own, together `rate` saves a second. `call(hand)` gives a hand's address."""

    def __init__(self, crew: Crew, call: Callable[[int], str], rate: float, seed: int) -> None:
        self.crew, self._call, self._pause, self._seed = crew, call, HANDS / rate, seed
        self.acknowledged: list[Acknowledged] = []
        self.tries: list[Try] = []
        self.faults: list[Broken] = []
        self.retried = 0  # saves that were sent more than once
        self.statuses: Counter[int] = Counter()
        self._number = itertools.count()
        self._going, self._ended = threading.Event(), threading.Event()
        self._idle = [threading.Event() for _ in range(HANDS)]
        self._threads = [threading.Thread(target=self._work, args=(hand,), daemon=True) for hand in range(HANDS)]
        for thread in self._threads:
            thread.start()

    def resume(self) -> None:
        """Save from now on."""
        for idle in self._idle:
            idle.clear()
        self._going.set()

    def pause(self, patience: float) -> bool:
        """Begin no further save; whether all that were begun were acknowledged within `patience` seconds."""
        self._going.clear()
        end = time.monotonic() + patience
        return all(idle.wait(max(0.0, end - time.monotonic())) for idle in self._idle)

    def stop(self) -> None:
        """End it."""
        self._ended.set()
        self._going.set()
        for thread in self._threads:
            thread.join(30)

    # -- one hand ------------------------------------------------------------------------------------------------

    def _work(self, hand: int) -> None:
        dice = random.Random(self._seed * HANDS + hand)
        mine = self.crew.records[hand::HANDS]
        due = time.monotonic() + dice.random() * self._pause
        while not self._ended.is_set():
            if not self._going.is_set():
                self._idle[hand].set()
                self._going.wait(0.5)
                due = time.monotonic() + dice.random() * self._pause
                continue
            time.sleep(max(0.0, due - time.monotonic()))
            due = max(due + self._pause * dice.uniform(0.5, 1.5), time.monotonic() - 1)
            self._save(hand, dice, dice.choice(mine))

    def _save(self, hand: int, dice: random.Random, record: Record) -> None:
        text, key = f"save {next(self._number)}", str(uuid.UUID(int=dice.getrandbits(128)))
        person = dice.choice(("admin", record.people["accounting_responsible"]))
        body = {"sourcePage": "taxStatus", "wht_submission_comment": text, "pnd_status": dice.choice(STATUSES)}
        send = Sending(self, hand, person, key, record.id, body)
        if dice.random() < AGAIN:
            twin = threading.Thread(target=send)  # a second click: the same save, at the same time
            twin.start()
        answer = send()
        if answer is None:
            return
        actor = self.crew.actors[person].by.id or ""
        saved = Acknowledged(record.id, text, answer["version"], answer["seq"], actor, time.time())
        self.acknowledged.append(saved)
        if dice.random() < AGAIN and (again := send()) is not None and again != answer:
            told = f"{text}: a retry answered version {again['version']}, not {saved.version}"
            self.faults.append(Broken(DOUBLED, told))
        self.retried += send.times > 1


class Sending:
    """One save, sent as often as it takes."""

    def __init__(self, writer: Writer, hand: int, person: str, key: str, record: str, body: dict[str, Any]) -> None:
        self.writer, self.hand, self.record, self.body, self.times = writer, hand, record, body, 0
        token = writer.crew.tokens[person]
        self.headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key, "Cookie": f"bmu_route=hand-{hand}"}

    def __call__(self) -> dict[str, Any] | None:
        """The answer's record; None when it was refused for good, which is a fault, or when we end."""
        while not self.writer._ended.is_set():
            began = time.monotonic()
            self.times += 1
            status, answer = self._try()
            self.writer.tries.append(Try(began, time.monotonic() - began, status))
            self.writer.statuses[status] += 1
            if status == 200:
                data: dict[str, Any] = answer["data"]
                return data
            if status and status not in RETRIED:
                told = f"{self.body['wht_submission_comment']}: {status} {answer}"
                self.writer.faults.append(Broken(OTHER, told))
                if status < 500:
                    return None
            time.sleep(0.2)
        return None

    def _try(self) -> tuple[int, Any]:
        url = f"{self.writer._call(self.hand)}/api/monthly-tax-data/{self.record}"
        try:
            answer = requests.put(url, json=self.body, headers=self.headers, timeout=ANSWER_WITHIN)
            return answer.status_code, answer.json() if answer.status_code == 200 else answer.text[:300]
        except (requests.RequestException, ValueError):
            return 0, None
