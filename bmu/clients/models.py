"""Client companies (domain §1.2), and what each has to file. No credentials of agencies: they have no business here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from bmu.changes.models import Logged, UtcDateTime
from bmu.clients.audience import audience
from bmu.clients.obligations import Schedule
from bmu.clients.rules import (
    BUSINESS_TYPES,
    SIZES,
    STATUSES,
    TAX_REGISTRATIONS,
    VAT,
    build_order,
    normal_text,
    thai_order,
)
from bmu.extensions import db
from bmu.i18n import Month

FOREVER = 999_999


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def month_number(month: Month) -> int:
    """A month as the database compares it: 202609."""
    return month.year * 100 + month.month


class Obligation(db.Model):
    """What a client has to file from the month `since` on, before the month `until` (202609; decision 0019).

    `forms`: codes with commas between, in the order of the form. Written by `Client.obligations` alone, which keeps
    `until` at the next one's `since`: so of a client's rows at most one holds in a month, and a join finds it.
    """

    __tablename__ = "client_obligations"

    build: Mapped[str] = mapped_column(
        String(10), ForeignKey("clients.build", onupdate="CASCADE", ondelete="CASCADE"), primary_key=True
    )
    since: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    until: Mapped[int] = mapped_column(default=FOREVER)
    forms: Mapped[str] = mapped_column(String(200))


def obligation_rows(schedule: Schedule) -> dict[int, dict[str, Any]]:
    """The columns `since`, `until`, `forms` of the rows that a schedule is kept in, by `since`."""
    months = sorted(schedule)
    numbers = [*(month_number(Month.parse(month)) for month in months), FOREVER]
    return {
        since: {"since": since, "until": until, "forms": ",".join(schedule[month])}
        for month, since, until in zip(months, numbers[:-1], numbers[1:], strict=True)
    }


class Client(Logged, db.Model):
    """A client company. `build` is its business key; `build_order` and `company_sort` are its places
    among the others, kept with build and name."""

    __tablename__ = "clients"
    __table_args__ = (
        _one_of("business_type", BUSINESS_TYPES),
        _one_of("company_size", SIZES),
        _one_of("tax_registration_status", TAX_REGISTRATIONS),
        _one_of("company_status", STATUSES),
    )
    entity = "clients"

    build: Mapped[str] = mapped_column(String(10), unique=True)
    build_order: Mapped[int] = mapped_column(BigInteger, index=True)
    company_name: Mapped[str] = mapped_column(String(500))
    company_sort: Mapped[str] = mapped_column(String(500))
    business_type: Mapped[str | None] = mapped_column(String(50))
    legal_entity_number: Mapped[str | None] = mapped_column(String(13), index=True)
    establishment_date: Mapped[date | None]
    business_category: Mapped[str | None] = mapped_column(String(200))
    business_subcategory: Mapped[str | None] = mapped_column(String(200))
    company_size: Mapped[str | None] = mapped_column(String(3))
    tax_registration_status: Mapped[str | None] = mapped_column(String(50))
    vat_registration_date: Mapped[date | None]
    full_address: Mapped[str | None] = mapped_column(Text)
    village: Mapped[str | None] = mapped_column(String(100))
    building: Mapped[str | None] = mapped_column(String(100))
    room_number: Mapped[str | None] = mapped_column(String(20))
    floor_number: Mapped[str | None] = mapped_column(String(20))
    address_number: Mapped[str | None] = mapped_column(String(50))
    soi: Mapped[str | None] = mapped_column(String(100))
    moo: Mapped[str | None] = mapped_column(String(20))
    road: Mapped[str | None] = mapped_column(String(100))
    subdistrict: Mapped[str | None] = mapped_column(String(100))
    district: Mapped[str | None] = mapped_column(String(100))
    province: Mapped[str | None] = mapped_column(String(100))
    postal_code: Mapped[str | None] = mapped_column(String(5))
    company_status: Mapped[str] = mapped_column(String(50), default=STATUSES[0])
    note: Mapped[str | None] = mapped_column(Text)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    _obligations: Mapped[list[Obligation]] = relationship(
        order_by=Obligation.since, cascade="all, delete-orphan", passive_deletes=True
    )

    @validates("build")
    def _keep_order(self, _key: str, build: str) -> str:
        self.build_order = build_order(build)
        return build

    @validates("company_name")
    def _keep_sort(self, _key: str, name: str) -> str:
        name = normal_text(name)
        self.company_sort = thai_order(name)
        return name

    @property
    def is_vat(self) -> bool:
        """A VAT client: registered, and nothing else counts as such (domain §1.2)."""
        return self.tax_registration_status == VAT

    @property
    def obligations(self) -> dict[str, list[str]]:
        """The schedule of what this client has to file (clients.obligations). To set it is a change of the client."""
        return {
            str(Month(row.since // 100, row.since % 100)): row.forms.split(",") if row.forms else []
            for row in self._obligations
        }

    @obligations.setter
    def obligations(self, schedule: Mapping[str, list[str]]) -> None:
        wanted = obligation_rows(schedule)
        kept = {row.since: row for row in self._obligations if row.since in wanted}
        for since, row in kept.items():
            row.until, row.forms = wanted[since]["until"], wanted[since]["forms"]
        fresh = {since: Obligation(**columns) for since, columns in wanted.items() if since not in kept}
        self._obligations = [(kept | fresh)[since] for since in wanted]

    def audience(self) -> frozenset[str]:
        """Whoever works for this client in any month: its name and VAT state stand in their tables (design §6)."""
        return audience(self.build)
