"""What was counted once is asked anew when it may have changed, and only then. Nobody sees what an old count says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import event, select

from bmu.changes import horizon
from bmu.changes.work import By, Work, last_seq, transaction
from bmu.clients.models import Client
from bmu.extensions import db
from bmu.i18n import Month
from bmu.monthly_tax import queries, summary
from bmu.monthly_tax.filters import Filters
from bmu.monthly_tax.kept import MOST, Kept
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.monthly_tax.rules import STATUS_PAGE
from bmu.monthly_tax.sorting import Sort
from tests.conftest import MONTH

BY = By("AC00024")
BEFORE = MONTH.plus(-1)
NEWEST_FIRST = Sort("tax_year", True)


@pytest.fixture(autouse=True)
def _in_the_app(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@contextmanager
def counting() -> Iterator[list[str]]:
    """The statements about records that are sent meanwhile, but for those that read the log."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "FROM monthly_tax_data" in statement:
            found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield found
    event.remove(db.engine, "before_cursor_execute", note)


def one_of(work: Work, month: Month, status: str) -> MonthlyTaxData:
    wanted = select(MonthlyTaxData).filter_by(tax_year=month.year, tax_month=month.month, pnd_status=status)
    return work.session.scalars(wanted.limit(1)).one()


def save(month: Month, was: str = "pending_review") -> None:
    """Somebody saves that a record of `month` is paid, which `was` something else."""
    with transaction(BY) as work:
        work.edit(one_of(work, month, was), {"pnd_status": "paid"})


def figures() -> int:
    return summary.summary(STATUS_PAGE, Filters(*MONTH))["wht"]["responsible_count"]


def listed() -> int:
    return len(queries.ids(Filters(*MONTH, pnd=("paid",)), Sort()))


def paged() -> int:
    return queries.page(Filters(pnd=("paid",)), NEWEST_FIRST, 1, 1)[1]


ASKED = pytest.mark.parametrize("ask", [figures, listed, paged])


@ASKED
def test_nothing_is_counted_twice(ask: Callable[[], int]) -> None:
    found = ask()
    with counting() as sent:
        assert ask() == found
    assert not [one for one in sent if "count(" in one or ("ORDER BY" in one and " IN " not in one)], sent


@ASKED
def test_a_save_is_counted_at_once(ask: Callable[[], int]) -> None:
    found = ask()
    save(MONTH)
    assert ask() == found + 1


def test_a_save_in_another_month_leaves_a_month_as_it_is() -> None:
    found = figures(), listed()
    save(BEFORE, "received_receipt")
    with counting() as sent:
        assert (figures(), listed()) == found
    assert not sent


def test_of_all_months_only_the_changed_one_is_counted_again() -> None:
    found = paged()
    save(BEFORE, "received_receipt")
    with counting() as sent:
        assert paged() == found + 1
    [counted] = [one for one in sent if "count(" in one]
    assert "tax_month = " in counted and "GROUP BY" not in counted


@ASKED
def test_what_becomes_of_a_client_is_counted_at_once(ask: Callable[[], int]) -> None:
    ask()
    with transaction(BY) as work:
        work.edit(work.session.scalars(select(Client).limit(1)).one(), {"note": "อื่น"})
    with counting() as sent:
        ask()
    assert [one for one in sent if "count(" in one or "ORDER BY" in one]


@ASKED
def test_nobody_is_told_what_was_never_committed(ask: Callable[[], int]) -> None:
    """Another save takes its place in the log."""
    found = ask()
    with pytest.raises(ZeroDivisionError), transaction(BY) as work:
        work.edit(one_of(work, MONTH, "pending_review"), {"pnd_status": "paid"})
        work.number()
        assert ask() == found + 1
        raise ZeroDivisionError
    with transaction(BY) as work:
        work.edit(one_of(work, BEFORE, "received_receipt"), {"wht_inquiry": "ถาม"})
    assert ask() == found


def test_behind_the_logs_horizon_nothing_kept_is_believed() -> None:
    """A restored backup, whose log is another one."""
    kept = Kept()
    assert kept.of_month("?", MONTH, lambda: "before") == "before"
    save(BEFORE, "received_receipt")
    with transaction(BY) as work:
        horizon.raise_to(work, last_seq())
    assert kept.of_month("?", MONTH, lambda: "restored") == "restored"


def test_of_many_answers_the_oldest_is_forgotten() -> None:
    kept = Kept()
    for number in range(MOST):
        kept.of_month(number, MONTH, lambda: "kept")
    assert kept.of_month(0, MONTH, lambda: "anew") == "kept"
    kept.of_month(MOST, MONTH, lambda: "kept")
    assert kept.of_month(0, MONTH, lambda: "anew") == "kept"
    assert kept.of_month(1, MONTH, lambda: "anew") == "anew"


def test_ones_own_list_is_not_kept() -> None:
    """It is as short in a large firm, and a save would have to read the log besides."""
    own = Filters(*MONTH, anyone="AC00024")
    queries.ids(own, Sort())
    with counting() as sent:
        assert queries.ids(own, Sort())
    assert len(sent) == 1
