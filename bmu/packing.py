"""Compression of what is sent: which encoding a browser takes, and how much work that is worth.

Brotli makes a page a third smaller than gzip in the same time; gzip is for who does not speak it (browsers do only over
https, and with the machine itself). Decision 0023.
"""

from __future__ import annotations

import gzip

import brotli
from werkzeug.datastructures import Accept

from bmu.offload import offload

WORTH = 1_000
# From this size on the event loop does not wait for it: brotli takes 7 ms for as much.
LARGE = 1_000_000
# At most this much is packed as tightly as can be: 80 ms each, once. A library of megabytes would take seconds.
TIGHTLY = 300_000


def encoding(accepted: Accept) -> str:
    """`br`, `gzip`, or "" for neither: the best of what an Accept-Encoding takes."""
    return next((name for name in ("br", "gzip") if accepted[name] > 0), "")


def packed(body: bytes, by: str) -> bytes:
    """`body` by the encoding `by`, as an answer that is made for one person at one moment."""
    pack = _brotli if by == "br" else _gzip
    return offload(pack, body, 5) if len(body) >= LARGE else pack(body, 5)


def packed_tightly(body: bytes, by: str) -> bytes:
    """`body` by the encoding `by`, as small as it gets: for what is packed once and sent often."""
    small = len(body) <= TIGHTLY
    return offload(_brotli, body, 11 if small else 5) if by == "br" else offload(_gzip, body, 9)


def _brotli(body: bytes, quality: int) -> bytes:
    found: bytes = brotli.compress(body, quality=quality, lgwin=20)
    return found


def _gzip(body: bytes, level: int) -> bytes:
    return gzip.compress(body, level, mtime=0)
