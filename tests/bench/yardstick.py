"""A program that never changes, to measure the machine by: what costs twice as much of it costs twice as much."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing

ROWS = 2_000


def stick() -> float:
    """Seconds of processor time for some work of the kind that a server does: rows, dictionaries, sorting, JSON."""
    began = time.process_time()
    with closing(sqlite3.connect(":memory:")) as base:
        base.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, number INTEGER)")
        base.executemany("INSERT INTO t VALUES (?, ?, ?)", ((n, f"บริษัท {n}", n * 7919 % ROWS) for n in range(ROWS)))
        for turn in range(10):
            rows = base.execute("SELECT id, name, number FROM t WHERE number >= ? ORDER BY name", (turn,)).fetchall()
            told = [{"id": one, "name": name, "number": number} for one, name, number in rows]
            json.loads(json.dumps(sorted(told, key=lambda row: row["number"]), ensure_ascii=False))
            "".join(f"<td>{row['name'].replace('&', '&amp;')}</td>" for row in told)
    return time.process_time() - began
