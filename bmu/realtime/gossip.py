"""Between processes, over Redis: which forms the sockets of each have open, and who has read notifications.

Nothing is stored. A process says its whole list whenever it has changed and every few seconds besides; what was heard
of another counts until it falls silent. Who has read is only named: the others count anew. Without Redis, or while it
is away, each process shows its own people only, and a bell counts at the next subscription: these are courtesies, and
no save waits for them.
"""

from __future__ import annotations

import json
import uuid
from time import monotonic
from typing import Any

import redis
import structlog
from flask import Flask

from bmu import background
from bmu.config import Config
from bmu.extensions import socketio
from bmu.notifications import service
from bmu.offload import sleep
from bmu.realtime import notices, presence
from bmu.realtime.presence import Elsewhere, present

CHANNEL = "bmu:presence"
LOOK_EVERY, SAY_EVERY, SILENT_AFTER, AGAIN_AFTER = 0.2, 3.0, 9.0, 2.0
LARGEST = 500_000
ME = uuid.uuid4().hex
log = structlog.get_logger(__name__)


class Voice:
    """What this process has said last, and when (monotonic seconds); who has read since then."""

    def __init__(self, line: redis.Redis) -> None:
        self.line, self.said, self.at = line, "", 0.0
        self.readers: set[str] = set()

    def read(self, user_id: str, **_rest: Any) -> None:
        """Somebody has read or deleted notifications here. Said by the next step: nobody's request waits for Redis."""
        self.readers.add(user_id)

    def step(self) -> None:
        """Say our list if it is another than before, or was not said for a while; let go of who fell silent."""
        now = monotonic()
        words = json.dumps([one._asdict() for one in present.ours()])
        if words != self.said or self.readers or now - self.at > SAY_EVERY:
            self.said, self.at = words, now
            self._say(words)
        presence.forget_elsewhere(now - SILENT_AFTER)

    def _say(self, words: str) -> None:
        readers, self.readers = self.readers, set()
        try:
            self.line.publish(CHANNEL, json.dumps({"from": ME, "here": words, "read": sorted(readers)}))
        except redis.RedisError as error:
            log.info("gossip_unheard", why=type(error).__name__)


def heard(raw: bytes) -> None:
    """Another process has said its list, and who has read. Anything else on the channel is passed over."""
    try:
        said = json.loads(raw) if len(raw) <= LARGEST else {}
        origin, here = said["from"], [Elsewhere(**one) for one in json.loads(said["here"])]
        readers = [str(one) for one in said.get("read", ())]
    except (ValueError, TypeError, KeyError):
        log.warning("gossip_unread")
        return
    if origin != ME:
        presence.hear_elsewhere(str(origin), here, monotonic())
        for one in readers:
            notices.count(one)


def _listen(app: Flask, line: redis.Redis) -> None:
    """Hear the others for ever; whenever the line breaks, try again a little later."""
    while True:
        try:
            with line.pubsub(ignore_subscribe_messages=True) as channel:
                channel.subscribe(CHANNEL)
                while True:
                    message: dict[str, Any] | None = channel.get_message(timeout=SAY_EVERY)
                    if message:
                        with app.app_context():
                            heard(message["data"])
        except redis.RedisError as error:
            log.info("gossip_deaf", why=type(error).__name__)
        except Exception:
            log.exception("gossip_failed")
        sleep(AGAIN_AFTER)


def start(app: Flask) -> None:
    """Start speaking and listening, where there is a Redis; called by the worker after its fork."""
    config: Config = app.extensions["bmu.config"]
    if not config.redis_url:
        return
    line = redis.Redis.from_url(config.redis_url, socket_connect_timeout=2, socket_timeout=SAY_EVERY + 2)
    voice = Voice(line)
    service.seen.connect(voice.read, weak=False)
    background.start(app, "gossip", LOOK_EVERY, voice.step)
    socketio.start_background_task(_listen, app, line)
