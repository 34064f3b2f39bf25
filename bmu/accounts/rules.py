"""Roles and what they open (domain §5.1, §5.2), and the rules of signing in. Pure; the only place of a role's name."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from bmu.changes.work import By
from bmu.i18n import N_

ADMIN, AUDIT = "admin", "audit"
DATA_ENTRY, BOTH, SERVICE = "data_entry", "data_entry_and_service", "service"
ROLES = (ADMIN, DATA_ENTRY, BOTH, AUDIT, SERVICE, "hr", "registration", "marketing")

PAGES = {
    "tax-status": frozenset({ADMIN, BOTH, AUDIT, SERVICE}),
    "tax-inspection": frozenset({ADMIN, AUDIT}),
    "tax-filing": frozenset({ADMIN, BOTH, AUDIT}),
    "assignments": frozenset({ADMIN, AUDIT}),
    "clients": frozenset({ADMIN, AUDIT, "registration"}),
    "people": frozenset({ADMIN}),
}
# Which work one's role lets one be given (domain §1.5).
KEEP_BOOKS, INSPECT, FILE, KEY_IN = "keep_books", "inspect", "file", "key_in"
DUTIES = {
    KEEP_BOOKS: frozenset({ADMIN, SERVICE, BOTH, AUDIT}),
    INSPECT: frozenset({AUDIT}),
    FILE: frozenset({BOTH}),
    KEY_IN: frozenset({BOTH, DATA_ENTRY}),
}

ROLE_LABELS = {
    ADMIN: N_("ผู้ดูแลระบบ"),
    DATA_ENTRY: N_("คีย์เอกสาร"),
    BOTH: N_("คีย์เอกสารและบริการ"),
    AUDIT: N_("ผู้ตรวจสอบ"),
    SERVICE: N_("บริการลูกค้า"),
    "hr": N_("ฝ่ายบุคคล"),
    "registration": N_("ฝ่ายจดทะเบียน"),
    "marketing": N_("การตลาด"),
}

FREE_TRIES = 5
FREE_TRIES_OF_ADDRESS = 100
LONGEST_DELAY = 15 * 60
_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,49}")
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a signed-in user, as every service sees one. `id` is the user's; `session` the sign-in's."""

    id: str
    username: str
    role: str
    employee_id: str | None
    name: str
    language: str | None = None
    session: str | None = None
    must_change_password: bool = False

    @property
    def reads_all(self) -> bool:
        """May read every record (design §7)."""
        return self.role in (ADMIN, AUDIT)

    @property
    def writes_all(self) -> bool:
        """May write every record, with the rights of the page used (domain §3.2)."""
        return self.role == ADMIN

    @property
    def administers(self) -> bool:
        """May create records and change who is responsible."""
        return self.role == ADMIN

    @property
    def assigns(self) -> bool:
        """May say who is responsible for which client's month (domain §1.5)."""
        return self.role in (ADMIN, AUDIT)

    def opens(self, page: str) -> bool:
        """Whether the role opens the page `page` (tax-status, tax-inspection, …)."""
        return self.role in PAGES.get(page, ())

    @property
    def pages(self) -> tuple[str, ...]:
        """The pages this role opens, in the order of the menu."""
        return tuple(page for page in PAGES if self.opens(page))

    @property
    def by(self) -> By:
        """How the change log names this person: employee id (user name without one) and display name."""
        return By(self.employee_id or self.username, self.name)


@dataclass(frozen=True, slots=True)
class Worker:
    """An employee, whether they still work here, and the kinds of work they may be given: none without an account."""

    employee_id: str
    name: str
    works_here: bool
    duties: frozenset[str]


def duties_of(roles: Iterable[str]) -> frozenset[str]:
    """The kinds of work that somebody with these roles may be given (domain §1.5)."""
    mine = set(roles)
    return frozenset(duty for duty, able in DUTIES.items() if able & mine)


def display_name(first_name: str, nick_name: str | None) -> str:
    """`ชื่อ(ชื่อเล่น)`, or the first name alone (domain §1.3)."""
    return f"{first_name}({nick_name})" if nick_name else first_name


def good_username(name: str) -> bool:
    """Whether `name` may name an account: 2–50 Latin letters, digits, `.`, `_`, `-`. Case is kept, not told apart."""
    return bool(_USERNAME.fullmatch(name))


def delay(failures: int, free: int = FREE_TRIES) -> int:
    """Seconds to wait after the last of `failures` refused tries: none for the first `free`, then 1, 2, 4 … 900."""
    return 0 if failures < free else min(2 ** min(failures - free, 10), LONGEST_DELAY)


def network(address: str) -> str:
    """What an address counts as for the throttle: itself, or its /64 where one household has 2^64 of them (IPv6)."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:45]
    if found.version == 4:
        return str(found)
    plain = found.ipv4_mapped
    return str(plain or ipaddress.ip_network((int(found) >> 64 << 64, 64)))


def safe_path(raw: str | None) -> str:
    """`raw` when it is a path of this very site, else "". Browsers read `\\` as `/` and drop tabs and line breaks,
    so anything but plain printable text is refused."""
    if not raw or not raw.startswith("/") or raw.startswith("//") or len(raw) > 2000:
        return ""
    if "\\" in raw or not raw.isprintable() or " " in raw:
        return ""
    try:
        parts = urlsplit(raw)
    except ValueError:
        return ""
    return "" if parts.scheme or parts.netloc else raw


def device_name(agent: str) -> str:
    """A browser's User-Agent as people would call it (`Chrome · Windows`); "" when nothing is known."""
    words = [next((name for mark, name in known if mark in agent), "") for known in (_BROWSERS, _SYSTEMS)]
    return " · ".join(word for word in words if word)
