"""Reading clients."""

from __future__ import annotations

from sqlalchemy import select

from bmu.clients.models import Client
from bmu.clients.rules import VAT
from bmu.extensions import db


def client_of(build: str) -> Client | None:
    """The client with this build, or None."""
    return db.session.execute(select(Client).where(Client.build == build)).scalar_one_or_none()


def is_vat(build: str) -> bool:
    """Whether the client with this build is a VAT client: registered, and nothing else counts (domain §1.2)."""
    client = Client.__table__.c
    status = db.session.execute(select(client.tax_registration_status).where(client.build == build)).scalar_one()
    return bool(status == VAT)
