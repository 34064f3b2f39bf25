"""How far back the change log can be believed when somebody asks what they missed.

A page whose place lies behind the horizon reads its list anew: what happened since has been trimmed from the log,
or was undone by a restored backup and stands in no log at all (design §6).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update

from bmu.changes.models import ChangeAudience, ChangeLog, Counter
from bmu.changes.work import Work
from bmu.extensions import db

HORIZON = "horizon"


def horizon() -> int:
    """The place before which nobody can catch up; 0 when the whole log is there."""
    return db.session.execute(select(Counter.value).where(Counter.name == HORIZON)).scalar_one_or_none() or 0


def raise_to(work: Work, seq: int) -> None:
    """Let nobody catch up from before `seq`. Never goes back."""
    higher = update(Counter).where(Counter.name == HORIZON, Counter.value < seq).values(value=seq)
    if work.session.get(Counter, HORIZON) is None:
        work.session.add(Counter(name=HORIZON, value=seq))
    else:
        work.session.execute(higher, execution_options={"synchronize_session": False})


def trim(work: Work, before: datetime, most: int) -> int:
    """Delete at most `most` changes older than `before` (aware), the oldest first; how many went.

    Only from the log's beginning: a change that a wrong clock made too old stays until those before it may go. The
    history of a record loses them too, which is why nothing is trimmed unless the firm asks for it.
    """
    oldest = select(ChangeLog.seq, ChangeLog.at).order_by(ChangeLog.seq).limit(most).subquery()
    young = work.session.scalar(select(func.min(oldest.c.seq)).where(oldest.c.at >= before))
    last = young - 1 if young else work.session.scalar(select(func.max(oldest.c.seq)))
    if not last:
        return 0
    gone = work.session.scalars(delete(ChangeLog).where(ChangeLog.seq <= last).returning(ChangeLog.seq)).all()
    if gone:
        work.session.execute(delete(ChangeAudience).where(ChangeAudience.seq <= last))
        raise_to(work, last)
    return len(gone)
