"""Whether a list is still what a program has of it: an answer's tag, told from what the answer is made of.

To tell it takes one statement, and not the list. Only for answers that are made of what the change log knows of.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, request

from bmu.accounts.access import current_actor
from bmu.accounts.rules import Actor
from bmu.changes.work import last_seq
from bmu.i18n import language

P = ParamSpec("P")
# Another start may be another release, which may say the same in another way.
_START = secrets.token_hex(4)


def tag_of(seq: int, actor: Actor, asked: str, lang: str) -> str:
    """The tag of what `actor` is answered to the address `asked`, in `lang`, at the place `seq` of the log."""
    facts = (_START, seq, actor.id, actor.role, actor.employee_id, asked, lang)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:20]


def unless_unchanged(answer: Callable[P, Response]) -> Callable[P, Response]:
    """A view of an API whose answers carry a tag, and are 304 to who has them already.

    Of the view's own checks those before it (who asks, what is asked) are made all the same. The tag is weak: it
    names what is said, in whatever encoding. What is saved while the list is read belongs to the tag before it:
    then the next answer is whole once more, never an old one.
    """

    @wraps(answer)
    def asked(*args: P.args, **kwargs: P.kwargs) -> Response:
        tag = tag_of(last_seq(), current_actor(), request.full_path, language())
        known = request.if_none_match.contains_weak(tag)
        response = Response(status=304) if known else answer(*args, **kwargs)
        response.set_etag(tag, weak=True)
        return response

    return asked
