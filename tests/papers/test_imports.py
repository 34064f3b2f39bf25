"""Bringing files in: a preview, then everything or nothing; what was taken out changes nothing on its way back."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from bmu.accounts.models import Employee
from bmu.changes.models import ChangeLog
from bmu.changes.work import By, last_seq
from bmu.clients import service
from bmu.clients.models import Client
from bmu.extensions import db
from bmu.papers.imports import IMPORTS
from tests.conftest import MONTH, STRANGER, Colleague
from tests.papers.conftest import GOOD, HEAD, send, workbook

SignIn = Callable[[str], Colleague]
EXPORTS = {
    "clients": "/clients/export",
    "employees": "/people/export",
    "assignments": "/assignments/export",
}


def seq(app: Flask) -> int:
    with app.app_context():
        return last_seq()


def found(app: Flask, build: str) -> Client | None:
    with app.app_context():
        client = db.session.scalar(select(Client).where(Client.build == build))
        db.session.expunge_all()
        return client


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("lang", ["th", "en"])
@pytest.mark.parametrize("sheet", EXPORTS)
def test_what_was_taken_out_changes_nothing_when_it_comes_back(
    app: Flask, sign_in: SignIn, sheet: str, lang: str, form: str
) -> None:
    who, before = sign_in("admin").speaking(lang), seq(app)
    data = who.get(f"{EXPORTS[sheet]}.{form}", month=str(MONTH), archived="all").data
    answer = send(who, sheet, data, "import", reason="x")
    assert answer.status_code == 200, answer.text
    assert 'data-tone="good"' in answer.text
    assert seq(app) == before


def test_a_preview_says_what_would_be_and_changes_nothing(app: Flask, sign_in: SignIn) -> None:
    before = seq(app)
    text = send(sign_in("admin"), "clients", workbook(HEAD, GOOD)).text
    assert "จะเพิ่ม 1 แก้ไข 0" in text
    assert found(app, "901") is None and seq(app) == before


def test_the_preview_carries_the_file_for_the_second_step(app: Flask, sign_in: SignIn) -> None:
    data, who = workbook(HEAD, GOOD), sign_in("admin")
    content = base64.b64encode(data).decode()
    assert f'name="content" value="{content}"' in send(who, "clients", data).text
    answer = who.call("POST", "/import/clients", data={"content": content, "do": "import"})
    assert "เพิ่ม 1" in answer.text
    assert (client := found(app, "901")) is not None and client.company_name == GOOD[1]


def test_a_new_client_from_a_file_is_one_like_any_other(app: Flask, sign_in: SignIn) -> None:
    head = [*HEAD, "เลขที่", "จังหวัด", "วันที่จดภาษีมูลค่าเพิ่ม"]
    send(sign_in("admin"), "clients", workbook(head, [*GOOD, "9", "ตรัง", "1/4/2562"]), "import")
    with app.app_context():
        twin = dict(zip(("build", "company_name", "company_status"), ["902", *GOOD[1:]], strict=True))
        service.create(By("x"), twin | {"address_number": "9", "province": "ตรัง", "vat_registration_date": "1/4/2562"})
    one, other = found(app, "901"), found(app, "902")
    assert one and other
    for column in set(Client.__table__.c.keys()) - {"id", "build", "build_order", "seq", "created_at", "updated_at"}:
        assert column == "updated_by" or getattr(one, column) == getattr(other, column), column


def test_a_changed_client_keeps_what_the_file_does_not_name(app: Flask, sign_in: SignIn) -> None:
    before = found(app, "018")
    assert before
    send(sign_in("admin"), "clients", workbook(HEAD, ["18", "ชื่อใหม่", "รายเดือน"]), "import")
    after = found(app, "018")
    assert after and (after.company_name, after.version) == ("ชื่อใหม่", before.version + 1)
    assert after.legal_entity_number == before.legal_entity_number
    with app.app_context():
        newest = db.session.scalar(select(ChangeLog).order_by(ChangeLog.seq.desc()).limit(1))
        assert newest and list(newest.fields) == ["company_name"] and newest.actor == "AC00001"


def test_english_headings_and_choices_are_understood(app: Flask, sign_in: SignIn) -> None:
    columns = IMPORTS["clients"].sheet.columns
    head = [next(c.names[1] for c in columns if c.key == key) for key in ("build", "company_name", "company_status")]
    assert head[1] not in HEAD
    send(sign_in("admin"), "clients", workbook(head, GOOD), "import")
    assert found(app, "901")


def test_one_wrong_line_keeps_all_the_others_out(app: Flask, sign_in: SignIn) -> None:
    answer = send(sign_in("admin"), "clients", workbook(HEAD, GOOD, ["902", "", "รายเดือน"]), "import")
    assert answer.status_code == 422 and 'data-cell="B3"' in answer.text
    assert found(app, "901") is None


def test_employees_come_in_without_accounts(app: Flask, sign_in: SignIn) -> None:
    head = [column.label for column in IMPORTS["employees"].sheet.columns]
    send(sign_in("admin"), "employees", workbook(head, ["AC00901", "ใหม่", "", "นก", "", "ทำงานอยู่"]), "import")
    with app.app_context():
        new = db.session.scalar(select(Employee).where(Employee.employee_id == "AC00901"))
        assert new and (new.display_name, new.last_name) == ("ใหม่(นก)", "")


def test_assignments_come_in_by_the_rules_of_the_grid(sign_in: SignIn, record: dict[str, Any]) -> None:
    head, who = ["Build", "month", "accounting_responsible"], sign_in("AC00008")
    head[0] = "build"
    answer = send(who, "assignments", workbook(head, ["018", str(MONTH), STRANGER]), "import", reason="ลาป่วย")
    assert 'data-tone="good"' in answer.text, answer.text
    assert sign_in(STRANGER).get(record["id"]).json["data"]["accounting_responsible"] == STRANGER
    for wrong, cell in ((["018", str(MONTH), "AC00031"], "C2"), (["018", "2031-01", STRANGER], "A2")):
        answer = send(who, "assignments", workbook(head, wrong), "import", reason="x")
        assert answer.status_code == 422 and f'data-cell="{cell}"' in answer.text


@pytest.mark.parametrize(
    ("sheet", "may"),
    [("clients", {"admin", "AC00008"}), ("employees", {"admin"}), ("assignments", {"admin", "AC00008"})],
)
def test_who_may_bring_in_is_who_opens_the_list(sign_in: SignIn, sheet: str, may: set[str]) -> None:
    for username in ("admin", "AC00008", "AC00024", "AC00012"):
        who, wanted = sign_in(username), 200 if username in may else 403
        assert who.get(f"/import/{sheet}").status_code == wanted, username
        assert send(who, sheet, workbook(HEAD), "import").status_code == (422 if username in may else 403)


def test_the_template_is_understood_and_holds_no_line(app: Flask, sign_in: SignIn) -> None:
    for sheet in IMPORTS:
        data = sign_in("admin").get(f"/import/{sheet}/template.xlsx").data
        answer = send(sign_in("admin"), sheet, data)
        assert "ไม่มีข้อมูลในไฟล์" in answer.text, answer.text


def test_with_scripts_the_answer_tells_how_far_it_has_come(sign_in: SignIn) -> None:
    form = {"content": base64.b64encode(workbook(HEAD, GOOD)).decode(), "do": "import"}
    said = sign_in("admin").call("POST", "/import/clients", data=form, headers={"Accept": "application/x-ndjson"}).text
    steps = [json.loads(line) for line in said.splitlines()]
    percents = [step["percent"] for step in steps]
    assert percents == sorted(set(percents)) and percents[-1] == 100 and len(steps) > 2
    assert "เพิ่ม 1" in steps[-1]["html"]


def test_a_file_that_is_too_large_is_refused_before_it_is_read(sign_in: SignIn) -> None:
    body = {"data": b"x" * 11_000_000, "content_type": "multipart/form-data; boundary=x"}
    assert sign_in("admin").call("POST", "/import/clients", **body).status_code == 413


def test_the_command_imports_and_only_says_so_on_a_dry_run(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "clients.xlsx"
    file.write_bytes(workbook(HEAD, GOOD))
    invoke = app.test_cli_runner().invoke
    dry = invoke(args=["import", "clients", str(file), "--dry-run"])
    assert dry.exit_code == 0 and "1 would be added" in dry.output and found(app, "901") is None
    done = invoke(args=["import", "clients", str(file)])
    assert done.exit_code == 0 and "1 added" in done.output and found(app, "901")
    file.write_bytes(workbook(HEAD, ["x", "", "รายเดือน"]))
    wrong = invoke(args=["import", "clients", str(file)])
    assert wrong.exit_code == 1 and "A2" in wrong.stderr and "B2" in wrong.stderr


def test_all_commands_know_their_sheet(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "nothing.csv"
    file.write_text("x\n1\n")
    for sheet in IMPORTS:
        assert app.test_cli_runner().invoke(args=["import", sheet, str(file)]).exit_code == 1


def test_many_rows_come_in_at_once(app: Flask, sign_in: SignIn) -> None:
    lines = [[f"{1000 + n}", f"บริษัท {n} จำกัด", "รายเดือน"] for n in range(500)]
    assert "เพิ่ม 500" in send(sign_in("admin"), "clients", workbook(HEAD, *lines), "import").text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Client)) >= 540


def test_every_list_leads_to_its_import_and_its_export(sign_in: SignIn) -> None:
    for sheet, path in EXPORTS.items():
        page = sign_in("admin").get(f"/{path.split('/')[1]}").text
        assert f'href="/import/{sheet}"' in page and f'href="{path}.xlsx' in page
