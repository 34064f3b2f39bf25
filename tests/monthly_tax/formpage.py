"""A form page as a person sees it: which fields it has, what may be typed or chosen there."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

Attributes = dict[str, str | None]
CONTROLS = ("select", "textarea", "input")


@dataclass
class Seen:
    """One field: `state` as written on it; its control's tag ("" for none) and whether it is disabled."""

    state: str
    control: str = ""
    disabled: bool = False
    described_by: str = ""
    options: dict[str, bool] = field(default_factory=dict)
    labelled: bool = False
    error_place: str = ""

    @property
    def writable(self) -> bool:
        return bool(self.control) and not self.disabled

    @property
    def offered(self) -> set[str]:
        """The codes that may be chosen."""
        return {code for code, enabled in self.options.items() if enabled}


class FormPage(HTMLParser):
    """Reads a page: `fields` by key, the tabs that are `closed`, which `parts` it has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, Seen] = {}
        self.closed: set[str] = set()
        self.parts: set[str] = set()
        self.is_form = False
        self._now: Seen | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.is_form |= "data-form" in told
        if part := told.get("data-part"):
            self.parts.add(part)
        if told.get("role") == "tab" and "data-closed" in told:
            self.closed.add((told["id"] or "").removeprefix("tab-"))
        if tag == "div" and "data-field" in told and "data-state" in told:
            self._now = self.fields[told["data-field"] or ""] = Seen(told["data-state"] or "")
        elif self._now:
            self._inside(self._now, tag, told)

    def handle_endtag(self, tag: str) -> None:
        if tag == "section":
            self._now = None

    def _inside(self, seen: Seen, tag: str, told: Attributes) -> None:
        if tag in CONTROLS and told.get("name"):
            seen.control, seen.disabled = tag, "disabled" in told
            seen.described_by = told.get("aria-describedby") or ""
            seen.labelled &= told.get("id") == self._label
        elif tag == "option":
            seen.options[told.get("value") or ""] = "disabled" not in told
        elif tag == "label":
            seen.labelled, self._label = True, told.get("for")
        elif "field-error" in (told.get("class") or ""):
            seen.error_place = told.get("id") or ""
