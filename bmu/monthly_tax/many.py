"""Many records saved at once: each is its own save and answers for itself, so that one refusal undoes no other."""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy.exc import OperationalError

from bmu.accounts.rules import Actor
from bmu.errors import DeskError, Unavailable
from bmu.monthly_tax import service

log = structlog.get_logger(__name__)


def save_one(actor: Actor, record_id: str, save: service.Save) -> dict[str, Any]:
    """{id, ok, data} of a save, or {id, ok, status, message, errors} of one that was refused."""
    try:
        saved = service.save(actor, record_id, save)
    except DeskError as error:
        return _failed(record_id, error)
    except OperationalError:
        log.exception("database_away", id=record_id)
        return _failed(record_id, Unavailable())
    return {"id": record_id, "ok": True, "data": saved.data}


def _failed(record_id: str, error: DeskError) -> dict[str, Any]:
    told = {"id": record_id, "ok": False, "status": error.status, "message": error.said()}
    return told | {"errors": error.errors} | error.extra
