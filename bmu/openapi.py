"""The API's frame: the app class that writes OpenAPI 3.1, the envelope, and how bad input is told."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Response, jsonify, request
from flask_babel import gettext
from flask_openapi3 import Info, OpenAPI
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from bmu.errors import Invalid, Malformed, NotJson, envelope
from bmu.i18n import N_

SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "access_token_cookie"},
}
SECURED: list[dict[str, list[str]]] = [{"bearer": []}, {"cookie": []}]
_MESSAGES = {
    "missing": N_("จำเป็นต้องระบุ"),
    "extra_forbidden": N_("ไม่รู้จักช่องนี้"),
    "int_parsing": N_("ต้องเป็นจำนวนเต็ม"),
    "int_type": N_("ต้องเป็นจำนวนเต็ม"),
    "int_from_float": N_("ต้องเป็นจำนวนเต็ม"),
    "string_type": N_("ต้องเป็นข้อความ"),
    "string_too_long": N_("ข้อความยาวเกินไป"),
    "literal_error": N_("ไม่ใช่ตัวเลือกที่มี"),
    "less_than_equal": N_("ค่ามากเกินไป"),
    "greater_than_equal": N_("ค่าน้อยเกินไป"),
}
_OTHERWISE = N_("ค่าไม่ถูกต้อง")


class Strict(BaseModel):
    """Base of every request model: names it does not know are refused, by name."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As pydantic's. flask-openapi3 asks for it, plainly, to read each request's query: that is answered once."""
        return super().model_json_schema(*args, **kwargs) if args or kwargs else cls._own_schema()

    @classmethod
    @cache
    def _own_schema(cls) -> dict[str, Any]:
        return super().model_json_schema()


class Failure(BaseModel):
    """The envelope of every failure (design §7)."""

    success: bool = Field(False, description="always false")
    message: str = Field(..., description="for the person, in their language")
    code: str = Field(..., description="for programs: unauthorized, forbidden, not_found, conflict, invalid, …")
    errors: dict[str, list[str]] | None = Field(None, description="by field")


class Success(BaseModel):
    """The envelope of every success (design §7)."""

    success: bool = Field(True, description="always true")
    data: Any
    message: str | None = None
    pagination: dict[str, int] | None = None


FAILURES: dict[str | int, Any] = dict.fromkeys(("400", "401", "403", "404", "409", "413", "415", "422", "429"), Failure)


def new_app(import_name: str, version: str, **kwargs: Any) -> OpenAPI:
    """A Flask app that collects an OpenAPI 3.1 document from its API blueprints."""
    info = Info(
        title="BMU tax desk",
        version=version,
        description="Monthly tax records of a firm's client companies, shared live by five people.",
    )
    return OpenAPI(
        import_name,
        info=info,
        security_schemes=SECURITY,  # type: ignore[arg-type]
        validation_error_model=Failure,
        validation_error_callback=_invalid,
        doc_ui=False,
        **kwargs,
    )


def ok(
    data: Any, *, message: str = "", status: int = 200, pagination: dict[str, int] | None = None, **beside: Any
) -> Response:
    """The success envelope as a response; `beside`: what an answer tells next to its data."""
    body: dict[str, Any] = {"success": True, "data": data, **beside}
    if message:
        body["message"] = message
    if pagination is not None:
        body["pagination"] = pagination
    response = jsonify(body)
    response.status_code = status
    return response


def require_json() -> None:
    """Before a write is validated: 415 unless it is JSON, 400 unless it parses. Runs after authentication
    (flask-openapi3 would take broken JSON for an empty body, and validates before anybody is asked who they are)."""
    if request.method not in ("POST", "PUT", "PATCH") or request.content_length in (0, None):
        return
    try:
        request.get_json()
    except UnsupportedMediaType:
        raise NotJson() from None
    except (BadRequest, RecursionError):  # the latter: brackets nested deeper than Python reads
        raise Malformed() from None


def _invalid(error: ValidationError) -> Response:
    errors: dict[str, list[str]] = {}
    for fault in error.errors():
        name = ".".join(str(part) for part in fault["loc"]) or "body"
        own = str(fault["ctx"]["error"]) if fault["type"] == "value_error" else _MESSAGES.get(fault["type"], _OTHERWISE)
        errors.setdefault(name, []).append(gettext(own))
    told = Invalid(errors=errors)
    response = jsonify(envelope(told))
    response.status_code = told.status
    return response


def document(app: OpenAPI) -> dict[str, Any]:
    """The OpenAPI document, with our one failure envelope where the library would put a list of its own."""
    spec: dict[str, Any] = app.api_doc
    failure = {"schema": {"$ref": "#/components/schemas/Failure"}}
    for path in spec["paths"].values():
        for operation in path.values():
            operation["responses"]["422"]["content"] = {"application/json": failure}
    return spec


def init_app(app: OpenAPI) -> None:
    """`/api/openapi.json`."""

    @app.route("/api/openapi.json")
    def openapi_json() -> Response:
        return jsonify(document(app))
