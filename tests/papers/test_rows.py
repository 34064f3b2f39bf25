"""Many rows at once: logged one by one, in the order of the log, and nobody waits for them meanwhile."""

from __future__ import annotations

import re

from flask import Flask
from sqlalchemy import event, func, select

from bmu.changes.models import ChangeAudience, ChangeLog
from bmu.changes.work import By, committed
from bmu.clients import service
from bmu.clients.fields import FIELDS
from bmu.clients.models import Client
from bmu.extensions import db
from bmu.papers.importing import CHANGED_MEANWHILE, COMPARED, Report, Step, run
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


def test_a_changed_row_is_logged_numbered_and_told_as_one_that_is_edited_on_its_page(app: Flask) -> None:
    with app.app_context():
        one, other = db.session.scalars(select(Client).where(Client.note.is_(None)).order_by(Client.build).limit(2))
        ids, versions = [one.id, other.id], [one.version + 1, other.version + 1]
        service.edit(By("AC00001", "x"), other.build, {"note": "ใหม่"})
        assert bring(
            workbook([*HEAD, FIELDS["note"].label], [one.build, one.company_name, one.company_status, "ใหม่"])
        ).done
        lines = [newest(one) for one in ids]
        assert [line.version for line in lines] == versions
        assert [line.fields for line in lines] == [{"note": [None, "ใหม่"]}] * 2
        assert [(line.action, line.page, line.actor, line.reason) for line in lines] == [
            ("update", None, "AC00001", None)
        ] * 2
        for id_, line in zip(ids, lines, strict=True):
            client = db.session.get_one(Client, id_)
            assert (client.seq, client.version, client.updated_at) == (line.seq, line.version, line.at)
            assert heard(line.seq) == client.audience() != frozenset()


def test_of_many_rows_only_the_columns_that_some_row_changes_are_written_while_others_wait(app: Flask) -> None:
    """An index is written anew for each row whose column is named, and everybody's saves wait for it."""
    said: list[str] = []
    with app.app_context():
        one, other = db.session.scalars(select(Client).order_by(Client.build).limit(2)).all()
        head = [*HEAD, FIELDS["note"].label, FIELDS["business_category"].label]
        lines = (
            [one.build, one.company_name, one.company_status, "ใหม่", one.business_category],
            [other.build, other.company_name, other.company_status, other.note, "หมวดใหม่"],
        )
        event.listen(db.engine, "before_cursor_execute", lambda _c, _cursor, sql, *_rest: said.append(sql))
        assert bring(workbook(head, *lines)).done
        db.session.expire_all()
        assert (one.note, other.business_category) == ("ใหม่", "หมวดใหม่")
    [update] = [sql for sql in said if sql.startswith("UPDATE clients")]
    assert set(re.findall(r"(\w+)=", update.partition(" FROM ")[0])) == {
        "note", "business_category", "seq", "version", "updated_at", "updated_by"
    }  # fmt: skip


def newest(entity_id: str) -> ChangeLog:
    line = db.session.scalar(select(ChangeLog).where(ChangeLog.entity_id == entity_id).order_by(ChangeLog.seq.desc()))
    assert line is not None
    return line


def heard(seq: int) -> frozenset[str]:
    return frozenset(db.session.scalars(select(ChangeAudience.employee_id).where(ChangeAudience.seq == seq)))


def test_what_somebody_else_changed_after_it_was_compared_stops_all_of_it(app: Flask) -> None:
    data = workbook(HEAD, ["018", "ชื่ออื่น", "รายเดือน"], ["901", "บริษัท ใหม่", "รายเดือน"])
    with app.app_context():
        steps = run(IMPORTS["clients"].importer(), data, By("AC00001", "x"), dry=False)
        while next(steps).percent < COMPARED:  # type: ignore[union-attr]
            pass
        service.edit(By("AC00008", "y"), "018", {"note": "เร็วกว่า"})
        *_, report = steps
        assert isinstance(report, Report) and not report.done
        assert report.found.faults[0].why == CHANGED_MEANWHILE
        assert db.session.scalar(select(Client).where(Client.build == "901")) is None


def test_others_save_while_rows_are_laid_down(app: Flask) -> None:
    """On SQLite a writer that holds its place would keep this save waiting until it gives up."""
    lines = [[f"{1000 + n}", f"บริษัท {n}", "รายเดือน"] for n in range(300)]
    with app.app_context():
        percents = []
        for step in run(IMPORTS["clients"].importer(), workbook(HEAD, *lines), By("AC00001", "x"), dry=False):
            if isinstance(step, Step) and step.percent > COMPARED:
                percents.append(step.percent)
                service.edit(By("AC00008", "y"), "018", {"note": str(step.percent)})
        assert len(set(percents)) > 3 and percents == sorted(percents)
        assert db.session.scalar(select(func.count()).select_from(Client).where(Client.build.startswith("1"))) >= 300


def test_a_build_that_somebody_else_took_meanwhile_stops_all_of_it(app: Flask) -> None:
    data = workbook(HEAD, ["901", "บริษัท ก", "รายเดือน"], ["902", "บริษัท ข", "รายเดือน"])
    with app.app_context():
        steps = run(IMPORTS["clients"].importer(), data, By("AC00001", "x"), dry=False)
        while next(steps).percent < COMPARED:  # type: ignore[union-attr]
            pass
        service.create(By("AC00008", "y"), {"build": "902", "company_name": "เร็วกว่า"})
        *_, report = steps
        assert isinstance(report, Report) and [fault.why for fault in report.found.faults] == [CHANGED_MEANWHILE]
        assert db.session.scalar(select(Client).where(Client.build == "901")) is None
        assert bring(workbook(HEAD, ["901", "บริษัท ก", "รายเดือน"])).done, "the table of the first one is in the way"
