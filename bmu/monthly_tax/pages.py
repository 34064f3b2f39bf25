"""The three pages and a record's own page. Everything a page shows is in its address."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask_babel import gettext

from bmu.accounts.access import enter, page_required
from bmu.accounts.queries import active_employees
from bmu.changes.work import last_seq
from bmu.clients.queries import client_of
from bmu.clients.rules import normal_build
from bmu.errors import NotFound
from bmu.i18n import Month, language, translate
from bmu.monthly_tax import queries, rules, service, story, summary
from bmu.monthly_tax.catalogue import PAYMENT
from bmu.monthly_tax.desk import LIMITS, Desk, digest, open_desk
from bmu.monthly_tax.fields import FIELDS, PEOPLE, SIDES, options_for_filter
from bmu.monthly_tax.filters import MODES
from bmu.monthly_tax.paging import pages_shown
from bmu.monthly_tax.table import TABLES
from bmu.tables.render import row_html

blueprint = Blueprint("monthly_tax", __name__)


@blueprint.get("/")
def home() -> Response:
    """The first page that one's role opens."""
    actor = enter()
    found = next(iter(actor.pages), None)
    target = url_for("monthly_tax.desk", table_name=found) if found else url_for("accounts.account")
    return redirect(target)  # type: ignore[return-value]


@blueprint.get("/<any('tax-status','tax-inspection','tax-filing'):table_name>")
def desk(table_name: str) -> str | Response:
    """A table: `?month=YYYY-MM` and the filters, all in the address."""
    actor = page_required(table_name)
    # A form without scripts sends every ticked choice as a parameter of its own.
    asked = {name: ",".join(values) for name, values in request.args.lists()}
    shown = open_desk(table_name, asked, actor, datetime.now(UTC))
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
        rows=[row_html(shown.table, row, lang) for row in rows],
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
        idle_minutes=int(current_app.extensions["bmu.config"].refresh_idle.total_seconds() // 60),
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
    """One record, all its fields as the page shows them, and its history. 404 for what one may not know of."""
    actor = page_required(table_name)
    try:
        wanted, normal = Month.parse(month), normal_build(build)
    except ValueError:
        raise NotFound() from None
    if normal != build:
        return redirect(url_for(".record", table_name=table_name, build=normal, month=month))  # type: ignore[return-value]
    row = service.read(actor, queries.id_of(normal, *wanted))
    table, lang = TABLES[table_name], language()
    return render_template(
        "monthly_tax/record.html",
        actor=actor,
        active=table_name,
        lang=lang,
        table=table,
        month=wanted,
        r=row,
        client=client_of(normal),
        sections=_sections(table.page, row),
        people=[(label, row["names"].get(row[role])) for role, label in PEOPLE.items() if row[role]],
        told=story.in_words(story.lines(row["id"]), lang),
        translate=translate,
        back=url_for(".desk", table_name=table_name, month=str(wanted)),
    )


def _sections(page: str, row: queries.Values) -> list[tuple[str, list[Any]]]:
    """The fields the page shows, by tab; the VAT tab is closed for a client without VAT (domain §10.3)."""
    titles = {
        "general": gettext("ข้อมูลเกี่ยวกับการรับเอกสารและบริษัท"),
        "wht": gettext("ยื่นแบบภาษีหัก ณ ที่จ่าย (WHT)"),
        "vat": gettext("ยื่นแบบภาษีมูลค่าเพิ่ม (VAT)"),
    }
    shown = [field for field in FIELDS.values() if field.state(page) != "-"]
    return [
        (title, [field for field in shown if field.side == side])
        for side, title in titles.items()
        if side != "vat" or row["is_vat"]
    ]
