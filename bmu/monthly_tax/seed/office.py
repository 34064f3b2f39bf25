"""When people of the demo work: moments in office hours of Bangkok, and never later than now."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate

from bmu.i18n import BANGKOK, Month

_HOURS = ((time(8, 30), time(12)), (time(13), time(17, 30)))
_SATURDAY = 5
# The work on a month is done by this day of the next one (VAT is due on the 23rd, thai-tax C.1).
_DONE = 25
# Up to this day of a month, the work on the newest tax month is shown as having begun before the month was over.
_YOUNG = 7


class Office:
    """The office hours between two times as one line from 0 to 1. Weekdays only; holidays are not known here."""

    def __init__(self, first: date, until: datetime) -> None:
        self._spans = list(_spans(first, until.astimezone(BANGKOK)))
        self._ends = list(accumulate(int((end - start).total_seconds()) for start, end in self._spans))

    def at(self, place: float) -> datetime:
        """The moment (aware UTC, whole seconds) at `place`, from 0 up to but without 1."""
        second = int(place * self._ends[-1])
        span = bisect_right(self._ends, second)
        before = self._ends[span - 1] if span else 0
        return (self._spans[span][0] + timedelta(seconds=second - before)).astimezone(UTC)


def _spans(first: date, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    for ahead in range((until.date() - first).days + 1):
        day = first + timedelta(days=ahead)
        if day.weekday() >= _SATURDAY:
            continue
        for start, end in _HOURS:
            opens = datetime.combine(day, start, BANGKOK)
            closes = min(datetime.combine(day, end, BANGKOK), until)
            if closes > opens:
                yield opens, closes


def office_of(month: Month, now: datetime) -> Office:
    """When the work on the tax month `month` was done, seen at `now` (aware): in the next calendar month, or so far.

    The times of two months never overlap: what happened in one is before what happened in the next.
    """
    here, following = now.astimezone(BANGKOK), month.plus(1)
    first = date(following.year, following.month, 1)
    if (here.year, here.month) > following:
        return Office(first, datetime(following.year, following.month, _DONE, 18, tzinfo=BANGKOK))
    return Office(date(month.year, month.month, _DONE + 1) if here.day <= _YOUNG else first, here)
