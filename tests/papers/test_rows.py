"""Many rows at once: logged one by one, in the order of the log, and never too many changes while others wait."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from bmu.changes.models import ChangeLog
from bmu.changes.work import By, committed
from bmu.clients.models import Client
from bmu.extensions import db
from bmu.papers import rows
from bmu.papers.importing import Report, run
from bmu.papers.imports import IMPORTS
from tests.papers.conftest import HEAD, workbook


def bring(data: bytes) -> Report:
    *_, report = run(IMPORTS["clients"].importer(), data, By("AC00001", "x"), dry=False)
    assert isinstance(report, Report)
    return report


def test_each_new_row_has_its_line_and_its_place_in_the_log(app: Flask) -> None:
    told = []
    receiver = committed.connect(lambda changes: told.extend(changes), weak=False)
    with app.app_context():
        assert bring(workbook(HEAD, *([f"{900 + n}", f"บริษัท {n}", "รายเดือน"] for n in range(450)))).done
        made = db.session.scalars(select(Client).where(Client.build_order >= 900 * 10_000_000)).all()
        lines = {line.entity_id: line for line in db.session.scalars(select(ChangeLog)) if line.entity == "clients"}
        assert len(made) == 450 and len({client.seq for client in made}) == 450
        for client in made:
            line = lines[client.id]
            assert (line.seq, line.version, line.action) == (client.seq, 1, "create")
            assert line.fields["company_name"] == [None, client.company_name]
            assert client.updated_by == line.actor == "AC00001"
    committed.disconnect(receiver)
    assert [change.seq for change in told] == sorted(client for client in (change.seq for change in told))


def test_too_many_changes_at_once_are_refused_whole(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_CHANGES", 1)
    with app.app_context():
        builds = db.session.scalars(select(Client.build).limit(2)).all()
        report = bring(workbook(HEAD, *([build, "ชื่ออื่น", "รายเดือน"] for build in builds), ["901", "x", "รายเดือน"]))
        assert not report.done and "1" in report.found.faults[0].why
        assert db.session.scalar(select(Client).where(Client.build == "901")) is None
