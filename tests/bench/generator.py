"""Load generators: programs for Node that read a plan and write what they saw, in a process of their own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

HERE = Path(__file__).resolve().parent
Seen = TypeVar("Seen")


def run(program: str, plan: dict[str, Any], look: Callable[[], Seen]) -> tuple[dict[str, Any], dict[str, Seen]]:
    """What `program` of this folder saw when told `plan`, and what `look` said at each of its marks, by name.

    A mark is a line `mark NAME` on its standard error. Raises RuntimeError with anything else it says there.
    """
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(["node", "--", HERE / program], text=True, **pipes) as node:
        assert node.stdin and node.stdout and node.stderr
        node.stdin.write(json.dumps(plan))
        node.stdin.close()
        marks = {}
        for line in node.stderr:
            word, _, name = line.strip().partition(" ")
            if word != "mark":
                raise RuntimeError(line + node.stderr.read())
            marks[name] = look()
        return json.loads(node.stdout.read()), marks
