"""Which records a change touches: its own, or all those of a client whose name or VAT state stands in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bmu.changes.work import Change
from bmu.clients.models import Client
from bmu.monthly_tax import queries
from bmu.monthly_tax.fields import PEOPLE
from bmu.monthly_tax.models import MonthlyTaxData

TOLD = frozenset({MonthlyTaxData.entity, Client.entity})


@dataclass(slots=True)
class Touched:
    """A record that was touched: its people before ∪ after, the last place in the log that did it, and its values
    then, where the saver has read them."""

    people: set[str] = field(default_factory=set)
    seq: int = 0
    row: Mapping[str, Any] | None = None

    def add(self, people: Iterable[str], seq: int, row: Mapping[str, Any] | None = None) -> None:
        """Another change did it, too."""
        self.people.update(people)
        if seq >= self.seq:
            self.seq, self.row = seq, row


def touched(changes: Iterable[Change]) -> dict[str, Touched]:
    """The records that these changes touch, by id, in the order of the changes.

    Of a client's record only its own people hear: who works for the client in another month has no business here.
    """
    found: dict[str, Touched] = {}
    clients: dict[str, int] = {}
    for change in changes:
        if change.entity == Client.entity:
            clients[change.entity_id] = max(change.seq, clients.get(change.entity_id, 0))
        else:
            found.setdefault(change.entity_id, Touched()).add(change.before | change.after, change.seq, change.shown)
    for record_id, (people, seq) in of_clients(clients).items():
        found.setdefault(record_id, Touched()).add(people, seq)
    return found


def of_clients(clients: Mapping[str, int]) -> dict[str, tuple[set[str], int]]:
    """The records of clients that were changed (client id → place in the log): by id, their people and that place."""
    if not clients:
        return {}
    return {
        row["id"]: ({row[role] for role in PEOPLE if row[role]}, clients[row["client"]])
        for row in queries.of_clients(clients)
    }
