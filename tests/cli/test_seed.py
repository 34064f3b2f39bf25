"""`flask seed`: when it fills a database, when it refuses, and that it repeats."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select, update

from bmu import create_app
from bmu.accounts.models import Employee, User
from bmu.accounts.passwords import verify
from bmu.changes.models import ChangeLog
from bmu.changes.work import committed
from bmu.cli.seed import NotEmpty, Size, sow
from bmu.clients.models import Client
from bmu.config import Config
from bmu.extensions import db
from bmu.i18n import Month
from bmu.monthly_tax.fields import PEOPLE
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.notifications.models import Notification

NOW = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)
SMALL = Size(clients=20, months=2, employees=12)
ARGUMENTS = ("--clients", "20", "--months", "2", "--employees", "12")
TABLES = (Employee, User, Client, MonthlyTaxData, ChangeLog, Notification)


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Flask]:
    """An app on a database without tables."""
    url = f"sqlite:///{tmp_path / 'bmu.sqlite'}"
    secret = "a secret of the tests, 32 letters or more"
    app = create_app(Config(url, tmp_path, secret, testing=True, log_level="WARNING"))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def empty(bare: Flask) -> Flask:
    """An app on an empty database."""
    db.create_all()
    return bare


def _flask(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["seed", *words])


def _count(model: Any) -> int:
    return db.session.execute(select(func.count()).select_from(model)).scalar_one()


def _contents() -> list[list[dict[str, Any]]]:
    """Every row, without the hashes (salted) and the times."""
    rows = [
        db.session.execute(select(model.__table__).order_by(*model.__table__.primary_key)).mappings()
        for model in TABLES
    ]
    return [[{key: value for key, value in row.items() if key != "password_hash"} for row in table] for table in rows]


def _wipe() -> None:
    db.session.remove()
    db.drop_all()
    db.create_all()


def test_a_demo_is_made_in_an_empty_database(empty: Flask) -> None:
    result = _flask(empty, "demo", *ARGUMENTS)
    assert result.exit_code == 0, result.output
    assert (_count(Employee), _count(User), _count(Client)) == (12, 12, 20)
    assert 20 <= _count(MonthlyTaxData) <= 40
    assert f"{_count(MonthlyTaxData)} records" in result.output


def test_everybody_signs_in_with_the_demo_password(empty: Flask) -> None:
    sow(SMALL, NOW)
    for user in db.session.scalars(select(User)):
        assert user.password_hash.startswith("$argon2id$") and not user.must_change_password
    assert verify(user.password_hash, "bmu-demo-2569")


def test_a_database_with_data_is_refused_and_left_as_it_was(empty: Flask) -> None:
    sow(SMALL, NOW)
    before = _contents()
    result = _flask(empty, "demo", *ARGUMENTS)
    assert result.exit_code == 2 and "not empty" in result.output
    assert _contents() == before


def test_even_a_single_person_makes_it_not_empty(empty: Flask) -> None:
    db.session.add(Employee(id="1", employee_id="AC1", first_name="ก", created_at=NOW, updated_at=NOW))
    db.session.commit()
    with pytest.raises(NotEmpty):
        sow(SMALL, NOW)
    assert _count(Client) == 0


def test_if_empty_says_and_does_nothing_when_there_are_data(empty: Flask) -> None:
    sow(SMALL, NOW)
    before = _contents()
    result = _flask(empty, "demo", *ARGUMENTS, "--if-empty")
    assert (result.exit_code, result.output) == (0, "")
    assert _contents() == before


def test_if_empty_fills_an_empty_database(empty: Flask) -> None:
    assert _flask(empty, "demo", *ARGUMENTS, "--if-empty").exit_code == 0
    assert _count(Client) == 20


@pytest.mark.parametrize("words", [("demo",), ("demo", "--if-empty"), ("month", "2026-10")])
def test_without_tables_it_says_how_to_make_them(bare: Flask, words: tuple[str, ...]) -> None:
    result = _flask(bare, *words)
    assert result.exit_code == 2 and "flask --app wsgi db upgrade" in result.output


@pytest.mark.parametrize(
    "words", [("demo", "--clients", "5"), ("demo", "--months", "0"), ("month", "2026-13"), ("month", "10")]
)
def test_nonsense_is_refused(empty: Flask, words: tuple[str, ...]) -> None:
    assert _flask(empty, *words).exit_code == 2


def test_the_same_numbers_make_the_same_demo(empty: Flask) -> None:
    sow(SMALL, NOW)
    first = _contents()
    _wipe()
    sow(SMALL, NOW)
    assert _contents() == first


def test_another_number_makes_another_demo_with_the_same_people(empty: Flask) -> None:
    sow(SMALL, NOW)
    first = set(db.session.scalars(select(Client.company_name)))
    people = set(db.session.scalars(select(Employee.first_name)))
    _wipe()
    sow(Size(clients=20, months=2, employees=12, rng=2), NOW)
    assert set(db.session.scalars(select(Client.company_name))) != first
    assert set(db.session.scalars(select(Employee.first_name))) == people


def test_another_day_moves_only_the_times(empty: Flask) -> None:
    def statuses() -> list[Any]:
        columns = (MonthlyTaxData.id, MonthlyTaxData.pnd_status, MonthlyTaxData.pp30_status, MonthlyTaxData.wht_inquiry)
        return db.session.execute(select(*columns).order_by(MonthlyTaxData.id)).all()

    sow(SMALL, NOW)
    first = statuses()
    _wipe()
    sow(SMALL, NOW + timedelta(days=40))
    assert statuses() == first
    assert db.session.scalar(select(func.max(MonthlyTaxData.tax_year))) == 2026


def _builds(month: Month) -> set[str]:
    where = (MonthlyTaxData.tax_year == month.year, MonthlyTaxData.tax_month == month.month)
    return set(db.session.scalars(select(MonthlyTaxData.build).where(*where)))


def test_a_month_is_opened_for_every_active_client_with_the_same_people(empty: Flask) -> None:
    sow(SMALL, NOW)
    active = set(db.session.scalars(select(Client.build).where(Client.company_status != "ยกเลิกทำ")))
    result = _flask(empty, "month", "2026-11")
    assert result.exit_code == 0 and f"{len(active)} records" in result.output
    assert _builds(Month(2026, 11)) == active
    old, new = (
        db.session.execute(select(MonthlyTaxData).filter_by(build="018", tax_month=month)).scalar_one()
        for month in (10, 11)
    )
    assert new.people() == old.people() and None not in new.people().values()
    assert (new.version, new.pnd_status, new.original_accounting_responsible) == (1, None, "AC00024")


def test_opening_a_month_again_changes_nothing(empty: Flask) -> None:
    sow(SMALL, NOW)
    _flask(empty, "month", "2026-11")
    before = _contents()
    result = _flask(empty, "month", "2026-11")
    assert result.exit_code == 0 and "2026-11: 0 records" in result.output
    assert _contents() == before


def test_opening_a_month_adds_only_what_is_missing(empty: Flask) -> None:
    sow(SMALL, NOW)
    had, before = _builds(Month(2026, 10)), _contents()[3]
    db.session.execute(update(Client).values(company_status="รายเดือน"))
    db.session.commit()
    _flask(empty, "month", "2026-10")
    added = _builds(Month(2026, 10)) - had
    assert added and len(had) + len(added) == 20
    assert [row for row in _contents()[3] if row in before] == before


def test_the_people_are_those_of_the_newest_earlier_month(empty: Flask) -> None:
    sow(SMALL, NOW)
    newest = update(MonthlyTaxData).where(MonthlyTaxData.build == "018", MonthlyTaxData.tax_month == 10)
    db.session.execute(newest.values(accounting_responsible="AC00040"))
    db.session.commit()
    _flask(empty, "month", "2027-01")
    record = db.session.execute(select(MonthlyTaxData).filter_by(build="018", tax_year=2027)).scalar_one()
    assert record.accounting_responsible == record.original_accounting_responsible == "AC00040"


def test_a_client_without_an_earlier_month_gets_a_record_of_nobodys(empty: Flask) -> None:
    sow(SMALL, NOW)
    _flask(empty, "month", "2020-01")
    record = db.session.execute(select(MonthlyTaxData).filter_by(build="018", tax_year=2020)).scalar_one()
    assert record.people() == dict.fromkeys(PEOPLE)


def test_open_pages_hear_of_an_opened_month(empty: Flask) -> None:
    sow(SMALL, NOW)
    told: list[Any] = []
    with committed.connected_to(told.extend):
        _flask(empty, "month", "2026-11")
    assert {change.action for change in told} == {"create"}
    assert any("AC00024" in change.after for change in told)
