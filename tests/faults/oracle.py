"""What the database says, read past the app: the records of the month, and whether log, records and answers agree."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, create_engine, func, select
from sqlalchemy.pool import NullPool

from bmu.changes.models import ChangeLog, Counter
from bmu.changes.work import SEQ, plain
from bmu.i18n import Month
from bmu.monthly_tax.fields import PEOPLE
from bmu.monthly_tax.models import MonthlyTaxData
from tests.faults.ledger import DOUBLED, MISSED, OVERWRITTEN, Broken
from tests.faults.writer import Acknowledged

EVERYBODY = "*"
R, L, C = MonthlyTaxData.__table__, ChangeLog.__table__, Counter.__table__
Truth = dict[str, dict[str, Any]]


class Oracle:
    """Looks at the database at `url`, at the records of `month`, from now on."""

    def __init__(self, url: str, month: Month) -> None:
        self._engine = create_engine(url, poolclass=NullPool)
        self._month = month
        self._seen = 0  # how many of the acknowledged saves were looked at
        with self._engine.connect() as connection:
            self._seq = self._newest(connection)
            self._replayed = self._read(connection)

    def truth(self) -> Truth:
        """The records by id, as JSON carries them."""
        with self._engine.connect() as connection:
            return self._read(connection)

    def _read(self, connection: Connection) -> Truth:
        mine = (R.c.tax_year == self._month.year, R.c.tax_month == self._month.month)
        rows = connection.execute(select(R).where(*mine)).mappings()
        return {row["id"]: {key: plain(value) for key, value in row.items()} for row in rows}

    @staticmethod
    def of(truth: Truth) -> dict[str, list[str]]:
        """The ids that each person's table shows."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for record_id, row in truth.items():
            for person in {row[role] for role in PEOPLE if row[role]} | {EVERYBODY}:
                found[person].append(record_id)
        return dict(found)

    @staticmethod
    def _newest(connection: Connection) -> int:
        return connection.execute(select(C.c.value).where(C.c.name == SEQ)).scalar_one()

    def faults(self, acknowledged: list[Acknowledged]) -> list[Broken]:
        """What does not agree since the last look. To be asked while nobody saves.

        Every acknowledged save stands in the log once, as answered; nothing else does; and the log, played over what
        the records were, gives what they are.
        """
        with self._engine.connect() as connection:
            newest = self._newest(connection)
            lines = list(connection.execute(select(L).where(L.c.seq > self._seq).order_by(L.c.seq)))
            records = self._read(connection)
            places = connection.execute(select(func.max(L.c.seq))).scalar_one()
        found = [] if places == newest else [Broken(MISSED, f"the newest place is {newest}, the log ends at {places}")]
        lines = [line for line in lines if line.entity == MonthlyTaxData.entity]
        found += self._lines_of_saves(lines, acknowledged[self._seen :])
        found += self._replay(lines, records)
        self._seen, self._seq, self._replayed = len(acknowledged), newest, records
        return found

    @staticmethod
    def _lines_of_saves(lines: list[Any], acknowledged: list[Acknowledged]) -> list[Broken]:
        written: defaultdict[str, list[Acknowledged]] = defaultdict(list)
        for line in lines:
            if line.action == "update":
                text = line.fields.get("wht_submission_comment", [None, None])[1]
                written[text].append(Acknowledged(line.entity_id, text, line.version, line.seq, line.actor))
        found = []
        for one in acknowledged:
            here = written.pop(one.text, [])
            if here != [one]:
                what = DOUBLED if len(here) > 1 else OVERWRITTEN if here else MISSED
                found.append(Broken(what, f"acknowledged {one}; in the log {here or 'nowhere'}"))
        return found + [Broken(DOUBLED, f"in the log, but never acknowledged: {one}") for one in written.values()]

    def _replay(self, lines: list[Any], records: Truth) -> list[Broken]:
        found = []
        for line in lines:
            before = self._replayed.get(line.entity_id)
            if before is None:
                continue  # a record of another month
            if line.version != before["version"] + 1:
                found.append(f"{line.entity_id}: version {line.version} follows {before['version']}")
            before |= {"version": line.version, "seq": line.seq}
            for name, (old, new) in line.fields.items():
                if before[name] != old:
                    found.append(f"{line.entity_id}: line {line.seq} has {name} from {old}, it was {before[name]}")
                before[name] = new
        for record_id, row in records.items():
            replayed = self._replayed[record_id]
            unlike = [name for name in row if name not in ("updated_at", "updated_by") and row[name] != replayed[name]]
            found += [f"{record_id}: {name} is {row[name]}, by the log {replayed[name]}" for name in unlike]
        return [Broken(OVERWRITTEN, text) for text in found]

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()
