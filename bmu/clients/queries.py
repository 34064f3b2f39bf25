"""Reading clients: one, and a page of a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, asc, case, desc, func, or_, select, true

from bmu.changes.work import plain
from bmu.clients.fields import FIELDS, SIZE, STATUS
from bmu.clients.models import Client
from bmu.clients.rules import normal_build, normal_search
from bmu.extensions import db
from bmu.tables.kinds import Choice

C = Client.__table__.c
UNSET = "unset"
ACTIVE, ARCHIVED, ALL = "no", "yes", "all"
_META = ("id", "version", "seq", "build", "archived_at", "created_at", "updated_at", "updated_by")


def client_of(build: str) -> Client | None:
    """The client with this build, or None."""
    return db.session.execute(select(Client).where(Client.build == build)).scalar_one_or_none()


def find(build: str) -> Client | None:
    """The client of a build as people write it (`18` is 018), or None."""
    try:
        return client_of(normal_build(build))
    except ValueError:
        return None


def to_json(client: Client) -> dict[str, Any]:
    """A client as the API carries it."""
    return {key: plain(getattr(client, key)) for key in (*_META, *FIELDS)} | {"is_vat": client.is_vat}


@dataclass(frozen=True)
class Filters:
    """Which clients; what is empty does not count. `registration`: a state, or UNSET for none; `archived`: ACTIVE,
    ARCHIVED or ALL."""

    search: str = ""
    registration: str = ""
    status: str = ""
    size: str = ""
    archived: str = ACTIVE

    def where(self) -> ColumnElement[bool]:
        """The SQL condition."""
        found: list[ColumnElement[bool]] = []
        if words := normal_search(self.search):
            columns = (C.build, C.company_name, C.legal_entity_number)
            found.append(or_(*(column.icontains(words, autoescape=True) for column in columns)))
        if self.registration:
            wanted = None if self.registration == UNSET else self.registration
            found.append(C.tax_registration_status.is_not_distinct_from(wanted))
        found += [C[key] == code for key, code in self._codes() if code]
        if self.archived != ALL:
            found.append(C.archived_at.is_not(None) if self.archived == ARCHIVED else C.archived_at.is_(None))
        return and_(true(), *found)

    def _codes(self) -> tuple[tuple[str, str], ...]:
        return (("company_status", self.status), ("company_size", self.size))


def _place(column: Any, kind: Choice) -> ColumnElement[Any]:
    return case({code: place for place, code in enumerate(kind.codes)}, value=column)


SORTS: dict[str, Any] = {
    "build": C.build_order,
    "company_name": C.company_sort,
    "legal_entity_number": C.legal_entity_number,
    "company_size": _place(C.company_size, SIZE),
    "tax_registration_status": C.tax_registration_status,
    "vat_registration_date": C.vat_registration_date,
    "company_status": _place(C.company_status, STATUS),
    "province": C.province,
    "updated_at": C.updated_at,
}


def page(filters: Filters, sort: str, descending: bool, number: int, limit: int) -> tuple[list[Client], int]:
    """Page `number` (from 1) of `limit` clients sorted by a key of SORTS, and how many there are."""
    total = db.session.execute(select(func.count()).select_from(Client).where(filters.where())).scalar_one()
    first = (desc if descending else asc)(SORTS[sort]).nulls_last()
    chosen = select(Client).where(filters.where()).order_by(first, C.build_order, C.build)
    return list(db.session.scalars(chosen.limit(limit).offset((number - 1) * limit))), total
