"""A plain list: lines that lead to a page of their own. Drawn by templates/tables/list.html, without scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from bmu.tables.kinds import Choice, Kind


class Heading(NamedTuple):
    """A column's heading: its Thai label, where a click leads ("" for nowhere), and `aria-sort` ("" for none)."""

    key: str
    label: str
    href: str = ""
    sorted: str = ""


class Spot(NamedTuple):
    """A cell: its text, the name of its colour (it is a chip then), what the tooltip adds."""

    key: str
    text: str
    tone: str = ""
    title: str = ""


@dataclass(frozen=True)
class Line:
    """A line: the page it leads to, its cells (the first two name it), and whether it is out of use."""

    href: str
    spots: Sequence[Spot]
    faded: bool = False


def spot(key: str, kind: Kind, value: Any, lang: str) -> Spot:
    """A value as its kind reads. What is as usual has no colour: only an option that names its tone becomes a chip."""
    tones = {option.code: option.tone for option in kind.options} if isinstance(kind, Choice) else {}
    return Spot(key, kind.text(value, lang), tones.get(value, ""), kind.title(value, lang))


def headings(labels: Mapping[str, str], sort: str, descending: bool, href: Callable[[str, bool], str]) -> list[Heading]:
    """Headings one may sort by: a second click turns the order round. `href(key, descending)` is the address."""
    way = "descending" if descending else "ascending"
    return [
        Heading(key, label, href(key, key == sort and not descending), way if key == sort else "")
        for key, label in labels.items()
    ]
