"""The list of clients, and a client's page. Plain forms: they work without scripts, and lose nothing typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext

from bmu.accounts.access import page_required
from bmu.accounts.rules import Actor
from bmu.changes import history
from bmu.changes.work import last_seq
from bmu.clients import obliging, queries, service, story
from bmu.clients.address import LIMITS, Address, read
from bmu.clients.fields import BUILD, BUILD_FIELD, FIELDS, REGISTRATION, SECTIONS, SIZE, STATUS
from bmu.clients.models import Client
from bmu.clients.obligations_form import NOTHING, ObligationsForm, opened, refilled
from bmu.clients.rules import STATUSES
from bmu.errors import Conflict, Invalid, NotFound
from bmu.i18n import N_, language, translate
from bmu.tables.fieldset import Entry, Field, entries
from bmu.tables.listing import Line, Spot, headings, spot

blueprint = Blueprint("clients", __name__)
PAGE = "clients"
_LISTED = (
    "company_name",
    "legal_entity_number",
    "tax_registration_status",
    "vat_registration_date",
    "company_size",
    "company_status",
    "province",
)
_DONE = {
    "created": N_("เพิ่มลูกค้าแล้ว"),
    "saved": N_("บันทึกแล้ว"),
    "obliged": N_("บันทึกแบบที่ต้องยื่นแล้ว ตารางที่เปิดอยู่แสดงทันที"),
    "archived": N_("เก็บเข้าคลังแล้ว ลูกค้ารายนี้จะไม่อยู่ในรายการของเดือนถัดไป เดือนที่ผ่านมายังเปิดดูได้"),
    "restored": N_("นำกลับมาใช้งานแล้ว"),
}


@blueprint.get("/clients")
def index() -> str:
    """The list: search, filters, order and page in the address."""
    actor = page_required(PAGE)
    seq = last_seq()  # before the rows are read: what comes in between is told
    at = read("/clients", request.args)
    number, limit = int(at.params["page"]), int(at.params["limit"])
    descending = at.params["order"] == "desc"
    found, total = queries.page(at.filters, at.params["sort"], descending, number, limit)
    last = max(1, -(-total // limit))
    if number > last:
        number = last
        found, total = queries.page(at.filters, at.params["sort"], descending, number, limit)
    return render_template(
        "clients/list.html",
        actor=actor,
        active=PAGE,
        at=at,
        seq=seq,
        headings=_headings(at),
        lines=[_line(client, language()) for client in found],
        choices={"vat": REGISTRATION.options, "status": STATUS.options, "size": SIZE.options},
        unset=queries.UNSET,
        total=total,
        first=(number - 1) * limit + 1 if found else 0,
        page=number,
        last=last,
        limits=LIMITS,
        translate=translate,
    )


def _headings(at: Address) -> Any:
    labels = {BUILD: BUILD_FIELD.label} | {key: FIELDS[key].label for key in _LISTED}
    return headings(
        labels,
        at.params["sort"],
        at.params["order"] == "desc",
        lambda key, descending: at.at(sort=key, order="desc" if descending else "asc"),
    )


def _line(client: Client, lang: str) -> Line:
    spots = [spot(key, FIELDS[key].kind, getattr(client, key), lang) for key in _LISTED]
    return Line(f"/clients/{client.build}", [Spot(BUILD, client.build), *spots], client.archived_at is not None)


@blueprint.get("/clients/new")
def new() -> str:
    """The empty form."""
    return _new_form(page_required(PAGE), {"company_status": STATUSES[0]})


def _new_form(actor: Actor, typed: Mapping[str, str], errors: Mapping[str, list[str]] | None = None) -> str:
    found = entries((BUILD_FIELD, *FIELDS.values()), typed, errors or {}, language())
    return render_template(
        "clients/new.html",
        actor=actor,
        active=PAGE,
        entries=found,
        build=found[BUILD],
        sections=SECTIONS,
        wrong=len(errors or {}),
    )


@blueprint.post("/clients/new")
def create() -> Any:
    """A new client, then its page; what is wrong is said at its field."""
    actor = page_required(PAGE)
    typed = _typed((BUILD_FIELD, *FIELDS.values()))
    try:
        made = service.create(actor.by, typed)
    except (Invalid, Conflict) as refused:
        return _new_form(actor, typed, refused.errors), refused.status
    return redirect(url_for(".client", build=made[BUILD], done="created"), 303)


def _typed(known: tuple[Field, ...]) -> dict[str, str]:
    """What the form sent for the fields it knows."""
    return {field.key: request.form[field.key] for field in known if field.key in request.form}


@blueprint.get("/clients/<build>")
def client(build: str) -> Any:
    """A client's page: every field, what has to be filed (`from`: a month to look at), archive, history.
    `18` leads to `018`."""
    actor = page_required(PAGE)
    found = _found(build)
    if found.build != build:
        return redirect(url_for(".client", build=found.build))
    return _form(actor, found, _kept(found))


def _kept(found: Client) -> dict[str, Entry]:
    kept = {key: field.kind.entry(getattr(found, key)) for key, field in FIELDS.items()}
    return entries(FIELDS.values(), kept, {}, language())


def _found(build: str) -> Client:
    found = queries.find(build)
    if found is None:
        raise NotFound(gettext("ไม่พบลูกค้า"))
    return found


def _form(
    actor: Actor,
    found: Client,
    shown: Mapping[str, Entry],
    status: int = 200,
    obligations: ObligationsForm | None = None,
) -> Response:
    lang = language()
    html = render_template(
        "clients/client.html",
        actor=actor,
        active=PAGE,
        client=found,
        entries=shown,
        sections=SECTIONS,
        wrong=sum(bool(one.errors) for one in shown.values()),
        disputed=sum(one.theirs is not None for one in shown.values()),
        done=_DONE.get(request.args.get("done", "")),
        obligations=obligations or opened(found, datetime.now(UTC), lang, request.args.get("from", "")),
        story=story.told(history.story(found.entity, [found.id]), lang),
    )
    return Response(html, status)


@blueprint.post("/clients/<build>")
def save(build: str) -> Any:
    """Save what was changed. Where somebody else was faster both values are shown, and nothing typed is lost."""
    actor = page_required(PAGE)
    typed = _typed(tuple(FIELDS.values()))
    try:
        saved = service.edit(actor.by, build, typed, _version())
    except (Invalid, Conflict) as refused:
        disputes = refused.extra.get("conflicts", {})
        shown = entries(FIELDS.values(), typed, refused.errors, language(), disputes)
        return _form(actor, _found(build), shown, refused.status)
    return redirect(url_for(".client", build=saved[BUILD], done="saved"), 303)


def _version() -> int | None:
    said = request.form.get("version", "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else None


@blueprint.post("/clients/<build>/obligations")
def oblige(build: str) -> Any:
    """From which month on the client files what; or take that month back (`release`)."""
    actor = page_required(PAGE)
    since, forms, nothing = request.form.get("since", ""), request.form.getlist("forms"), NOTHING in request.form
    try:
        if "release" in request.form:
            obliging.release(actor.by, build, since, _version())
        else:
            # Nothing ticked may be a slip; nothing to file is said in so many words.
            said = {"since": since, "forms": [] if nothing else forms or None}
            obliging.oblige(actor.by, build, said, _version())
    except (Invalid, Conflict) as refused:
        found = _found(build)
        again = refilled(found, datetime.now(UTC), language(), since, forms, refused)
        return _form(actor, found, _kept(found), refused.status, again)
    there = url_for(".client", build=_found(build).build, done="obliged", _anchor="obligations")
    return redirect(there, 303)


@blueprint.post("/clients/<build>/archive")
def archive(build: str) -> Any:
    """Archive it, or bring it back (`restore`)."""
    actor = page_required(PAGE)
    back = "restore" in request.form
    done = (service.restore if back else service.archive)(actor.by, build)
    return redirect(url_for(".client", build=done[BUILD], done="restored" if back else "archived"), 303)
