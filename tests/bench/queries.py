"""How many statements a page and a save send to the database. Counted in this process, so always the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.bench.firm import Firm, found
from tests.bench.lists import PATHS
from tests.bench.report import Sheet


def measure(folder: Path) -> Iterator[Sheet]:
    """The sheets of this part."""
    firm = found(folder / "queries", clients=40, months=2)
    sheet = Sheet("Statements", ("", "reading", "writing", "in all"))
    client = firm.app.test_client()
    for name, ask in _requests(firm, client).items():
        ask()
        kinds = _counted(ask)
        reading = kinds["SELECT"]
        sheet.add(name, reading, kinds.total() - reading - kinds["BEGIN"], kinds.total())
    sheet.notes = ["Asked a second time; BEGIN counts as a statement, COMMIT does not; nobody listens to the saves."]
    yield sheet


def _requests(firm: Firm, client: FlaskClient) -> dict[str, Callable[[], Any]]:
    known, (_, teams) = firm.signed_in(), firm.crew(100)
    owner = known[teams[0].people["accounting_responsible"]][0]
    asked = {name: _get(client, path, known["admin"][0]) for name, path in PATHS.items() if "own" not in name}
    return asked | {
        "PUT": _put(client, teams[0].record, owner, {}),
        "PUT of a page": _put(client, teams[0].record, owner, {"X-Table": "tax-status", "Idempotency-Key": "bench"}),
    }


def _get(client: FlaskClient, path: str, token: str) -> Callable[[], Any]:
    return lambda: _good(client.get(path, headers={"Authorization": f"Bearer {token}"}))


def _put(client: FlaskClient, record: str, token: str, headers: dict[str, str]) -> Callable[[], Any]:
    """A save that changes something each time."""
    turn = Counter[str]()

    def put() -> Any:
        turn["put"] += 1
        body = {"sourcePage": "taxStatus", "pnd_status": ("passed", "draft_ready")[turn["put"] % 2]}
        sent = {
            name: f"{value}{turn['put']}" if name == "Idempotency-Key" else value for name, value in headers.items()
        }
        url = f"/api/monthly-tax-data/{record}"
        return _good(client.put(url, json=body, headers={"Authorization": f"Bearer {token}"} | sent))

    return put


def _good(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer


def _counted(ask: Callable[[], Any]) -> Counter[str]:
    kinds: Counter[str] = Counter()

    def heard(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        kinds[statement.split()[0]] += 1

    event.listen(Engine, "before_cursor_execute", heard)
    try:
        ask()
    finally:
        event.remove(Engine, "before_cursor_execute", heard)
    return kinds
