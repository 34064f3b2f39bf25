"""What a notification says to its reader, found when it is read: in their language, with a link they may open.

This package knows how notifications are kept, not what they are about. Each feature that has some teaches it to
speak of them (`speaks`), so that imports go on pointing down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from markupsafe import Markup

from bmu.accounts.rules import Actor
from bmu.i18n import BANGKOK, N_, date_words, iso, translate
from bmu.notifications.queries import Stored

OPEN = N_("ดูรายละเอียด")


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a notification. `type` and `priority` as in domain §1.6; `url` None: nothing to open."""

    type: str
    category: str
    priority: str
    title: str
    message: str
    url: str | None
    metadata: Mapping[str, Any]


# (notification, who reads it, their language) → what it says.
Speaker = Callable[[Stored, Actor, str], Said]
_speakers: dict[str, Speaker] = {}


def speaks(entity: str, speaker: Speaker) -> None:
    """Have `speaker` say the notifications about rows of `entity`."""
    _speakers[entity] = speaker


def item(stored: Stored, reader: Actor, lang: str) -> dict[str, Any]:
    """A notification as API and event carry it (domain §1.6)."""
    said = _speakers[stored.entity](stored, reader, lang)
    return {
        "id": stored.id,
        "type": said.type,
        "category": said.category,
        "priority": said.priority,
        "title": said.title,
        "message": said.message,
        "action_url": said.url,
        "action_label": translate(OPEN, lang) if said.url else None,
        "is_read": stored.read_at is not None,
        "read_at": iso(stored.read_at) if stored.read_at else None,
        "created_at": iso(stored.created_at),
        "related_entity_type": stored.entity,
        "related_entity_id": stored.entity_id,
        "metadata": dict(said.metadata),
    }


def entry(stored: Stored, reader: Actor, lang: str) -> dict[str, Any]:
    """A notification as the list shows it: the item, and when it happened in Bangkok (`23 พฤศจิกายน 2569 14:05`)."""
    here = stored.created_at.astimezone(BANGKOK)
    return item(stored, reader, lang) | {"when": f"{date_words(here.date(), lang)} {here:%H:%M}"}


def entry_html(stored: Stored, reader: Actor, lang: str) -> Markup:
    """The list's own HTML of one notification, for a list that is open somewhere else. Needs an app, no request."""
    macro: Any = current_app.jinja_env.get_template("notifications/entry.html").module
    html: Markup = macro.entry(entry(stored, reader, lang), lang, translate)
    return html
