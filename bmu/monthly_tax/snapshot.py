"""The record as every open form of a page shows it: blind to the viewer, for pages, events and answers alike."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import current_app

from bmu.i18n import iso, translate
from bmu.monthly_tax import story
from bmu.monthly_tax.duties import duties
from bmu.monthly_tax.fields import ABSENT, FIELDS, PEOPLE, PEOPLE_SHORT, Field
from bmu.monthly_tax.queries import Values

FIELDS_HTML, STORY = "monthly_tax/fields.html", "monthly_tax/story.html"
NEWS = 3  # lines of the history in a snapshot: a form that has missed more is drawn anew


def shape(row: Values) -> str:
    """A short name of what decides who may do what, and of the client in the form's head: where it changes, a form is
    drawn anew."""
    facts = [*(row[role] for role in PEOPLE), duties(row).not_applicable(), row["client_version"]]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:12]


def snapshot(page: str, row: Values, lang: str) -> dict[str, Any]:
    """The record as every open form of `page` shows it, in `lang`: {id, version, seq, shape, fields, parts, lines}.

    `fields`: {key: {entry: text of its control, tone, html: how it reads}}; `parts`: {name: html} of what only
    reads; `lines`: the newest lines of the history as HTML, newest first. Needs an application context, never a
    request.
    """
    told = story.story(page, row)
    there = [field for field in FIELDS.values() if field.state(page) != ABSENT]
    away = duties(row)
    shown = [field for field in there if field.side not in away.closed]
    return {
        **{key: row[key] for key in ("id", "version", "seq", "updated_by")},
        "updated_at": iso(row["updated_at"]),
        "updated_by_name": row["names"].get(row["updated_by"], row["updated_by"]),
        "shape": shape(row),
        "fields": {field.key: _value(field, row, lang, away.why_not(field)) for field in shown},
        "parts": parts(row, told, lang),
        "lines": [str(_macros(STORY).line(line, lang, translate)) for line in story.in_words(told.lines[:NEWS], lang)],
    }


def _value(field: Field, row: Values, lang: str, why: str) -> dict[str, str]:
    """`why`: why it does not apply, or ""."""
    value = row[field.key]
    html = _macros(FIELDS_HTML).reads(field.kind, value, lang, translate, why)
    return {"entry": field.kind.entry(value), "tone": field.kind.tone(value), "html": str(html)}


def parts(row: Values, told: story.Story, lang: str) -> dict[str, str]:
    """What of a form only reads and changes by itself: who saved last, the people, the rounds, the threads."""
    fields, tale = _macros(FIELDS_HTML), _macros(STORY)
    found = {"updated": fields.updated(row, lang, translate)}
    found["people"] = fields.people(row, PEOPLE, PEOPLE_SHORT, lang, translate)
    found |= {f"rounds-{rounds.side}": tale.rounds(rounds, lang, translate) for rounds in told.rounds}
    found |= {f"thread-{thread.key}": tale.thread(thread, lang, translate) for thread in told.threads}
    return {name: str(html) for name, html in found.items()}


def _macros(template: str) -> Any:
    return current_app.jinja_env.get_template(template).module
