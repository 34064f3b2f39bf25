"""The migrations' database is the models' database, and every migration runs up and down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError

from bmu import create_app
from bmu.changes.work import transaction
from bmu.extensions import db
from bmu.monthly_tax.creation import blank
from bmu.monthly_tax.models import MonthlyTaxData
from tests import databases
from tests.conftest import FIVE, MONTH, close, config_for


def _made(url: str, folder: Path) -> Iterator[Flask]:
    app = create_app(config_for(url, folder))
    with app.app_context():
        yield app
    close(app)


@pytest.fixture
def migrated(firm: str, tmp_path: Path) -> Iterator[Flask]:
    """The firm's database, built by the migrations."""
    yield from _made(databases.copy(firm, tmp_path), tmp_path)


@pytest.fixture
def modelled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A database built from the models."""
    folder = tmp_path_factory.mktemp("modelled")
    for app in _made(databases.empty(folder), folder):
        db.create_all()
        yield app


def shape() -> dict[str, Any]:
    """All that an inspector sees of the open database."""
    look = inspect(db.engine)
    tables = set(look.get_table_names()) - {"alembic_version"}
    return {
        table: {
            "columns": [(c["name"], str(c["type"]), c["nullable"]) for c in _by_name(look.get_columns(table))],
            "key": look.get_pk_constraint(table)["constrained_columns"],
            "foreign": _by_name(look.get_foreign_keys(table)),
            "indexes": [_index(one) for one in _by_name(look.get_indexes(table))],
            "unique": _by_name(look.get_unique_constraints(table)),
            "checks": _by_name(look.get_check_constraints(table)),
        }
        for table in tables
    }


def _index(found: Any) -> dict[str, Any]:
    """An index, with the condition of a partial one as text: clauses are not equal to one another."""
    return {**found, "dialect_options": {name: str(value) for name, value in found["dialect_options"].items()}}


def _by_name(found: Any) -> list[Any]:
    return sorted(found, key=lambda one: one["name"] or "")


def test_the_migrations_leave_nothing_for_alembic_to_add(migrated: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, db.metadata) == []


def test_the_migrations_make_what_the_models_say(firm: str, tmp_path: Path, modelled: Flask) -> None:
    """More than alembic compares: checks, foreign keys with their actions, keys."""
    wanted = shape()
    for _app in _made(databases.copy(firm, tmp_path), tmp_path):
        assert shape() == wanted


def test_every_migration_runs_down_and_up_again(migrated: Flask) -> None:
    before = shape()
    steps = list(ScriptDirectory("bmu/migrations").walk_revisions())
    for step in steps:
        downgrade(revision="-1")
        found = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        assert found == step.down_revision
        db.session.remove()
    assert shape() == {}
    upgrade()
    assert shape() == before


def test_there_is_one_newest_migration() -> None:
    assert len(ScriptDirectory("bmu/migrations").get_heads()) == 1


def test_a_company_has_one_record_a_month(migrated: Flask) -> None:
    """TRAP: the original's unique key held nothing (domain §1.1)."""
    with pytest.raises(IntegrityError), transaction() as work:
        twin = blank("018", MONTH, FIVE)
        work.add(twin, {})
    assert len(db.session.scalars(select(MonthlyTaxData).where(MonthlyTaxData.build == "018")).all()) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"tax_month": 13},
        {"tax_month": 0},
        {"build": "99999"},
        {"accounting_responsible": "XX99999"},
        {"pp30_payment_amount": -1},
    ],
    ids=str,
)
def test_the_database_refuses_what_can_not_be(migrated: Flask, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction() as work:
        record = blank("018", MONTH.plus(5), FIVE)
        for name, value in wrong.items():
            setattr(record, name, value)
        work.add(record, {})
