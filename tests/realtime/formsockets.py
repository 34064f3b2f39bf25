"""Sockets that have a record's form open, and what they are told."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bmu.monthly_tax.table import BY_PAGE
from bmu.realtime.forms import OPEN, UPDATED
from tests.conftest import MONTH, Colleague, events

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]
# Who works on which page of build 018.
WORKERS = {"taxStatus": "AC00024", "taxInspection": "AC00008", "taxFiling": "AC00012"}


def ask(socket: Any, record: Record, at: Any, **more: Any) -> Any:
    """Open the form of a record on a page; the answer."""
    return socket.emit(OPEN, {"id": record["id"], "page": at, **more}, callback=True)


def open_form(who: Colleague, record: Record, at: str = "taxStatus") -> Any:
    """A socket that has the form open, and listens to nothing else."""
    socket = who.socket()
    assert ask(socket, record, at)["ok"]
    return socket


def told(socket: Any) -> list[Record]:
    """The forms that a socket was sent since it was asked last."""
    return [data for name, data in events(socket) if name == UPDATED]


def page_of(who: Colleague, record: Record, at: str) -> str:
    """The record's page, once what others wrote is acknowledged."""
    address = f"/{BY_PAGE[at].name}/{record['build']}/{MONTH}"
    html = who.get(address).text
    if read := re.search(r'name="hash" value="(\w+)"', html):
        body = {"sourcePage": at, "hash": read[1], "word": "yes"}
        assert who.call("POST", f"{record['id']}/acknowledgements", json=body).status_code == 200
        html = who.get(address).text
    return str(html)
