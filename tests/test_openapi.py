"""The API describes itself, validly, and as it is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import BaseModel

from bmu.monthly_tax.fields import FIELDS
from bmu.monthly_tax.schemas import ListQuery, SummaryQuery
from bmu.tables.kinds import Choice

Document = dict[str, Any]


@pytest.fixture(scope="module")
def document(reading: Flask) -> Document:
    return reading.test_client().get("/api/openapi.json").json


def test_the_document_is_valid_openapi_3_1(document: Document) -> None:
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_every_address_of_the_api_is_described(reading: Flask, document: Document) -> None:
    # Redirects of the pages, and the description itself, are no part of it.
    left_out = {"/api/auth/renew", "/api/docs", "/api/openapi.json"}
    rules = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in reading.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/") and rule.rule not in left_out
    }
    assert {(path, method) for path, found in document["paths"].items() for method in found} == rules


def test_every_operation_is_summed_up_secured_and_may_fail(document: Document) -> None:
    for path, found in document["paths"].items():
        for method, operation in found.items():
            where = f"{method} {path}"
            assert operation["summary"] and operation["tags"], where
            assert operation.get("security") or path == "/api/auth/login", where
            assert {"401", "422"} <= set(operation["responses"]), where
            failure = operation["responses"]["422"]["content"]["application/json"]["schema"]["$ref"]
            assert failure.endswith("/Failure"), where


def test_a_save_describes_every_field_with_its_choices(document: Document) -> None:
    fields = document["components"]["schemas"]["MonthlyTaxDataSave"]["properties"]
    assert {*FIELDS, "sourcePage", "version"} == set(fields)
    for key, field in FIELDS.items():
        assert fields[key]["description"] == field.label
        if isinstance(field.kind, Choice):
            assert fields[key]["anyOf"][0]["enum"] == list(field.kind.codes)


def test_the_documentation_page_loads_our_own_files(reading: Flask) -> None:
    page = reading.test_client().get("/api/docs")
    assert page.status_code == 200
    assert re.findall(r'src="(/static/[^"]+)"', page.text)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page.text)


def test_it_names_no_server_and_no_secret(document: Document) -> None:
    assert "servers" not in document or all("://" not in one["url"] for one in document["servers"])


def test_a_requests_schema_is_made_once_and_each_models_own() -> None:
    """flask-openapi3 asks for it at every request."""
    assert ListQuery.model_json_schema() is ListQuery.model_json_schema()
    assert ListQuery.model_json_schema() == BaseModel.model_json_schema.__func__(ListQuery)  # type: ignore[attr-defined]
    assert set(SummaryQuery.model_json_schema()["properties"]) < set(ListQuery.model_json_schema()["properties"])
    named = ListQuery.model_json_schema(ref_template="#/components/{model}")
    assert named is not ListQuery.model_json_schema()
