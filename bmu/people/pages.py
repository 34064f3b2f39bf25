"""The list of people, and one person's page. Plain forms: they work without scripts, and lose nothing typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext

from bmu.accounts import service, staff
from bmu.accounts.access import page_required
from bmu.accounts.rules import ROLE_LABELS, Actor
from bmu.accounts.staff import FIELDS, ID_FIELD, STATUS
from bmu.changes.history import story
from bmu.changes.work import last_seq
from bmu.errors import Conflict, DeskError, Invalid, Malformed, NotFound
from bmu.i18n import N_, language, month_text, translate
from bmu.monthly_tax.fields import PEOPLE
from bmu.people import holdings, queries
from bmu.people.queries import Somebody
from bmu.tables.fieldset import Told, entries, lines_in_words
from bmu.tables.kinds import EMPTY, Choice, Kind, Moment, Option
from bmu.tables.listing import Heading, Line, Spot, spot

blueprint = Blueprint("people", __name__)
PAGE = "people"
ROLE = Choice(tuple(Option(code, label) for code, label in ROLE_LABELS.items()))
OPEN = Choice((Option("active", N_("ใช้งานอยู่")), Option("inactive", N_("ปิดบัญชีแล้ว"), tone="not_submitted")))
_LABELS: dict[str, tuple[str, Kind | None]] = {key: (field.label, field.kind) for key, field in FIELDS.items()}
_USER_LABELS: dict[str, tuple[str, Kind | None]] = {
    "username": (N_("ชื่อผู้ใช้"), None),
    "role": (N_("บทบาท"), ROLE),
    "status": (N_("บัญชี"), OPEN),
    "employee_id": (N_("รหัสพนักงาน"), None),
}
_HEADINGS = (
    *((ID_FIELD.key, ID_FIELD.label), ("name", N_("ชื่อ")), ("position", N_("ตำแหน่ง")), ("status", N_("สถานะพนักงาน"))),
    *(("username", N_("ชื่อผู้ใช้")), ("role", N_("บทบาท")), ("account", N_("บัญชี")), ("seen", N_("เข้าสู่ระบบล่าสุด"))),
)
_DONE = {
    "hired": N_("เพิ่มพนักงานแล้ว"),
    "saved": N_("บันทึกแล้ว"),
    "role": N_("เปลี่ยนบทบาทแล้ว มีผลทันที"),
    "link": N_("ผูกบัญชีกับพนักงานแล้ว"),
    "disable": N_("ปิดบัญชีแล้ว การเข้าสู่ระบบและตารางที่เปิดอยู่ถูกปิดทันที"),
    "enable": N_("เปิดบัญชีแล้ว"),
    "handed": N_("ส่งมอบงานแล้ว"),
}


@blueprint.get("/people")
def index() -> str:
    """The list: `q`, `role`, `status` in the address."""
    actor, lang, seq = page_required(PAGE), language(), last_seq()
    asked = {name: request.args.get(name, "")[:100] for name in ("q", "role", "status")}
    found = queries.chosen(queries.everybody(), asked["q"], asked["role"], asked["status"])
    return render_template(
        "people/list.html",
        actor=actor,
        active=PAGE,
        asked=asked,
        seq=seq,
        headings=[Heading(key, label) for key, label in _HEADINGS],
        lines=[_line(one, lang) for one in found],
        roles=ROLE.options,
        no_account=queries.NO_ACCOUNT,
    )


def _line(one: Somebody, lang: str) -> Line:
    user, employee = (one.users or (None,))[0], one.employee
    spots = [
        Spot(ID_FIELD.key, employee.employee_id if employee else EMPTY),
        Spot("name", f"{one.name} {employee.last_name}".strip() if employee else one.name),
        Spot("position", employee.position if employee else ""),
        spot("status", STATUS, employee.status, lang) if employee else Spot("status", ""),
        Spot("username", user.username if user else gettext("ยังไม่มีบัญชี")),
        Spot("role", ROLE.text(user.role, lang) if user else ""),
        spot("account", OPEN, user.status, lang) if user else Spot("account", ""),
        Spot("seen", Moment().full(user.last_login_at, lang) if user else ""),
    ]
    return Line(f"/people/{one.key}", spots, not one.works_here)


@blueprint.get("/people/new")
def new() -> str:
    """The empty form of an employee."""
    return _new_form(page_required(PAGE), {"status": staff.WORKS_HERE})


def _new_form(actor: Actor, typed: Mapping[str, str], errors: Mapping[str, list[str]] | None = None) -> str:
    shown = entries((ID_FIELD, *FIELDS.values()), typed, errors or {}, language())
    return render_template("people/new.html", actor=actor, active=PAGE, entries=shown, wrong=len(errors or {}))


@blueprint.post("/people/new")
def create() -> Any:
    """A new employee, then their page, where the account is made."""
    actor = page_required(PAGE)
    typed = {key: request.form[key] for key in (ID_FIELD.key, *FIELDS) if key in request.form}
    try:
        made = staff.hire(actor.by, typed)
    except (Invalid, Conflict) as refused:
        return _new_form(actor, typed, refused.errors), refused.status
    return redirect(url_for(".person", key=made[ID_FIELD.key], done="hired"), 303)


@blueprint.get("/people/<key>")
def person(key: str) -> Response:
    """One person: who they are, their account, what they still hold, what happened."""
    return _show(page_required(PAGE), _found(key))


def _found(key: str) -> Somebody:
    found = queries.find(key)
    if found is None:
        raise NotFound(gettext("ไม่พบพนักงาน"))
    return found


def _show(
    actor: Actor,
    one: Somebody,
    refused: DeskError | None = None,
    typed: Mapping[str, str] | None = None,
    password: tuple[str, str] | None = None,
) -> Response:
    """Their page; with what was refused and typed, or with a one-time password (user name, password)."""
    lang, now = language(), datetime.now(UTC)
    kept = {key: field.kind.entry(getattr(one.employee, key)) for key, field in FIELDS.items() if one.employee}
    errors = refused.errors if refused else {}
    disputes = refused.extra.get("conflicts", {}) if refused else {}
    html = render_template(
        "people/person.html",
        actor=actor,
        active=PAGE,
        one=one,
        entries=entries(FIELDS.values(), typed or kept, errors, lang, disputes),
        errors=errors,
        error=refused.said() if refused and not disputes else "",
        disputed=bool(disputes),
        password=password,
        done=_DONE.get(request.args.get("done", "")),
        roles=ROLE.options,
        open=OPEN,
        free=[other for other in queries.everybody() if other.employee and not other.users],
        held=holdings.held(one.employee.employee_id, now) if one.employee else [],
        month_text=month_text,
        story=_story(one, lang),
        moment=Moment(),
        translate=translate,
    )
    return Response(html, refused.status if refused else 200)


def _story(one: Somebody, lang: str) -> list[Told]:
    """What happened to the employee and the accounts, newest first."""
    lines = [(line, _USER_LABELS) for line in story("users", [user.id for user in one.users])]
    if one.employee:
        lines += [(line, _LABELS) for line in story("employees", [one.employee.id])]
    lines.sort(key=lambda pair: -pair[0].seq)
    return [told for line, labels in lines for told in lines_in_words([line], labels, lang)]


@blueprint.post("/people/<key>")
def save(key: str) -> Any:
    """Save what was changed of the employee; where somebody else was faster both values are shown."""
    actor = page_required(PAGE)
    typed = {name: request.form[name] for name in FIELDS if name in request.form}
    version = request.form.get("version", "")
    try:
        staff.edit(actor.by, key, typed, int(version) if version.isdecimal() and len(version) < 10 else None)
    except (Invalid, Conflict) as refused:
        return _show(actor, _found(key), refused, typed)
    return redirect(url_for(".person", key=key, done="saved"), 303)


@blueprint.post("/people/<key>/account")
def account(key: str) -> Any:
    """What is done to an account; the button pressed says what (`do`)."""
    actor = page_required(PAGE)
    one, form, do = _found(key), request.form, request.form.get("do", "")
    username = form.get("username", "").strip()
    if do != "create" and username not in {user.username for user in one.users}:
        raise NotFound(gettext("ไม่พบผู้ใช้"))
    try:
        if do in ("create", "password"):
            issued = _issue(actor, one, username, do)
            return _show(actor, _found(key), password=(username, issued))
        _change(actor, username, do, form)
    except (Invalid, Conflict) as refused:
        return _show(actor, _found(key), refused)
    linked = form.get("employee_id", "") if do == "link" else ""
    return redirect(url_for(".person", key=linked or key, done=do), 303)


def _issue(actor: Actor, one: Somebody, username: str, do: str) -> str:
    if do == "password":
        return service.set_password(actor.by, username)
    employee_id = one.employee.employee_id if one.employee else None
    return service.create_user(actor.by, username, request.form.get("role", ""), employee_id=employee_id)


def _change(actor: Actor, username: str, do: str, form: Mapping[str, str]) -> None:
    if do == "disable":
        service.disable(actor.by, username)
    elif do == "enable":
        service.enable(actor.by, username)
    elif do == "role":
        service.set_role(actor.by, username, form.get("role", ""))
    elif do == "link":
        staff.link(actor.by, username, form.get("employee_id") or None)
    else:
        raise Malformed()


@blueprint.post("/people/<key>/hand-over")
def hand_over(key: str) -> Any:
    """Give what they hold to others: a successor for each role, empty for those that stay."""
    actor = page_required(PAGE)
    successors = {role: request.form[role] for role in PEOPLE if request.form.get(role)}
    try:
        holdings.hand_over(actor.by, key, successors, datetime.now(UTC))
    except (Invalid, Conflict) as refused:
        return _show(actor, _found(key), refused)
    return redirect(url_for(".person", key=key, done="handed"), 303)
