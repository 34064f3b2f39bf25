"""What the door says to whom it does not let in, where there is more to say than 401 or 403."""

from __future__ import annotations

from bmu.errors import Forbidden, Unauthorized
from bmu.i18n import N_


class TokenExpired(Unauthorized):
    """The access token is good but for its age: whoever holds the refresh token may renew it."""

    code = "token_expired"


class CsrfFailed(Forbidden):
    """A page's write came without its token: the page is older than the sign-in, or is not ours."""

    code, message = "csrf_failed", N_("หน้านี้เปิดค้างไว้นานเกินไป กรุณาโหลดหน้าใหม่แล้วลองอีกครั้ง")


class PasswordChangeRequired(Forbidden):
    """The password was given by somebody else, and works once."""

    code, message = "password_change_required", N_("กรุณาเปลี่ยนรหัสผ่านก่อนใช้งาน")
