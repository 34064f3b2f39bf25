"""Reading records: one, some, a page of a list, its figures. One definition of a row's values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Column, Result, Select, bindparam, func, select
from sqlalchemy.sql.visitors import iterate

from bmu.accounts.queries import names
from bmu.changes.work import plain
from bmu.clients.models import Client, Obligation
from bmu.clients.rules import VAT as VAT_REGISTRATION
from bmu.database import ASIDE
from bmu.extensions import db
from bmu.i18n import Month
from bmu.monthly_tax import applies
from bmu.monthly_tax.applies import JOINED, C, M
from bmu.monthly_tax.duties import duties
from bmu.monthly_tax.fields import PEOPLE
from bmu.monthly_tax.filters import Filters
from bmu.monthly_tax.kept import kept
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.monthly_tax.sorting import Sort, order
from bmu.tables.table import Table

RECORDS, CLIENTS, OBLIGATIONS = (model.__table__ for model in (MonthlyTaxData, Client, Obligation))
RECORD_KEYS = tuple(column.key for column in M)
CLIENT_KEYS = ("company_name", "tax_registration_status", "company_status")
_META = ("id", "version", "seq", "build", "tax_year", "tax_month", "updated_at", "updated_by")
Values = dict[str, Any]


@cache
def _select(keys: tuple[str, ...]) -> Select[Any]:
    wanted = [M[key] for key in dict.fromkeys((*_META, *PEOPLE, *keys)) if key in M]
    client = (*(C[key] for key in CLIENT_KEYS), C.version.label("client_version"))
    chosen = select(*wanted, *client, *applies.SAID).select_from(JOINED)
    return chosen.where(M.id.in_(bindparam("ids", expanding=True)))


def _values(statement: Select[Any], ids: Sequence[str]) -> list[Values]:
    """Rows as dicts of values, with `is_vat`, what does not apply (`duties.AWAY`) and the `names` (shared) of their
    people."""
    rows = [dict(row) for row in db.session.execute(statement, {"ids": ids}).mappings()]
    mentioned = (row[key] for row in rows for key in (*PEOPLE, "updated_by") if key in row)
    known = names({person for person in mentioned if person})
    shown = {person: found.display_name for person, found in known.items()}
    for row in rows:
        row["is_vat"] = row["tax_registration_status"] == VAT_REGISTRATION
        row["names"], row["employees"] = shown, known
    return rows


def records(ids: Sequence[str], *, table: Table | None = None) -> list[Values]:
    """The rows with these ids, in the order of `ids`; those that are not there are left out.

    With `table`: only the values that its columns need.
    """
    keys = RECORD_KEYS if table is None else tuple(table.by_key)
    found = {row["id"]: row for row in _values(_select(keys), ids)} if ids else {}
    return [found[one] for one in ids if one in found]


def record(record_id: str) -> Values | None:
    """One record with all its values, or None."""
    return next(iter(records([record_id])), None)


def id_of(build: str, year: int, month: int) -> str | None:
    """The id of the record of a build and tax month, or None."""
    where = (M.build == build, M.tax_year == year, M.tax_month == month)
    return db.session.execute(select(M.id).where(*where)).scalar_one_or_none()


def builds(ids: Sequence[str]) -> dict[str, str]:
    """The client codes of these records, by id."""
    return {row.id: row.build for row in db.session.execute(select(M.id, M.build).where(M.id.in_(ids)))}


def people_of(build: str) -> frozenset[str]:
    """Whoever is responsible for any record of this client, in whatever month."""
    rows = db.session.execute(select(*(M[role] for role in PEOPLE)).where(M.build == build).distinct())
    return frozenset(person for row in rows for person in row if person)


def of_clients(client_ids: Collection[str]) -> list[dict[str, Any]]:
    """The records of these clients (by the clients' ids), of all months: `id`, `client` and the five people of each."""
    columns = (M.id, C.id.label("client"), *(M[role] for role in PEOPLE))
    theirs = select(*columns).select_from(JOINED).where(C.id.in_(client_ids))
    return [dict(row) for row in db.session.execute(theirs).mappings()]


def to_json(row: Values) -> Values:
    """A record as API and event carry it (design §4, domain §7.2): every column, the client, the people's names."""
    data = {key: plain(row[key]) for key in RECORD_KEYS}
    data |= {key: row[key] for key in CLIENT_KEYS}
    for role in PEOPLE:
        person, stem = row["employees"].get(row[role]), role.removesuffix("_id")
        data[f"{stem}_name"] = person.display_name if person else None
        data[f"{stem}_first_name"] = person.first_name if person else None
        data[f"{stem}_nick_name"] = person.nick_name if person else None
    data["not_applicable"] = duties(row).not_applicable()
    data["updated_by_name"] = row["names"].get(row["updated_by"], row["updated_by"])
    return data


def ids(filters: Filters, sort: Sort) -> Sequence[str]:
    """All ids of a list in its order. For lists of one month: as many as the firm has clients.

    Those of everybody's month are kept until something of it changes.
    """

    def ask() -> Sequence[str]:
        return tuple(db.session.execute(_list(filters, sort)).scalars().all())

    month = filters.everybodys_month
    return ask() if month is None else kept().of_month(("ids", filters, sort), month, ask)


@lru_cache(maxsize=300)
def _list(filters: Filters, sort: Sort) -> Select[str]:
    """The statement of a list. Kept, because open pages ask it after each save, and making it takes longer."""
    return _chosen((M.id,), filters.clauses(), order(sort))


def _chosen(columns: Sequence[Any], where: Sequence[Any], by: Sequence[Any] = ()) -> Select[Any]:
    """`columns` of records, read from no more tables than are spoken of: a record has exactly one client and at most
    one obligation, so that joining them changes nothing but the time."""
    named = {part.table for one in (*columns, *where, *by) for part in iterate(one) if isinstance(part, Column)}
    source = JOINED if OBLIGATIONS in named else JOINED.left if CLIENTS in named else RECORDS
    return select(*columns).select_from(source).where(*where).order_by(*by)


def any_of(filters: Filters) -> bool:
    """Whether a list has any record at all."""
    return db.session.execute(_chosen((M.id,), filters.clauses()).limit(1)).first() is not None


def page(filters: Filters, sort: Sort, number: int, limit: int) -> tuple[list[Values], int]:
    """Page `number` (from 1) of `limit` records with all values, and how many there are in all."""
    first = (number - 1) * limit
    if filters.everybodys_month:
        known = ids(filters, sort)
        return records(known[first : first + limit]), len(known)
    if sort.key == "tax_year" and filters.month is None:
        counts = _counts(filters)
        return records(_by_months(filters, sort, counts, first, limit)), sum(counts.values())
    total = _ask(_count(filters), filters).scalar_one()
    return records(_ask(_list(filters, sort).limit(limit).offset(first), filters).scalars().all()), total


def _by_months(filters: Filters, sort: Sort, counts: Mapping[Month, int], first: int, limit: int) -> list[str]:
    """`limit` ids from the place `first` on, of a list in the order of its months.

    How many records each month has is known (`counts`), and no more are put in order than those of the months that the
    page shows: however long the firm's history is, each of its pages takes as long as in its first year.
    """
    found: list[str] = []
    for month in sorted(counts, reverse=sort.descending):
        if first < counts[month]:
            found += _in_month(filters, sort, month)[first : first + limit - len(found)]
            if len(found) >= limit:
                break
        first = max(0, first - counts[month])
    return found


def _in_month(filters: Filters, sort: Sort, month: Month) -> Sequence[str]:
    """The ids of a list that are in a month; of everybody's they are kept."""

    def ask() -> Sequence[str]:
        return tuple(_ask(_month(filters, sort), filters, **month._asdict()).scalars().all())

    return kept().of_month(("in month", filters, sort), month, ask) if filters.anyone is None else ask()


def _counts(filters: Filters) -> Mapping[Month, int]:
    """How many records a list has in each month, and none where it is not among them."""

    def ask() -> dict[Month, int]:
        rows = _ask(_count_months(filters), filters).all()
        return {Month(row.tax_year, row.tax_month): row.some for row in rows}

    def again(month: Month) -> int:
        return _ask(_count_month(filters), filters, **month._asdict()).scalar_one()

    return kept().by_month(("counts", filters), ask, again)


_TIME = (M.tax_year, M.tax_month)
_IN_MONTH = tuple(column == bindparam(name) for column, name in zip(_TIME, Month._fields, strict=True))


@lru_cache(maxsize=300)
def _count(filters: Filters) -> Select[int]:
    return _chosen((func.count(),), filters.clauses())


@lru_cache(maxsize=300)
def _count_months(filters: Filters) -> Select[Any]:
    return _chosen((*_TIME, func.count().label("some")), filters.clauses()).group_by(*_TIME)


@lru_cache(maxsize=300)
def _count_month(filters: Filters) -> Select[int]:
    """How many records a list has in a month, to be named when it is asked."""
    return _chosen((func.count(),), [*filters.clauses(), *_IN_MONTH])


@lru_cache(maxsize=300)
def _month(filters: Filters, sort: Sort) -> Select[str]:
    """A month of a list, to be named when it is asked."""
    return _chosen((M.id,), [*filters.clauses(), *_IN_MONTH], order(sort))


def _ask(statement: Select[Any], filters: Filters, **named: int) -> Result[Any]:
    return db.session.execute(statement, named, **aside(filters))


def aside(filters: Filters) -> dict[str, Any]:
    """How to ask for what `filters` leave: beside the event loop when it may be all that the firm ever had."""
    return {"execution_options": {ASIDE: filters.year is None or filters.month is None}}


def holds_any(row: Mapping[str, Any], employee_id: str | None) -> bool:
    """Whether `employee_id` is one of the five people of a record (design §7)."""
    return employee_id is not None and any(row[role] == employee_id for role in PEOPLE)
