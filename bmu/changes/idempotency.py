"""A save that is retried is applied once and answers the same (design §5, `Idempotency-Key`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from bmu.changes.models import IdempotentAnswer
from bmu.changes.work import Work, delete_some

KEPT = timedelta(days=2)
LONGEST = 100


class KeyReused(Exception):
    """The key came before with another request."""


@dataclass(frozen=True, slots=True)
class Key:
    """Who retries, the key they chose (at most LONGEST characters), and a hash of what they ask."""

    user_id: str
    key: str
    request_hash: str

    @classmethod
    def of(cls, user_id: str, key: str | None, *request: Any) -> Key | None:
        """The key of a request made of JSON values; None when the client gave none. Raises ValueError if too long."""
        if not key:
            return None
        if len(key) > LONGEST:
            raise ValueError(key)
        body = json.dumps(request, sort_keys=True, default=str)
        return cls(user_id, key, hashlib.sha256(body.encode()).hexdigest())


def recall(work: Work, key: Key | None) -> Mapping[str, Any] | None:
    """The answer given before under `key`, inside the transaction that would save. Raises KeyReused."""
    if key is None:
        return None
    found = work.session.get(IdempotentAnswer, (key.user_id, key.key))
    if found is None:
        return None
    if found.request_hash != key.request_hash:
        raise KeyReused(key.key)
    return found.answer


def remember(work: Work, key: Key | None, answer: Mapping[str, Any]) -> None:
    """Keep the answer in the transaction of its save."""
    if key is None:
        return
    values = {"user_id": key.user_id, "key": key.key, "request_hash": key.request_hash, "answer": answer}
    work.session.execute(insert(IdempotentAnswer.__table__), {**values, "at": work.now})


def forget_old(work: Work, most: int) -> int:
    """Let go of at most `most` answers older than KEPT; how many went."""
    return delete_some(work, IdempotentAnswer, IdempotentAnswer.at < work.now - KEPT, most)
