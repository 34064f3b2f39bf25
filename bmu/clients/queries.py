"""Reading clients."""

from __future__ import annotations

from sqlalchemy import select

from bmu.clients.models import Client
from bmu.extensions import db


def client_of(build: str) -> Client | None:
    """The client with this build, or None."""
    return db.session.execute(select(Client).where(Client.build == build)).scalar_one_or_none()
