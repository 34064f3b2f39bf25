"""Who is to be told of a change to a record, and what (domain §11 with its R). Pure, but for `tell` at the end.

A notification is caused by a change, never by a state: a save that leaves a status as it was tells nobody of it.
Nobody is told of what they did themselves. Taking back one's own save (undo) tells nobody either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bmu.changes.work import Change, Work
from bmu.monthly_tax.catalogue import PENDING
from bmu.monthly_tax.fields import PEOPLE, SIDES, Side
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.monthly_tax.rules import ACCOUNTANT, INSPECTOR, People, returns
from bmu.notifications import service as notifications
from bmu.notifications.service import Notice, Row
from bmu.offload import sleep

REVIEW, RECHECK, INSPECTED, SENT = "review", "recheck", "inspected", "sent_to_customer"
READY, INQUIRY, RESPONSE, COMMENT, REPLY = "ready", "inquiry", "response", "submission_comment", "filing_response"
ASSIGNED, UNASSIGNED, EMPTIED = "assigned", "unassigned", "emptied"
PREVIEW = 100
_FOR_THE_FILER = frozenset({"passed", "draft_ready"})
_PREFIX = {side.key: prefix for side, prefix in zip(SIDES, ("wht", "pp30"), strict=True)}
Fields = Mapping[str, Any]
Heard = tuple[str, str, str | None]  # the role that hears of it, the event, the text


@dataclass(frozen=True, slots=True)
class Told:
    """An employee and what they are to know: an event of a `topic` (a side's key; of an assignment the role's column),
    the status reached, and a text written to them."""

    person: str
    event: str
    topic: str
    status: str | None = None
    text: str | None = None


def of_change(action: str, page: str | None, fields: Fields, people: People, by: str | None) -> list[Told]:
    """What one logged change tells. `fields`: {name: [old, new]}; `people`: the five after it; `by`: who made it.

    Of several things in one change for the same person and topic there is one notice: the first, which is the status
    if it changed, with the text that came along.
    """
    if action == "hand_over":
        found = _of_hand_over(fields)
    elif action == "reset":
        found = (Told(person, EMPTIED, role) for role, person in people.items() if person)
    else:
        found = _of_save(page, fields, people) if action == "update" else iter(())
    return _one_each(told for told in found if told.person != by)


def _of_save(page: str | None, fields: Fields, people: People) -> Iterator[Told]:
    for side in SIDES:
        before, after = fields.get(side.status, (None, None))
        # The status comes first: of several things for one person it is the one that is told.
        for role, event, text in (*_of_status(page, side, before, after), *_of_texts(side, fields)):
            if person := people[role]:
                yield Told(person, event, side.key, after, text)


def _of_status(page: str | None, side: Side, before: str | None, after: str | None) -> Iterator[Heard]:
    """A change of status. Sent for review counts whoever sends it; a verdict is the inspector's."""
    if after in PENDING:
        yield INSPECTOR, REVIEW if after == "pending_review" else RECHECK, None
    if page and before != after and returns(page, before, after):
        yield ACCOUNTANT, INSPECTED, None
    if after == "sent_to_customer":
        yield ACCOUNTANT, SENT, None
    if after in _FOR_THE_FILER:
        yield side.filer, READY, None


def _of_texts(side: Side, fields: Fields) -> Iterator[Heard]:
    """Every text that was written, told to whom it speaks. Nobody is told of one that was emptied.

    TRAP: the original showed the accountant their own text as the inspector's (domain §11.1 N3).
    """
    to = {INQUIRY: ACCOUNTANT, RESPONSE: INSPECTOR, COMMENT: side.filer, REPLY: ACCOUNTANT}
    for event, role in to.items():
        _, text = fields.get(f"{_PREFIX[side.key]}_{event}", (None, None))
        if text:
            yield role, event, text


def _of_hand_over(fields: Fields) -> Iterator[Told]:
    for role in PEOPLE:
        before, after = fields.get(role, (None, None))
        if after:
            yield Told(after, ASSIGNED, role)
        if before:
            yield Told(before, UNASSIGNED, role)


def _one_each(found: Iterable[Told]) -> list[Told]:
    merged: dict[tuple[str, str], Told] = {}
    for told in found:
        first = merged.setdefault((told.person, told.topic), told)
        merged[told.person, told.topic] = replace(first, text=first.text or told.text)
    return list(merged.values())


def preview(text: str) -> str:
    """The first PREVIEW characters of a text, and `...` where there is more (domain §11.1)."""
    whole = " ".join(text.split())
    return whole if len(whole) <= PREVIEW else f"{whole[:PREVIEW].rstrip()}..."


def facts(told: Told, record: Fields, by_name: str | None) -> dict[str, Any]:
    """What is kept of it: codes, names and a preview; the sentence is made when it is read."""
    kept = {name: record[name] for name in ("build", "company_name", "tax_year", "tax_month")}
    said = {"status": told.status, "text": preview(told.text) if told.text else None, "by": by_name}
    return kept | {name: value for name, value in said.items() if value}


def tell(work: Work, record: Fields) -> None:
    """Keep what the changes of `work` tell, in its transaction, after `work.number()`. `record`: JSON after them."""
    people = {role: record[role] for role in PEOPLE}
    for change in work.changes:
        found = of_change(change.action, change.page, change.fields, people, change.by.id)
        notices = [Notice(one.person, one.event, one.topic, facts(one, record, change.by.name)) for one in found]
        notifications.keep(work, Row(change.seq, MonthlyTaxData.entity, change.entity_id), notices)


def tell_many(work: Work, records: Mapping[str, Fields]) -> None:
    """Keep what a change of many people tells: to each person one notice per role and event, about the first of the
    records, with how many more there are. Four hundred entries in a list tell less than one.

    `records`: of each changed record what `facts` needs, by id.
    """
    told: dict[tuple[str, str, str], list[tuple[Change, Told]]] = {}
    for change in work.changes:
        for one in of_change(change.action, change.page, change.fields, {}, change.by.id):
            told.setdefault((one.person, one.event, one.topic), []).append((change, one))
    for (change, first), *more in told.values():
        known = facts(first, records[change.entity_id], change.by.name) | ({"more": len(more)} if more else {})
        row = Row(change.seq, MonthlyTaxData.entity, change.entity_id)
        notifications.keep(work, row, [Notice(first.person, first.event, first.topic, known)])
        sleep(0)  # many people take a while, and others want to read meanwhile
