"""The verbs of a client: create, edit, archive, restore. One way for pages, API and commands.

Who may do it is asked at the doors, by the page (accounts.rules.PAGES): all who open it may write.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bmu.changes.history import since
from bmu.changes.work import By, Work, transaction
from bmu.clients import queries, rules
from bmu.clients.fields import BUILD, BUILD_FIELD, FIELDS
from bmu.clients.models import Client
from bmu.errors import Conflict, NotFound
from bmu.tables.fieldset import parsed

Values = dict[str, Any]
_BLANK: Values = dict.fromkeys(FIELDS) | {"company_status": rules.STATUSES[0]}


def create(by: By, values: Mapping[str, Any]) -> Values:
    """A new client from raw values, its `build` among them; answers it as JSON.

    Raises Invalid by field, Conflict when the build is taken.
    """
    given = {"company_status": rules.STATUSES[0], "company_name": None} | dict(values)
    fields = parsed(given, FIELDS | {BUILD: BUILD_FIELD}, missing=(BUILD,))
    build = fields.pop(BUILD)
    fields = rules.settled(fields, _BLANK)
    with transaction(by) as work:
        client = Client(id=str(uuid.uuid4()), build=build, **fields)
        _add(work, client, {BUILD: build} | fields)
        work.number()
        answer = queries.to_json(client)
    return answer


def _add(work: Work, client: Client, fields: Values) -> None:
    """The database knows best whether a build is taken: two may create it at once."""
    try:
        work.add(client, fields)
        work.session.flush()
    except IntegrityError:
        taken = gettext("มีหมายเลข Build นี้แล้ว")
        raise Conflict(taken, errors={BUILD: [taken]}) from None


def edit(by: By, build: str, values: Mapping[str, Any], version: int | None = None) -> Values:
    """Write those of the raw values that differ; answer the client as JSON.

    With `version`, what the person saw: a value that equals what they saw is no change of theirs, and a field that
    somebody else has changed since is a Conflict with both values. Raises NotFound, Invalid by field.
    """
    with transaction(by) as work:
        client = load(work, build)
        current = {key: getattr(client, key) for key in FIELDS}
        asked = {key: value for key, value in parsed(values, FIELDS).items() if value != current[key]}
        later = since(work, client, version)
        changed = {key: value for key, value in asked.items() if not later.untouched(key, value)}
        disputes = later.disputes(client, changed)
        if disputes:
            raise Conflict(conflicts=disputes, data=queries.to_json(client))
        work.edit(client, rules.settled(changed, current))
        work.number()
        answer = queries.to_json(client)
    return answer


def archive(by: By, build: str) -> Values:
    """Take a client out of the lists of later months; what was stays readable. Twice is once. Raises NotFound."""
    return _archived(by, build, away=True)


def restore(by: By, build: str) -> Values:
    """Bring an archived client back. Twice is once. Raises NotFound."""
    return _archived(by, build, away=False)


def _archived(by: By, build: str, *, away: bool) -> Values:
    with transaction(by) as work:
        client = load(work, build)
        if (client.archived_at is not None) != away:
            at: datetime | None = work.now if away else None
            work.edit(client, {"archived_at": at}, action="archive" if away else "restore")
        work.number()
        answer = queries.to_json(client)
    return answer


def load(work: Work, build: str) -> Client:
    """The client of a build as people write it, locked for writing. Raises NotFound."""
    try:
        normal = rules.normal_build(build)
    except ValueError:
        raise NotFound(gettext("ไม่พบลูกค้า")) from None
    client = work.session.execute(select(Client).where(Client.build == normal).with_for_update()).scalar_one_or_none()
    if client is None:
        raise NotFound(gettext("ไม่พบลูกค้า"))
    return client
