"""Where files are asked for. What somebody may take out is what the page they take it from shows them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request

from bmu.accounts.access import enter, page_required
from bmu.accounts.rules import Actor
from bmu.clients.address import read
from bmu.errors import Forbidden
from bmu.i18n import BANGKOK, Month, language, tax_month
from bmu.monthly_tax import queries
from bmu.monthly_tax.desk import open_desk
from bmu.offload import sleep
from bmu.papers import exports
from bmu.papers.exports import PORTION, Paper
from bmu.papers.writing import TYPES
from bmu.tables.render import row_html

blueprint = Blueprint("papers", __name__)
FORM = "<any('xlsx','csv'):form>"
TABLE = "<any('tax-status','tax-inspection','tax-filing'):table_name>"


@blueprint.get(f"/{TABLE}/export.{FORM}")
def desk(table_name: str, form: str) -> Response:
    """A table as its address says it: every page of it."""
    actor = page_required(table_name)
    return _sent(exports.desk_paper(open_desk(table_name, _asked(), actor, datetime.now(UTC)), language()), form)


@blueprint.get(f"/{TABLE}/print")
def printed(table_name: str) -> str:
    """A table for paper: all its rows, the headings on each page."""
    actor, lang = page_required(table_name), language()
    shown = open_desk(table_name, _asked(), actor, datetime.now(UTC))
    rows = []
    ids = queries.ids(shown.filters, shown.sort)
    for start in range(0, len(ids), PORTION):
        some = queries.records(ids[start : start + PORTION], table=shown.table)
        rows += [row_html(shown.table, row, lang) for row in some]
        sleep(0)
    at = datetime.now(UTC)
    return render_template("papers/print.html", actor=actor, lang=lang, desk=shown, rows=rows, at=at)


@blueprint.get(f"/papers/month.{FORM}")
def month(form: str) -> Response:
    """Everything of a tax month."""
    _reads_all()
    return _sent(exports.month_paper(_month(tax_month(datetime.now(UTC))), language()), form)


@blueprint.get(f"/papers/changes.{FORM}")
def changes(form: str) -> Response:
    """What was changed in a calendar month."""
    _reads_all()
    here = datetime.now(BANGKOK)
    return _sent(exports.log_paper(_month(Month(here.year, here.month)), language()), form)


@blueprint.get(f"/clients/export.{FORM}")
def clients(form: str) -> Response:
    """The list of clients as its address says it."""
    page_required("clients")
    at = read("/clients", request.args)
    descending = at.params["order"] == "desc"
    return _sent(exports.clients_paper(at.filters, at.params["sort"], descending, language()), form)


@blueprint.get(f"/people/export.{FORM}")
def employees(form: str) -> Response:
    """Everybody who works or worked at the firm."""
    page_required("people")
    return _sent(exports.employees_paper(language()), form)


@blueprint.get(f"/assignments/export.{FORM}")
def assignments(form: str) -> Response:
    """Who is responsible for what in a month."""
    page_required("assignments")
    return _sent(exports.assignments_paper(_month(tax_month(datetime.now(UTC))), language()), form)


def _reads_all() -> Actor:
    actor = enter()
    if not actor.reads_all:
        raise Forbidden()
    return actor


def _asked() -> dict[str, str]:
    return {name: ",".join(values) for name, values in request.args.lists()}


def _month(default: Month) -> Month:
    try:
        return Month.parse(request.args.get("month", ""))
    except ValueError:
        return default


def _sent(paper: Paper, form: str) -> Response:
    """The file, sent in pieces; it is gone when the last one is."""
    lang = language()
    return _download(paper.write(form, lang), form, *paper.names(form, lang))


def _download(file: IO[bytes], form: str, plain: str, named: str) -> Response:
    response = Response(_pieces(file), mimetype=TYPES[form])
    response.call_on_close(file.close)
    # Both names: programs that do not know RFC 5987 take the first.
    response.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(named)}"
    return response


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(65536):
            yield piece
