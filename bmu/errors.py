"""What can go wrong, as exceptions, and how each is told: JSON for the API, a page for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException

from bmu.i18n import N_

Fields = Mapping[str, list[str]]
log = structlog.get_logger(__name__)


class DeskError(Exception):
    """An answer other than success. `status` is HTTP's; `message` is for the person who asked."""

    status = 500
    code = "error"
    message = N_("ระบบขัดข้อง กรุณาลองใหม่อีกครั้ง")

    def __init__(self, message: str = "", errors: Fields | None = None, **extra: Any) -> None:
        super().__init__(message or self.message)
        self.text = message
        self.errors = dict(errors or {})
        self.extra = extra

    def said(self) -> str:
        """The message in the language of the request."""
        return self.text or gettext(self.message)


class Malformed(DeskError):
    status, code, message = 400, "malformed", N_("อ่านคำขอไม่ได้")


class Unauthorized(DeskError):
    status, code, message = 401, "unauthorized", N_("กรุณาเข้าสู่ระบบ")


class Forbidden(DeskError):
    status, code, message = 403, "forbidden", N_("คุณไม่มีสิทธิ์ทำรายการนี้")


class NotFound(DeskError):
    status, code, message = 404, "not_found", N_("ไม่พบข้อมูล")


class Conflict(DeskError):
    """Somebody else changed the same thing; `extra` tells what (`conflicts`, `data`)."""

    status, code, message = 409, "conflict", N_("มีผู้อื่นแก้ไขข้อมูลเดียวกันไปแล้ว")


class TooLarge(DeskError):
    status, code, message = 413, "too_large", N_("ข้อมูลที่ส่งมามีขนาดใหญ่เกินไป")


class NotJson(DeskError):
    status, code, message = 415, "unsupported_media_type", N_("กรุณาส่งข้อมูลเป็น JSON")


class Invalid(DeskError):
    """`errors` names each field and says what is wrong with it, in the person's language."""

    status, code, message = 422, "invalid", N_("ข้อมูลไม่ถูกต้อง")


class TooMany(DeskError):
    """`retry_after`: whole seconds until the next try is heard."""

    status, code, message = 429, "too_many", N_("มีคำขอมากเกินไป กรุณารอสักครู่แล้วลองใหม่")

    def __init__(self, retry_after: int, message: str = "") -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(DeskError):
    status, code, message = 503, "unavailable", N_("ระบบยังไม่พร้อมใช้งาน กรุณาลองใหม่อีกครั้ง")


_FROM_HTTP: dict[int, type[DeskError]] = {
    400: Malformed,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    413: TooLarge,
    415: NotJson,
    429: DeskError,
}


def wants_json() -> bool:
    """Whether the one who asks is a program: everything under /api, and pages asked for as JSON."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def envelope(error: DeskError) -> dict[str, Any]:
    """The failure envelope of design §7."""
    body: dict[str, Any] = {"success": False, "message": error.said(), "code": error.code}
    if error.errors:
        body["errors"] = error.errors
    return body | error.extra


def init_app(app: Flask) -> None:
    """Answer every failure in one shape; a fault of ours is logged with the request's id."""
    app.register_error_handler(DeskError, _desk_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _away)
    app.register_error_handler(DataError, _unfit)
    app.register_error_handler(Exception, _fault)


def _desk_error(error: DeskError) -> Response:
    if isinstance(error, Unauthorized) and not wants_json():
        return _to_sign_in()
    response = jsonify(envelope(error)) if wants_json() else _page(error.status, error.said())
    response.status_code = error.status
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _http_error(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()  # type: ignore[return-value]
    told = _FROM_HTTP.get(error.code or 500, DeskError)()
    told.status = error.code or 500
    if told.status == 405:
        told.code, told.text = "method_not_allowed", gettext("ใช้วิธีเรียกนี้กับที่อยู่นี้ไม่ได้")
    if told.status == 429:
        told.code, told.text = TooMany.code, gettext(TooMany.message)
    response = _desk_error(told)
    if told.status == 429:
        response.headers["Retry-After"] = "60"
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _fault(error: Exception) -> Response:
    """A fault of ours: the log has the trace, the person a reference number and nothing else."""
    log.exception("fault", error=type(error).__name__)
    told = DeskError(reference=g.get("request_id", ""))
    return _desk_error(told)


def _away(error: OperationalError) -> Response:
    """The database is busy, full or gone: no fault of the request's, so it may be sent again."""
    log.exception("database_away", error=type(error).__name__)
    return _desk_error(Unavailable(reference=g.get("request_id", "")))


def _unfit(error: DataError) -> Response:
    """A value that the database cannot even be asked about, such as a NUL sent to PostgreSQL."""
    log.warning("value_unfit", error=str(error.orig))
    return _desk_error(Malformed())


def _page(status: int, message: str) -> Response:
    html = render_template("errors/error.html", status=status, message=message, reference=g.get("request_id", ""))
    return Response(html, status)


def _to_sign_in() -> Response:
    """Visitors sign in first and come back to where they wanted to go (GET only)."""
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.login", next=back))  # type: ignore[return-value]
