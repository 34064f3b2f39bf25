"""Scripts as browsers get them: a module of static/js with all that it imports, as one module, without its comments.

A page that loads twenty modules asks twenty times. Here each becomes a function of its own inside one file: no name of
one meets a name of another, each runs once, after those it imports. What modules may say to be joined so is little, and
held by tests: imports of one line, exports at the declaration, no circle, no text over several lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

OURS = "bmu/"
# `import { a, b as c } from "x"`, `import * as x from "x"`, `import "x"`
_IMPORT = re.compile(r'^import (?:(?:\{ (?P<some>.+) \}|\* as (?P<all>\w+)) from )?"(?P<name>[\w./]+)"$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function\*?|function\*?|const|class) (\w+))", re.MULTILINE)
_ELSE = re.compile(r"^(?:import|export)\b.*|\bimport\(.*", re.MULTILINE)
_REMARKS = re.compile(r"^[ ]*(?://.*|/\*\*[^*]*(?:\*(?!/)[^*]*)*\*/)$", re.MULTILINE)


class Unjoinable(ValueError):
    """A module says what cannot be joined; the argument names it and the line."""


def joined(entry: str, read: Callable[[str], str], others: Mapping[str, str]) -> str:
    """The module `entry` (as `rows`) with all that it imports, as one module.

    `read(name)` gives the text of a module of ours, `others` the addresses of modules that are not. Raises Unjoinable,
    and whatever `read` raises.
    """
    outside: dict[str, None] = {}
    done: dict[str, str] = {}

    def join(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise Unjoinable(f"a circle: {' → '.join((*above, name))}")
        if name in done:
            return
        text = read(name)
        for found in _IMPORT.finditer(text):
            if found["name"].startswith(OURS):
                join(found["name"].removeprefix(OURS), (*above, name))
            else:
                outside[found[0].replace(f'"{found["name"]}"', f'"{others[found["name"]]}"')] = None
        done[name] = _function(name, text)

    join(entry, ())
    return "\n".join((*outside, *done.values(), ""))


def _function(name: str, text: str) -> str:
    """A module as a call of a function that answers what the module exports."""
    exported = ", ".join(_EXPORT.findall(text))
    body = _plain(_EXPORT.sub("", _IMPORT.sub(_taken, text)))
    if left := _ELSE.search(body):
        raise Unjoinable(f"{name}.js: {left[0]}")
    return f"const ${name} = (() => {{\n{body}\nreturn {{ {exported} }}\n}})()"


def _taken(found: re.Match[str]) -> str:
    """An import as what it takes of a function's answer; those of others stand above all, for everybody."""
    if not found["name"].startswith(OURS):
        return ""
    source = f"${found['name'].removeprefix(OURS)}"
    if found["all"]:
        return f"const {found['all']} = {source}"
    return f"const {{ {found['some'].replace(' as ', ': ')} }} = {source}" if found["some"] else ""


def _plain(text: str) -> str:
    """`text` without the lines that are remarks, and without what stands before and after its lines."""
    return "\n".join(line.strip() for line in _REMARKS.sub("", text).splitlines() if line.strip())
