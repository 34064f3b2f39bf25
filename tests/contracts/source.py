"""The source as the contracts read it: modules, what they import, what they call and say."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Module:
    """One Python file of ours. `name` is dotted: `bmu.clients.rules`."""

    path: Path

    @property
    def name(self) -> str:
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def where(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(), self.where)

    def imports(self) -> Iterator[str]:
        """Every name imported, at the top or inside a function: `flask.request`, `bmu.clients.rules.VAT`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)

    def calls(self) -> Iterator[str]:
        """The last part of whatever is called: `commit` for `db.session.commit()`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")

    def attributes(self) -> Iterator[str]:
        """Every dotted use of an imported module's attribute: `os.environ`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                yield f"{node.value.id}.{node.attr}"

    def strings(self) -> Iterator[str]:
        """Every text in the code, docstrings included."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def modules() -> list[Module]:
    """The modules of bmu/, migrations left out: these are written by a tool and stand by themselves."""
    found = (path for path in sorted((ROOT / "bmu").rglob("*.py")) if "versions" not in path.parts)
    return [Module(path) for path in found]
