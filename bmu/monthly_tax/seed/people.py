"""Who of the demo firm is responsible for which client (design §8; numbers from domain §15; roles from §1.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bmu.accounts import seed as accounts
from bmu.accounts.seed import Firm
from bmu.clients.rules import VAT
from bmu.clients.seed import DEMO_BUILD
from bmu.dice import Dice

Team = dict[str, str | None]
Clients = Sequence[Mapping[str, Any]]
ACCOUNTING, INSPECTION, ENTRY = "accounting_responsible", "tax_inspection_responsible", "document_entry_responsible"
WHT_FILER, VAT_FILER = "wht_filer_current_employee_id", "vat_filer_current_employee_id"

# Build 018 belongs to exactly these five in every month.
DEMO_TEAM: Final[Mapping[str, str]] = {
    ACCOUNTING: accounts.ACCOUNTANT,
    INSPECTION: accounts.INSPECTOR,
    WHT_FILER: accounts.WHT_FILER,
    VAT_FILER: accounts.VAT_FILER,
    ENTRY: accounts.CLERK,
}
# The cast's share of the clients, VAT filers' of the VAT clients; the others share the rest evenly. A filer of the
# cast has one of the two taxes and gets the other on some records below.
_SHARES: Final[Mapping[str, Mapping[str, float]]] = {
    ACCOUNTING: {accounts.ACCOUNTANT: 0.074},
    INSPECTION: {accounts.INSPECTOR: 0.335},
    WHT_FILER: {accounts.WHT_FILER: 0.185, accounts.VAT_FILER: 0},
    VAT_FILER: {accounts.VAT_FILER: 0.185, accounts.WHT_FILER: 0},
    ENTRY: {accounts.CLERK: 0.3, accounts.WHT_FILER: 0, accounts.VAT_FILER: 0},
}
_EVERY = 5  # one in so many of a person's clients gives her a second role


def holders(firm: Firm) -> dict[str, tuple[str, ...]]:
    """Who may hold which of the five roles, by role column (domain §1.5)."""
    return {
        ACCOUNTING: firm.accountants,
        INSPECTION: firm.inspectors,
        WHT_FILER: firm.filers,
        VAT_FILER: firm.filers,
        ENTRY: firm.clerks,
    }


def teams(clients: Clients, firm: Firm, dice: Dice) -> dict[str, Team]:
    """The five of each build, the same in every month; only VAT clients have a VAT filer."""
    others = [client["build"] for client in clients if client["build"] != DEMO_BUILD]
    vat = {client["build"] for client in clients if client["tax_registration_status"] == VAT}
    found: dict[str, Team] = {build: {} for build in others}
    for role, people in holders(firm).items():
        builds = [build for build in others if role != VAT_FILER or build in vat]
        cards = dice.deck(_weights(people, _SHARES[role]), len(builds))
        for build in others:
            found[build][role] = None
        for build, person in zip(builds, cards, strict=True):
            found[build][role] = person
    _second_roles(found)
    return found | {DEMO_BUILD: dict(DEMO_TEAM)}


def _weights(people: Sequence[str], shares: Mapping[str, float]) -> dict[str, float]:
    others = [person for person in people if person not in shares]
    share = (1 - sum(shares.values())) / max(len(others), 1)
    weights = {person: shares.get(person, share) for person in people}
    return {person: weight for person, weight in weights.items() if weight}


def _second_roles(found: Mapping[str, Team]) -> None:
    """AC00024 keys for some of her own clients (design §8 wins over §1.5); each filer of the cast files both taxes
    for some."""
    for team in [team for team in found.values() if team[ACCOUNTING] == accounts.ACCOUNTANT][::_EVERY]:
        team[ENTRY] = accounts.ACCOUNTANT
    vat = [team for team in found.values() if team[VAT_FILER]]
    for team in [team for team in vat if team[WHT_FILER] == accounts.WHT_FILER][::_EVERY]:
        team[VAT_FILER] = accounts.WHT_FILER
    for team in [team for team in vat if team[VAT_FILER] == accounts.VAT_FILER][::_EVERY]:
        team[WHT_FILER] = accounts.VAT_FILER


def predecessor(team: Team, firm: Firm, dice: Dice) -> tuple[str, str]:
    """A role of `team` and somebody else who held it first."""
    able = holders(firm)
    able[ACCOUNTING] += firm.left
    others = {role: [one for one in able[role] if one != person] for role, person in team.items() if person}
    role = dice.choice([role for role, people in others.items() if people])
    return role, dice.choice(others[role])
