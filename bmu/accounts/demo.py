"""The demo cast on the sign-in page (design §8): who is there to be tried."""

from __future__ import annotations

from dataclasses import dataclass

from bmu.accounts import queries
from bmu.accounts.rules import ADMIN
from bmu.accounts.seed import ACCOUNTANT, CLERK, INSPECTOR, PASSWORD, STRANGER, VAT_FILER, WHT_FILER
from bmu.i18n import N_

_PARTS = {
    ACCOUNTANT: N_("ผู้ทำบัญชี"),
    INSPECTOR: N_("ผู้ตรวจภาษี"),
    WHT_FILER: N_("ผู้ยื่น WHT"),
    VAT_FILER: N_("ผู้ยื่น VAT"),
    CLERK: N_("ผู้คีย์เอกสาร"),
    STRANGER: N_("ผู้ทำบัญชีอีกคน"),
    ADMIN: N_("ผู้ดูแลระบบ"),
}


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody of the cast. `part` is a Thai source string."""

    username: str
    password: str
    name: str
    part: str


def cast() -> tuple[Role, ...]:
    """Those of the cast who have an account here, in the order in which the work passes them."""
    found = {account.username: account for account in queries.accounts(*_PARTS)}
    return tuple(Role(name, PASSWORD, found[name].name, part) for name, part in _PARTS.items() if name in found)
