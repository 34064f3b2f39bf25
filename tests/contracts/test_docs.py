"""docs/reference.md names every setting, command, address, event and attribute there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields

import click
import pytest
from flask import Flask

from bmu.cli.copy import copy
from bmu.config import Config
from bmu.monthly_tax import queries
from bmu.monthly_tax.snapshot import snapshot
from bmu.realtime import broadcast, forms, notices, presence, subscriptions, views
from tests.conftest import MONTH
from tests.contracts.source import ROOT

REFERENCE = (ROOT / "docs/reference.md").read_text()
OURS = ("seed", "month", "client", "notifications", "user", "import", "backup", "restore")


def told(names: set[str]) -> set[str]:
    """Those of `names` that the page does not have in code type."""
    codes = " ".join(re.findall(r"`([^`]+)`", REFERENCE))
    words = set(re.split(r"[\s\[\]{},;]+", codes))
    return {name for name in names if name not in words}


def test_every_variable_is_told() -> None:
    sources = "".join((ROOT / name).read_text() for name in ("bmu/config.py", "gunicorn.conf.py"))
    variables = set(re.findall(r"""["'](BMU_[A-Z_]+|HOST|PORT|FORWARDED_ALLOW_IPS)["']""", sources))
    assert len(variables) > 12
    assert not told(variables), "settings that docs/reference.md does not tell"


def test_every_variable_told_exists() -> None:
    sources = "".join((ROOT / name).read_text() for name in ("bmu/config.py", "gunicorn.conf.py"))
    assert all(name in sources for name in re.findall(r"BMU_[A-Z_]+", REFERENCE))


def test_every_setting_of_the_configuration_is_told() -> None:
    assert not told({field.name for field in fields(Config)})


def commands(group: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(group, click.Group):
        for name, command in group.commands.items():
            yield from commands(command, f"{path} {name}")
    else:
        yield path, group


def test_every_command_and_option_is_told(reading: Flask) -> None:
    ours = [one for name in OURS for one in commands(reading.cli.commands[name], name)]
    ours.append(("db copy", copy))
    assert len(ours) > 8
    for path, command in ours:
        line = next((line for line in REFERENCE.splitlines() if f"`{path}" in line), "")
        assert line, f"docs/reference.md does not tell `{path}`"
        options = [one for param in command.params if isinstance(param, click.Option) for one in param.opts]
        missing = [one for one in options if one not in line]
        assert not missing, f"`{path}` has {missing}: docs/reference.md does not tell"
        assert command.help, f"`{path}` does not explain itself"


def test_every_group_of_commands_is_looked_at(reading: Flask) -> None:
    # The other two are those of Flask-Migrate and flask-openapi3.
    assert set(reading.cli.commands) == {*OURS, "db", "openapi"}


def test_every_address_of_the_api_is_told(reading: Flask) -> None:
    for rule in reading.url_map.iter_rules():
        if not rule.rule.startswith(("/api/", "/healthz", "/readyz", "/metrics")):
            continue
        address = re.sub(r"<(?:\w+:)?(\w+)>", r":\1", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            pattern = rf"{method}`?(?: `\w+)? {re.escape(address)}`"
            assert re.search(pattern, REFERENCE), f"docs/reference.md does not tell {method} {address}"


def test_every_address_told_exists(reading: Flask) -> None:
    rules = {re.sub(r"<(?:\w+:)?(\w+)>", r":\1", rule.rule) for rule in reading.url_map.iter_rules()}
    assert set(re.findall(r"(?:GET|POST|PUT|PATCH|DELETE) (/[^`\s]+)", REFERENCE)) <= rules


def test_every_event_is_told() -> None:
    events = {
        subscriptions.SUBSCRIBE,
        subscriptions.UNSUBSCRIBE,
        broadcast.UPDATED,
        broadcast.REMOVED,
        broadcast.EXPIRED,
    }
    events |= {views.SETTLED, presence.HERE, presence.GONE, presence.ASK, presence.CHANGED}
    events |= {forms.OPEN, forms.CLOSE, forms.UPDATED}
    assert not told(events | {notices.NEW, notices.COUNT})


@pytest.mark.parametrize(
    ("template", "tags"),
    [
        ("tables/row.html", "table|tr|td|th"),
        ("monthly_tax/desk.html", "table|tr|td|th"),
        ("monthly_tax/form.html", "article"),
        ("monthly_tax/fields.html", "div|select|option|textarea"),
    ],
)
def test_every_attribute_of_table_row_cell_form_and_field_is_told(template: str, tags: str) -> None:
    text = (ROOT / "templates" / template).read_text()
    found = re.findall(rf"<(?:{tags})\b(?:[^>{{]|\{{\{{.*?\}}\}}|\{{%.*?%\}})*>", text, re.S)
    attributes = {name for tag in found for name in re.findall(r"\b(data-[a-z-]+)", tag)}
    assert attributes
    missing = {name for name in attributes if name not in REFERENCE}
    assert not missing, f"{template} has {sorted(missing)}: docs/reference.md does not tell"


def test_what_an_open_form_is_told_is_told(reading: Flask) -> None:
    """Every name of a snapshot stands in the line of the address that answers it."""
    with reading.app_context():
        [row] = queries.records([str(queries.id_of("018", *MONTH))])
        found = snapshot("taxStatus", row, "th")
    line = next(line for line in REFERENCE.splitlines() if "/:id/form`" in line)
    names = {*found, *found["fields"]["pnd_status"]}
    assert not {name for name in names if not re.search(rf"\b{name}\b", line)}
