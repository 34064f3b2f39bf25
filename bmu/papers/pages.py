"""Where files are asked for. What somebody may take out is what the page they take it from shows them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO, Any
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request, stream_with_context
from markupsafe import Markup

from bmu.accounts.access import enter, page_required
from bmu.accounts.rules import Actor
from bmu.changes.models import LONGEST_REASON
from bmu.clients.address import read
from bmu.errors import Forbidden, Malformed
from bmu.i18n import BANGKOK, Month, language, tax_month
from bmu.monthly_tax import queries
from bmu.monthly_tax.desk import open_desk
from bmu.offload import sleep
from bmu.papers import exports, imports
from bmu.papers.exports import PORTION, Paper
from bmu.papers.importing import Report, Step, run
from bmu.papers.imports import IMPORTS, Import
from bmu.papers.reading import MOST_FAULTS
from bmu.papers.unpack import LARGEST
from bmu.papers.writing import TYPES
from bmu.tables.render import row_html

blueprint = Blueprint("papers", __name__)
FORM = "<any('xlsx','csv'):form>"
SHEET = "<any('clients','employees','assignments'):sheet>"
NDJSON = "application/x-ndjson"
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


@blueprint.get(f"/import/{SHEET}")
def bring(sheet: str) -> str:
    """Where a file is chosen."""
    return _page(_may(sheet), IMPORTS[sheet])


@blueprint.get(f"/import/{SHEET}/template.xlsx")
def template(sheet: str) -> Response:
    """An empty file to fill in."""
    _may(sheet)
    return _sent(imports.template(IMPORTS[sheet].sheet, language()), "xlsx")


@blueprint.post(f"/import/{SHEET}")
def brought(sheet: str) -> Any:
    """A file: first what it would change (`do=preview`), then, sent again by that page, the change (`do=import`).

    With scripts the answer tells how far it has come, a line of JSON each; without, it is the page.
    """
    # Before anything of the body is read: a file is larger than what else is sent, and comes back in base64.
    request.max_content_length = request.max_form_memory_size = 2 * LARGEST
    actor, one = _may(sheet), IMPORTS[sheet]
    data = _data()
    reason = " ".join(request.form.get("reason", "").split())[:LONGEST_REASON]
    steps = run(one.importer(), data, actor.by, dry=request.form.get("do") != "import", reason=reason)
    if request.accept_mimetypes.best != NDJSON:
        report = next(step for step in steps if isinstance(step, Report))
        return _page(actor, one, report, data), 422 if report.found.faults else 200
    lines = stream_with_context(_told(steps, one, data))
    return Response(lines, mimetype=NDJSON, headers={"X-Accel-Buffering": "no"})


def _told(steps: Iterator[Step | Report], one: Import, data: bytes) -> Iterator[str]:
    """A line for each percent, not for each step: an import takes thousands of those."""
    said = 0
    for step in steps:
        if isinstance(step, Report):
            yield json.dumps({"percent": 100, "html": _result(one, step, data)}) + "\n"
        elif step.percent > said:
            said = step.percent
            yield json.dumps({"percent": said}) + "\n"


def _data() -> bytes:
    """The file that was chosen, or the one that the preview sent back."""
    file = request.files.get("file")
    if file is not None and file.filename:
        with file.stream as stream:
            return stream.read()
    try:
        return base64.b64decode(request.form.get("content", ""), validate=True)
    except ValueError:
        raise Malformed() from None


def _page(actor: Actor, one: Import, report: Report | None = None, data: bytes = b"") -> str:
    result = _result(one, report, data) if report else ""
    return render_template("papers/import.html", actor=actor, active=one.page, one=one, result=result)


def _result(one: Import, report: Report, data: bytes) -> Markup:
    """What came of it, with the file itself for the second step: no process has to keep it meanwhile."""
    content = "" if report.done or report.found.faults else base64.b64encode(data).decode()
    return Markup(render_template("papers/result.html", one=one, report=report, content=content, most=MOST_FAULTS))


def _may(sheet: str) -> Actor:
    actor = page_required(IMPORTS[sheet].page)
    if IMPORTS[sheet].asks_why and not actor.assigns:
        raise Forbidden()
    return actor


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
