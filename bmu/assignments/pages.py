"""The grid of a month, and a record's own page, which works without scripts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask_babel import gettext

from bmu.accounts.access import page_required
from bmu.accounts.queries import active_employees, workers
from bmu.accounts.rules import Actor
from bmu.assignments import queries, rules, service
from bmu.assignments.plan import read_plan
from bmu.assignments.service import Cell
from bmu.assignments.table import GRID
from bmu.changes.models import LONGEST_REASON
from bmu.changes.work import last_seq
from bmu.clients.rules import normal_build
from bmu.config import Config
from bmu.errors import Conflict, DeskError, Invalid, Malformed, NotFound
from bmu.i18n import Month, language, tax_month, translate
from bmu.monthly_tax import queries as records
from bmu.monthly_tax import service as monthly_tax
from bmu.monthly_tax import story
from bmu.monthly_tax.fields import ORIGINALS, PEOPLE, PEOPLE_SHORT

blueprint = Blueprint("assignments", __name__, url_prefix="/assignments")


@blueprint.get("")
def index() -> str:
    """The grid: `?month=YYYY-MM` and the filters, all in the address."""
    actor = page_required(GRID.name)
    plan = read_plan(request.args, datetime.now(UTC))
    seq, lang = last_seq(), language()  # before the rows are read: nothing in between is missed (design §6)
    rows = queries.rows(plan)
    return render_template(
        "assignments/page.html",
        actor=actor,
        active=GRID.name,
        lang=lang,
        desk=plan,
        grid=GRID,
        seq=seq,
        rows=queries.drawn(rows, lang),
        found=queries.statistics(plan.month),
        begun=plan.month <= plan.default_month,
        employees=active_employees(),
        choices=queries.choices(workers().values()),
        idle_minutes=_idle_minutes(),
        months=[plan.month.plus(step) for step in range(-12, 13)],
        **_words(),
    )


@blueprint.post("")
def act() -> Response:
    """A button of the grid that needs no script: `open` the month, or `copy` the one before into empty places."""
    actor = page_required(GRID.name)
    now, plan = datetime.now(UTC), read_plan(request.form, datetime.now(UTC))
    if "open" in request.form:
        service.open_month(actor.by, plan.month, now)
    elif "copy" in request.form:
        service.copy_previous(actor.by, plan.month, None, now)
    else:
        raise Malformed()
    return redirect(plan.href(), 303)  # type: ignore[return-value]


@blueprint.get("/statistics")
def statistics() -> str:
    """The month's figures and everybody's load, to be put in the place of those that a page shows."""
    page_required(GRID.name)
    plan = read_plan(request.args, datetime.now(UTC))
    return render_template("assignments/statistics.html", desk=plan, found=queries.statistics(plan.month), **_words())


@blueprint.get("/<build>/<month>")
def record(build: str, month: str) -> str:
    """The five people of one record, in a plain form."""
    actor = page_required(GRID.name)
    return _show(actor, _find(actor, build, month))


@blueprint.post("/<build>/<month>")
def save(build: str, month: str) -> Any:
    """The form of one record: the five, and a reason; or `reset`. What is refused comes back with what was typed."""
    actor = page_required(GRID.name)
    row = _find(actor, build, month)
    try:
        _save(actor, row)
    except (Invalid, Conflict) as error:
        return _show(actor, _find(actor, build, month), error), error.status
    return redirect(url_for(".record", build=row["build"], month=month, saved=1), 303)


def _save(actor: Actor, row: records.Values) -> None:
    form, reason = request.form, request.form.get("reason", "")
    if "reset" in form:
        version = int(form["version"]) if form.get("version", "").isdecimal() else 0
        return service.reset(actor, row["id"], version, form.get("confirm", ""), reason)
    was = {role: form.get(f"was:{role}", "") or None for role in PEOPLE}
    cells = [Cell(row["id"], role, form[role] or None, was[role]) for role in PEOPLE if role in form]
    service.assign(actor.by, [cell for cell in cells if cell.who != cell.was], reason, datetime.now(UTC))


def _find(actor: Actor, build: str, month: str) -> records.Values:
    try:
        wanted, normal = Month.parse(month), normal_build(build)
    except ValueError:
        raise NotFound() from None
    return monthly_tax.read(actor, records.id_of(normal, *wanted))


def _show(actor: Actor, row: records.Values, error: DeskError | None = None) -> str:
    lang, month = language(), Month(row["tax_year"], row["tax_month"])
    return render_template(
        "assignments/record.html",
        actor=actor,
        active=GRID.name,
        lang=lang,
        r=row,
        month=month,
        begun=month <= tax_month(datetime.now(UTC)),
        choices=queries.choices(workers().values()),
        needed={role: rules.needed(role, is_vat=row["is_vat"]) for role in PEOPLE},
        originals=ORIGINALS,
        first={role: row["names"].get(row[ORIGINALS[role]], row[ORIGINALS[role]]) for role in PEOPLE},
        typed=request.form,
        error=error,
        faults=_faults(error),
        saved="saved" in request.args and error is None,
        told=story.in_words(story.lines(row["id"]), lang),
        translate=translate,
        **_words(),
    )


def _faults(error: DeskError | None) -> dict[str, str]:
    """What is wrong, by the name of the form's field."""
    if error is None:
        return {}
    told = {name.rpartition(".")[2]: " ".join(texts) for name, texts in error.errors.items()}
    theirs = gettext("มีผู้อื่นเปลี่ยนช่องนี้ไปแล้ว")
    return told | {name.rpartition(".")[2]: theirs for name in error.extra.get("conflicts", {})}


def _words() -> dict[str, Any]:
    return {"roles": PEOPLE, "short": PEOPLE_SHORT, "longest_reason": LONGEST_REASON}


def _idle_minutes() -> int:
    config: Config = current_app.extensions["bmu.config"]
    return int(config.refresh_idle.total_seconds() // 60)
