"""The floors of bmu/README.md: imports point down, and what is dangerous has one place."""

from __future__ import annotations

from fnmatch import fnmatch

import pytest

from bmu.accounts.rules import ROLES
from tests.contracts.source import ROOT, Module, modules

FLOORS = (
    {"config", "offload", "logs", "extensions", "errors", "i18n", "database", "dice", "background"},
    {"tables", "changes", "json", "openapi"},
    {"accounts"},
    {"clients"},
    {"notifications"},
    {"monthly_tax"},
    {"assignments"},
    {"people"},
    {"papers"},
    {"realtime"},
    {"cli", "health", "chores", "docs", "security", "assets", "scripts", "packing", "warm", "migrations"},
)
PLACES = {name: floor for floor, names in enumerate(FLOORS) for name in names}
TOP = len(FLOORS)

# Who may know of the request that is being answered. openapi.py asks whether a body is JSON; the others are the doors
# and the hooks around every request.
ASKS = (
    *("bmu/*/pages.py", "bmu/*/api.py", "bmu/accounts/access.py", "bmu/realtime/sockets.py", "bmu/errors.py"),
    *(
        "bmu/accounts/unchanged.py",
        "bmu/security.py",
        "bmu/logs.py",
        "bmu/assets.py",
        "bmu/health.py",
        "bmu/i18n.py",
        "bmu/openapi.py",
    ),
)
MODULES = modules()


def floor_of(module: str) -> int:
    """The floor of `bmu.x.y`; the app's own __init__ sees all."""
    parts = module.split(".")
    return TOP if len(parts) == 1 else PLACES[parts[1]]


def allowed(module: Module, *patterns: str) -> bool:
    return any(fnmatch(module.where, pattern) for pattern in patterns)


def strays(found: list[str], sentence: str) -> None:
    assert not found, "; ".join(f"{where} {sentence}" for where in found)


def test_every_module_has_a_floor() -> None:
    homeless = [module.where for module in MODULES if module.name != "bmu" and module.name.split(".")[1] not in PLACES]
    strays(homeless, "has no floor: give it one in bmu/README.md and here")


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.where)
def test_imports_point_down(module: Module) -> None:
    mine = floor_of(module.name)
    ours = {name for name in module.imports() if name.startswith("bmu.")}
    upward = [name for name in sorted(ours) if floor_of(".".join(name.split(".")[:2])) > mine]
    assert not upward, f"{module.where} imports {', '.join(upward)}: it lives above and hears the signal instead"


def test_only_the_unit_of_work_commits() -> None:
    found = [one.where for one in MODULES if "commit" in one.calls() and not allowed(one, "bmu/changes/*")]
    strays(found, "commits by itself: it takes `with transaction()` instead")


def test_only_realtime_emits() -> None:
    found = [one.where for one in MODULES if "emit" in one.calls() and not allowed(one, "bmu/realtime/*")]
    strays(found, "emits: realtime hears of the commit instead")


def test_only_the_doors_know_the_request() -> None:
    found = [one.where for one in MODULES if "flask.request" in one.imports() and not allowed(one, *ASKS)]
    strays(found, "asks the request: it takes plain values from its page or API instead")


def test_only_the_configuration_reads_the_environment() -> None:
    # bmu/__init__.py sets one variable for psycopg, before anything imports it.
    known = ("bmu/config.py", "bmu/__init__.py")
    readers = [one for one in MODULES if {"os.environ", "os.getenv"} & {*one.attributes(), *one.imports()}]
    strays([one.where for one in readers if not allowed(one, *known)], "reads the environment: config.py does")


def test_the_package_only_sets_a_default_in_the_environment() -> None:
    assert "os.environ.setdefault" in (ROOT / "bmu/__init__.py").read_text()
    assert (ROOT / "bmu/__init__.py").read_text().count("os.environ") == 1


def test_only_offload_knows_eventlet() -> None:
    found = [one for one in MODULES if any(name.split(".")[0] == "eventlet" for name in one.imports())]
    strays([one.where for one in found if not allowed(one, "bmu/offload.py")], "imports eventlet: offload.py does")


def test_no_roles_name_outside_accounts() -> None:
    # As a code in quotes. A word in a docstring ("the admin …") is no dependency.
    found = [one.where for one in MODULES if set(ROLES) & set(one.strings()) and not allowed(one, "bmu/accounts/*")]
    strays(found, "names a role: it asks the Actor what it may do instead")


def test_no_template_names_a_role() -> None:
    quoted = {f"{quote}{role}{quote}" for role in ROLES for quote in "'\""}
    found = [path for path in (ROOT / "templates").rglob("*.html") if any(one in path.read_text() for one in quoted)]
    strays([path.relative_to(ROOT).as_posix() for path in found], "names a role: the page tells it what may be done")


def test_the_rules_of_the_domain_know_neither_web_nor_database() -> None:
    rules = [one for one in MODULES if one.path.name == "rules.py"]
    assert len(rules) >= 3
    dirty = ("flask", "sqlalchemy", "bmu.extensions", "bmu.database")
    found = [one.where for one in rules if any(name.startswith(dirty) for name in one.imports())]
    strays(found, "is a rule and not pure: it takes plain values")


def test_the_clock_is_passed_to_the_rules() -> None:
    found = [one.where for one in MODULES if one.path.name == "rules.py" and {"now", "today"} & set(one.calls())]
    strays(found, "reads the clock: the caller passes it in")


def test_the_readme_names_every_place() -> None:
    told = (ROOT / "bmu/README.md").read_text()
    missing = sorted(name for name in PLACES if f"`{name}" not in told and name not in {"dice", "migrations"})
    assert not missing, f"bmu/README.md does not say where {', '.join(missing)} lives"
