"""Who may listen, telling them, catching up. The only place that emits."""

from __future__ import annotations

from functools import partial

from flask_openapi3 import OpenAPI

from bmu.config import Config
from bmu.realtime import api, broadcast, gossip, lines, presence_events, pulse, sockets, tail
from bmu.realtime import subscriptions as _subscriptions  # noqa: F401  its handlers


def init_app(app: OpenAPI, config: Config) -> None:
    """Bind Socket.IO and hear of commits. The background work is listed for the worker to start after its fork
    (stack trap 22), so that importing the app starts nothing."""
    sockets.init_app(app, config)
    broadcast.init_app()
    app.register_api(api.api)
    starts = (tail.start, presence_events.start, lines.start, pulse.start, gossip.start)
    app.extensions["bmu.background"] = [partial(start, app) for start in starts]
