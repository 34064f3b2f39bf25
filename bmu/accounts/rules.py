"""Roles and what they open (domain §5.1, §5.2). Pure; the only place where a role's name is written."""

from __future__ import annotations

from dataclasses import dataclass

from bmu.changes.work import By

ADMIN, AUDIT = "admin", "audit"
DATA_ENTRY, BOTH, SERVICE = "data_entry", "data_entry_and_service", "service"
ROLES = (ADMIN, DATA_ENTRY, BOTH, AUDIT, SERVICE, "hr", "registration", "marketing")

PAGES = {
    "tax-status": frozenset({ADMIN, BOTH, AUDIT, SERVICE}),
    "tax-inspection": frozenset({ADMIN, AUDIT}),
    "tax-filing": frozenset({ADMIN, BOTH, AUDIT}),
}


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

    def opens(self, page: str) -> bool:
        """Whether the role opens the page `page` (tax-status, tax-inspection, tax-filing)."""
        return self.role in PAGES.get(page, ())

    @property
    def pages(self) -> tuple[str, ...]:
        """The pages this role opens, in the order of the menu."""
        return tuple(page for page in PAGES if self.opens(page))

    @property
    def by(self) -> By:
        """How the change log names this person: employee id (user name without one) and display name."""
        return By(self.employee_id or self.username, self.name)
