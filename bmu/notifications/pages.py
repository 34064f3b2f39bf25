"""The list behind the bell as a page of its own. The drawer shows the same list; without scripts there is the page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from bmu.accounts.access import enter
from bmu.accounts.rules import Actor
from bmu.errors import Malformed
from bmu.i18n import language, translate
from bmu.notifications import queries, service
from bmu.notifications.words import entry

blueprint = Blueprint("notifications", __name__)
PER_PAGE = 20


@blueprint.get("/notifications")
def index() -> str:
    """One's notifications, newest first: `?page=N`."""
    actor, lang = enter(), language()
    number = _number()
    found, total = queries.page(actor.id, None, number, PER_PAGE)
    return render_template(
        "notifications/page.html",
        actor=actor,
        active="notifications",
        lang=lang,
        translate=translate,
        entries=[entry(one, actor, lang) for one in found],
        total=total,
        unread=queries.unread(actor.id),
        page=number,
        pages=max(1, -(-total // PER_PAGE)),
    )


@blueprint.post("/notifications")
def act() -> Any:
    """A button of the list: `read` or `delete` with an id, or `all` to mark everything as read. Back to the list."""
    _act(enter())
    return redirect(url_for(".index", page=_number()), 303)


def _act(actor: Actor) -> None:
    form = request.form
    if "read" in form:
        service.read(actor, form["read"])
    elif "delete" in form:
        service.remove(actor, form["delete"])
    elif "all" in form:
        service.read_all(actor)
    else:
        raise Malformed()


def _number() -> int:
    """The page asked for; the first for what is no number."""
    asked = request.args.get("page", "")
    return int(asked) if asked.isascii() and asked.isdigit() and 1 <= len(asked) <= 5 and int(asked) else 1
