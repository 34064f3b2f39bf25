"""Reading records: one, some, a page of a list, its figures. One definition of order and of a row's values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Result, Select, UnaryExpression, asc, bindparam, case, desc, func, select
from sqlalchemy.sql.visitors import iterate

from bmu.accounts.models import Employee
from bmu.accounts.queries import names
from bmu.changes.work import plain
from bmu.clients.models import Client, Obligation
from bmu.clients.rules import VAT as VAT_REGISTRATION
from bmu.database import ASIDE
from bmu.extensions import db
from bmu.monthly_tax import applies
from bmu.monthly_tax.applies import JOINED, C, M
from bmu.monthly_tax.duties import duties
from bmu.monthly_tax.fields import FIELDS, PEOPLE, PND, PP30
from bmu.monthly_tax.filters import Filters
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.tables.kinds import Choice
from bmu.tables.table import Table

EMPLOYEES = Employee.__table__.c
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


class Sort(NamedTuple):
    """What a list is sorted by: a key of SORTS, and whether it descends."""

    key: str = "build"
    descending: bool = False


def _choice_place(column: Any, kind: Choice) -> ColumnElement[Any]:
    places = {code: place for place, code in enumerate(kind.codes)}
    return case(places, value=column)


def _person_name(column: Any) -> ColumnElement[Any]:
    return select(EMPLOYEES.first_name).where(EMPLOYEES.employee_id == column).scalar_subquery()


def _sorts() -> dict[str, ColumnElement[Any]]:
    """Every key one may sort by. Statuses sort by the catalogue, people by name, builds as people count (§8.3 R)."""
    found: dict[str, Any] = {
        key: _choice_place(M[key], field.kind) if isinstance(field.kind, Choice) else M[key]
        for key, field in FIELDS.items()
    }
    found |= {role: _person_name(M[role]) for role in PEOPLE}
    found |= {key: M[key] for key in ("tax_year", "tax_month", "created_at", "updated_at")}
    return found | {"build": C.build_order, "company_name": C.company_sort}


SORTS = _sorts()


def order(sort: Sort) -> list[UnaryExpression[Any]]:
    """ORDER BY: the key (what is empty comes last, either way; what does not apply, behind it), then build and month,
    then id: no two rows tie."""
    way = desc if sort.descending else asc
    month = (M["tax_year"], M["tax_month"])
    first = [way(column) for column in month] if sort.key == "tax_year" else [way(SORTS[sort.key])]
    first += [asc(applies.AWAY[side.key]) for side in (PND, PP30) if side.status == sort.key]
    rest = [asc(C.build_order), asc(M.build), *(desc(column) for column in month), asc(M.id)]
    return [*(part.nulls_last() for part in first), *rest]


def ids(filters: Filters, sort: Sort) -> list[str]:
    """All ids of a list in its order. For lists of one month: as many as the firm has clients."""
    return list(db.session.execute(_list(filters, sort)).scalars())


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
    total, first = _ask(_count(filters), filters).scalar_one(), (number - 1) * limit
    if sort.key == "tax_year" and filters.month is None:
        found = _by_months(filters, sort, first, min(limit, total - first)) if first < total else []
    else:
        found = list(_ask(_list(filters, sort).limit(limit).offset(first), filters).scalars())
    return records(found), total


def _by_months(filters: Filters, sort: Sort, first: int, limit: int) -> list[str]:
    """`limit` ids from the place `first` on, of a list in the order of its months.

    Years and months before that place are only counted, which their indexes do, and no more than one or two months
    are put in order: however long the firm's history is, its newest pages take as long as in its first year.
    """
    found: list[str] = []
    for year, months in _time(filters, sort.descending).items():
        if first and first >= (some := _ask(_count(filters, "year"), filters, year=year).scalar_one()):
            first -= some
            continue
        for month in months:
            here = {"year": year, "month": month}
            if first and first >= (some := _ask(_count(filters, "year", "month"), filters, **here).scalar_one()):
                first -= some
                continue
            found += _ask(_month(filters, sort).limit(limit - len(found)).offset(first), filters, **here).scalars()
            first = 0
            if len(found) == limit:
                return found
    return found


def _time(filters: Filters, descending: bool) -> dict[int, list[int]]:
    """The months of which there may be records, by year, both in the order of the list."""
    months = (M.tax_year * 100 + M.tax_month).label("month")
    ends = ((M.tax_year, M.tax_month), (M.tax_year.desc(), M.tax_month.desc()))
    asked = select(*(select(months).order_by(*way).limit(1).scalar_subquery() for way in ends))
    oldest, newest = db.session.execute(asked).one()
    years = range(oldest // 100, newest // 100 + 1) if filters.year is None else [filters.year]
    found = {year: [month for month in range(1, 13) if oldest <= year * 100 + month <= newest] for year in years}
    return {year: found[year][::-1] for year in reversed(found)} if descending else found


_IN = {"year": M.tax_year == bindparam("year"), "month": M.tax_month == bindparam("month")}


@lru_cache(maxsize=300)
def _count(filters: Filters, *within: str) -> Select[int]:
    """How many records a list has, or has in a year, or month of it, to be named when it is asked."""
    return _chosen((func.count(),), [*filters.clauses(), *(_IN[one] for one in within)])


@lru_cache(maxsize=300)
def _month(filters: Filters, sort: Sort) -> Select[str]:
    """A month of a list, to be named when it is asked."""
    return _chosen((M.id,), [*filters.clauses(), *_IN.values()], order(sort))


def _ask(statement: Select[Any], filters: Filters, **named: int) -> Result[Any]:
    return db.session.execute(statement, named, **aside(filters))


def aside(filters: Filters) -> dict[str, Any]:
    """How to ask for what `filters` leave: beside the event loop when it may be all that the firm ever had."""
    return {"execution_options": {ASIDE: filters.year is None or filters.month is None}}


def holds_any(row: Mapping[str, Any], employee_id: str | None) -> bool:
    """Whether `employee_id` is one of the five people of a record (design §7)."""
    return employee_id is not None and any(row[role] == employee_id for role in PEOPLE)
