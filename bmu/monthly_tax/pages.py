"""The three pages and a record's own page. Everything a page shows is in its address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask_babel import gettext

from bmu.accounts.access import enter, page_required
from bmu.accounts.queries import active_employees
from bmu.accounts.rules import Actor
from bmu.changes.work import last_seq
from bmu.clients.queries import client_of
from bmu.clients.rules import normal_build
from bmu.errors import Conflict, DeskError, Invalid, NotFound
from bmu.i18n import Month, language, translate
from bmu.monthly_tax import acknowledge as reading
from bmu.monthly_tax import form, queries, rules, service, snapshot, story, summary
from bmu.monthly_tax.catalogue import PAYMENT
from bmu.monthly_tax.desk import LIMITS, Desk, digest, open_desk
from bmu.monthly_tax.duties import duties
from bmu.monthly_tax.fields import FIELDS, PEOPLE, SIDES, options_for_filter
from bmu.monthly_tax.filters import MODES
from bmu.monthly_tax.layout import NOTHING_TO_FILE
from bmu.monthly_tax.paging import pages_shown
from bmu.monthly_tax.table import TABLES
from bmu.notifications import service as notifications
from bmu.notifications.queries import told_of
from bmu.tables.render import rows_html

blueprint = Blueprint("monthly_tax", __name__)


@blueprint.get("/")
def home() -> Response:
    """The first page that one's role opens."""
    actor = enter()
    found = next(iter(actor.pages), None)
    return redirect(f"/{found}" if found else url_for("accounts.account"))  # type: ignore[return-value]


@blueprint.get("/<any('tax-status','tax-inspection','tax-filing'):table_name>")
def desk(table_name: str) -> str | Response:
    """A table: `?month=YYYY-MM` and the filters, all in the address."""
    actor = page_required(table_name)
    shown = open_desk(table_name, _asked(), actor, datetime.now(UTC))
    seq = last_seq()  # before the rows are read: what is committed in between is missed by none (design §6)
    ids = queries.ids(shown.filters, shown.sort)
    last = max(1, -(-len(ids) // shown.limit))
    number = min(shown.page, last)
    first = (number - 1) * shown.limit
    rows = queries.records(ids[first : first + shown.limit], table=shown.table)
    lang = language()
    return render_template(
        "monthly_tax/desk.html",
        actor=actor,
        active=table_name,
        lang=lang,
        desk=shown,
        seq=seq,
        total=len(ids),
        digest=digest(ids),
        rows=rows_html(shown.table, rows, lang),
        first=first + 1 if rows else 0,
        last=first + len(rows),
        page=number,
        page_count=last,
        pages=pages_shown(number, last),
        limits=LIMITS,
        figures=_figures(shown),
        editors=_editors(shown, lang),
        modes=MODES,
        options=options_for_filter(),
        payments=[(option.code, option.label) for option in PAYMENT.options],
        roles=PEOPLE,
        employees=active_employees() if actor.reads_all and shown.person is None else (),
        idle_minutes=_idle_minutes(),
        months=[shown.month.plus(step) for step in range(-12, 13)],
    )


def _figures(shown: Desk) -> list[dict[str, Any]]:
    found = summary.summary(shown.table.page, shown.base)
    return [
        {**one._asdict(), "value": summary.figure(found, one.key), "of": summary.figure(found, one.total)}
        for one in summary.FIGURES[shown.table.page]
    ]


def _editors(shown: Desk, lang: str) -> dict[str, Any]:
    """What the cell editors offer on this page; the server asks the same rules again at the save."""
    status = FIELDS[SIDES[0].status].kind
    return {
        "status": [
            {"code": code, "label": status.text(code, lang), "tone": status.tone(code), "allowed": allowed}
            for code, allowed in rules.menu(shown.table.page)
        ],
        "payment": [
            {"code": code, "label": PAYMENT.text(code, lang), "tone": PAYMENT.tone(code)} for code in PAYMENT.codes
        ],
    }


@blueprint.get("/<any('tax-status','tax-inspection','tax-filing'):table_name>/<build>/<month>")
def record(table_name: str, build: str, month: str) -> str | Response:
    """The form of one record. The query is that of the list it was opened from: previous and next are that list's.

    404 for what one may not know of.
    """
    actor = page_required(table_name)
    try:
        wanted, normal = Month.parse(month), normal_build(build)
    except ValueError:
        raise NotFound() from None
    if normal != build:
        there = url_for(".record", table_name=table_name, build=normal, month=month)
        return redirect(f"{there}?{request.query_string.decode()}".rstrip("?"))  # type: ignore[return-value]
    row = _read(actor, queries.id_of(normal, *wanted))
    if gate := _gate(actor, table_name, wanted, row):
        return gate
    if notifications.read_record(actor, row["id"]):  # a write: what was read before it is stale
        row = service.read(actor, row["id"])
    return _show_form(actor, table_name, wanted, row)


def _read(actor: Actor, record_id: str | None) -> queries.Values:
    """The record. Who was once told of it, and may not open it any more, hears why: their notice leads here."""
    try:
        return service.read(actor, record_id)
    except NotFound:
        if record_id and told_of(actor.id, record_id):
            raise NotFound(gettext("รายการนี้ไม่อยู่ในความรับผิดชอบของคุณแล้ว")) from None
        raise


def _show_form(actor: Actor, table_name: str, month: Month, row: queries.Values) -> str:
    table, lang = TABLES[table_name], language()
    hand = service.hand(actor, table.page, row, duties(row))
    told = story.story(table.page, row)
    return render_template(
        "monthly_tax/record.html",
        actor=actor,
        active=table_name,
        lang=lang,
        table=table,
        month=month,
        r=row,
        client=client_of(row["build"]),
        form=form.open_form(hand, row, lang, reads_all=actor.reads_all),
        shape=snapshot.shape(row),
        parts=snapshot.parts(row, told, lang),
        nothing_to_file=NOTHING_TO_FILE,
        told=story.in_words(told.lines, lang),
        acknowledgements=reading.acknowledged(actor, row["id"]) if actor.administers else None,
        translate=translate,
        idle_minutes=_idle_minutes(),
        **_neighbours(actor, table_name, month, row["id"]),
    )


def _neighbours(actor: Actor, table_name: str, month: Month, record_id: str) -> dict[str, Any]:
    """Where the record stands in the list it was opened from: addresses of the previous and the next one, its place
    among how many, and the way back to the page of the list that shows it. A record that is not on the list has no
    neighbours."""
    desk = open_desk(table_name, _asked() | {"month": str(month)}, actor, datetime.now(UTC))
    ids = queries.ids(desk.filters, desk.sort)
    if record_id not in ids:
        return {"previous": None, "next": None, "place": None, "back": desk.href(page=desk.page)}
    at = ids.index(record_id)
    return {
        "previous": _address(desk, ids, at - 1),
        "next": _address(desk, ids, at + 1),
        "place": (at + 1, len(ids)),
        "back": desk.href(page=at // desk.limit + 1),
    }


def _address(desk: Desk, ids: Sequence[str], place: int) -> str | None:
    """The address of the record at `place` of the list, as if opened from its page of it; None beyond its ends."""
    if not 0 <= place < len(ids):
        return None
    build = queries.builds([ids[place]])[ids[place]]
    there = url_for(".record", table_name=desk.table.name, build=build, month=str(desk.month))
    return f"{there}?{desk.query(page=place // desk.limit + 1)}".rstrip("?")


def _asked() -> dict[str, str]:
    """The parameters of the address. A form without scripts sends every ticked choice as a parameter of its own."""
    return {name: ",".join(values) for name, values in request.args.lists()}


def _idle_minutes() -> int:
    return int(current_app.extensions["bmu.config"].refresh_idle.total_seconds() // 60)


@blueprint.post("/<any('tax-status','tax-inspection','tax-filing'):table_name>/<build>/<month>/acknowledge")
def acknowledge(table_name: str, build: str, month: str) -> Any:
    """The word that says that the texts were read; then on to the form. What is wrong with it is said in place."""
    actor = page_required(table_name)
    try:
        wanted, normal = Month.parse(month), normal_build(build)
    except ValueError:
        raise NotFound() from None
    record_id, page = queries.id_of(normal, *wanted), TABLES[table_name].page
    try:
        reading.acknowledge(actor, page, record_id, request.form.get("hash", ""), request.form.get("word", ""))
    except (Invalid, Conflict) as refused:
        if gate := _gate(actor, table_name, wanted, service.read(actor, record_id), refused):
            return gate, refused.status
    return redirect(_with_query(url_for(".record", table_name=table_name, build=normal, month=month)), 303)


def _gate(
    actor: Actor, table_name: str, month: Month, row: queries.Values, refused: DeskError | None = None
) -> str | None:
    """What `actor` has to read before the form of `row` opens; None when there is nothing (domain §10.7).

    `refused`: what was wrong with the word that came, or that the texts have changed since.
    """
    table = TABLES[table_name]
    found = reading.to_read(actor, table.page, row)
    if found is None:
        return None
    action = url_for(".acknowledge", table_name=table_name, build=row["build"], month=str(month))
    return render_template(
        "monthly_tax/record.html",
        active=table_name,
        table=table,
        month=month,
        r=row,
        reading=found,
        words=reading.WORDS,
        error=refused and " ".join(refused.errors.get("word", [refused.said()])),
        action=_with_query(action),
        **_neighbours(actor, table_name, month, row["id"]),
    )


def _with_query(address: str) -> str:
    query = request.query_string.decode("latin-1")
    return f"{address}?{query}" if query else address
