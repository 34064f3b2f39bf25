"""`python -m deploy.cluster [--apps N] [--port P] [--folder F]`: run the cluster until Ctrl-C or SIGTERM.

SIGHUP restarts the app processes one after the other, which is how a new version comes in.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from deploy.cluster.cluster import Cluster
from deploy.cluster.part import ROOT, CannotStart


def main() -> int:
    """The program; 2 when it cannot start, with what to do on stderr."""
    asked = _arguments()
    demo = os.environ.get("BMU_DEMO", "1")
    cluster = Cluster(asked.folder.resolve(), asked.apps, asked.port, BMU_DEMO=demo)
    asks = _Asks()
    try:
        cluster.start(*(("seed", "demo", "--if-empty") if demo == "1" else ()))
        _say(f"{cluster.url} ({asked.apps} processes; data and logs in {cluster.folder}). Ctrl-C stops.")
        for part in (cluster.postgres, cluster.redis, *cluster.apps):
            _say(f"  {part.name:<9} 127.0.0.1:{part.port}  {part.log}")
        _watch(cluster, asks)
    except CannotStart as error:
        _say(f"The cluster cannot start. {error}")
        return 2
    except KeyboardInterrupt:
        pass
    finally:
        cluster.stop()
    _say("stopped")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make cluster", description=__doc__)
    instance = Path(os.environ.get("BMU_INSTANCE") or ROOT / "instance")
    parser.add_argument("--apps", type=int, default=2, choices=range(1, 17), metavar="N", help="app processes (2)")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000), help="nginx listens here")
    parser.add_argument("--folder", type=Path, default=instance / "cluster", help="keeps everything")
    return parser.parse_args()


class _Asks:
    """What signals ask of us, noted for the loop."""

    def __init__(self) -> None:
        self.renew = False
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self._stop)
        signal.signal(signal.SIGHUP, self._renew)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, signal.SIG_IGN)  # asked once is enough: stopping in order takes its seconds
        raise KeyboardInterrupt

    def _renew(self, _number: int, _frame: FrameType | None) -> None:
        self.renew = True


def _watch(cluster: Cluster, asks: _Asks) -> None:
    while True:
        if asks.renew:
            asks.renew = False
            cluster.renew()
            _say("app processes renewed")
        for name in cluster.tend():
            _say(f"{name} had ended and was started again")
        time.sleep(0.5)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
