"""Client companies (domain §1.2). No credentials of agencies: they have no business here."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column, validates

from bmu.changes.models import Logged, UtcDateTime
from bmu.clients.audience import audience
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


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


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

    def audience(self) -> frozenset[str]:
        """Whoever works for this client in any month: its name and VAT state stand in their tables (design §6)."""
        return audience(self.build)
