"""Fields of a plain form: what stands in each, what is wrong with it, and what somebody else made of it meanwhile.

Drawn by templates/tables/fields.html. And the lines of a row's history in the words of its fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bmu.changes.models import ChangeLog
from bmu.i18n import N_, moment_full, translate
from bmu.tables.kinds import EMPTY, Choice, Day, Kind, Text, Unfit

_ACTIONS = {
    "create": N_("สร้าง"),
    "archive": N_("เก็บเข้าคลัง"),
    "restore": N_("นำกลับมาใช้งาน"),
    "disable": N_("ปิดบัญชี"),
    "enable": N_("เปิดบัญชี"),
    "password": N_("เปลี่ยนรหัสผ่าน"),
}


class Named(Protocol):
    """What a field of a form has to say of itself."""

    @property
    def key(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def required(self) -> bool: ...
    @property
    def size(self) -> str: ...


@dataclass(frozen=True)
class Entry:
    """A field as a form shows it. `control`: select, area, day or text; `options`: (code, label) of a select;
    `theirs`: how the value reads that somebody else saved meanwhile (None: nobody did), by `by` at `at`."""

    key: str
    label: str
    value: str
    control: str
    required: bool
    size: str
    options: Sequence[tuple[str, str]]
    errors: Sequence[str]
    theirs: str | None = None
    by: str = ""
    at: str = ""


def entries(
    fields: Iterable[Named],
    values: Mapping[str, str],
    errors: Mapping[str, Sequence[str]],
    lang: str,
    disputes: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Entry]:
    """The fields by key, holding `values` (as typed, or as `Kind.entry` puts them). `disputes`: those of a Conflict."""
    return {
        field.key: Entry(
            field.key,
            translate(field.label, lang),
            values.get(field.key, ""),
            _control(field.kind),
            field.required,
            field.size,
            _options(field.kind, lang),
            errors.get(field.key, ()),
            **_theirs(field.kind, (disputes or {}).get(field.key), lang),
        )
        for field in fields
    }


def _control(kind: Kind) -> str:
    if isinstance(kind, Choice):
        return "select"
    if isinstance(kind, Day):
        return "day"
    return "area" if isinstance(kind, Text) and kind.many_lines else "text"


def _options(kind: Kind, lang: str) -> list[tuple[str, str]]:
    return [(code, kind.text(code, lang)) for code in kind.codes] if isinstance(kind, Choice) else []


def _theirs(kind: Kind, dispute: Mapping[str, Any] | None, lang: str) -> dict[str, str]:
    if dispute is None:
        return {}
    at = moment_full(datetime.fromisoformat(dispute["at"]))
    return {"theirs": _reads(kind, dispute["theirs"], lang), "by": dispute["by_name"] or dispute["by"] or "", "at": at}


def _reads(kind: Kind | None, carried: Any, lang: str) -> str:
    """How a value reads that the log carries; as it stands when it no longer fits its kind."""
    if carried is None or carried == "":
        return EMPTY
    if kind is None:
        return str(carried)
    try:
        return kind.full(kind.restore(carried), lang)
    except Unfit:
        return str(carried)


@dataclass(frozen=True)
class Told:
    """A line of a history: when (Bangkok), who, what was done ("" for a plain change), and (field, old, new)."""

    at: str
    by: str
    action: str
    said: Sequence[tuple[str, str, str]]


def lines_in_words(lines: Iterable[ChangeLog], labels: Mapping[str, tuple[str, Kind | None]], lang: str) -> list[Told]:
    """The lines of a history, with fields by their Thai labels; what has no label is not shown."""
    found = []
    for line in lines:
        said = [_said(labels[name], pair, lang) for name, pair in line.fields.items() if name in labels]
        action = translate(_ACTIONS.get(line.action, ""), lang)
        found.append(Told(moment_full(line.at), line.actor_name or line.actor or EMPTY, action, said))
    return found


def _said(label: tuple[str, Kind | None], pair: Sequence[Any], lang: str) -> tuple[str, str, str]:
    name, kind = label
    return translate(name, lang), _reads(kind, pair[0], lang), _reads(kind, pair[1], lang)
