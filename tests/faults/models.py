"""The processes of people at their tables (models.mjs): opened, frozen, judged."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.ledger import Return

HERE = Path(__file__).parent
PATIENCE = 120.0  # seconds after which a process that does not answer is taken for dead


@dataclass
class Judged:
    """What a look at many tables found. `wrong`: what is not as the database has it, a line each; `took`: ms until
    the last was right; `caught`: the returns; `late`: ms from saves to their being heard."""

    wrong: list[str] = field(default_factory=list)
    took: float = 0.0
    caught: list[Return] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, answer: dict[str, Any]) -> None:
        """What one more process found."""
        self.wrong += answer["wrong"]
        self.took = max(self.took, answer["took"])
        self.caught += [Return(*one) for one in answer["caught"]]
        self.late += answer["late"]
        self.notes += answer["notes"]


class Node:
    """A Node process that is asked by lines of JSON and answers by lines of JSON."""

    def __init__(self, program: str, *words: str) -> None:
        node = shutil.which("node")
        assert node and (HERE.parent / "js" / "node_modules").is_dir(), "run deploy/test-needs first"
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen([node, str(HERE / program), *words], **pipes)

    def say(self, asked: object) -> None:
        """Ask, without waiting."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()

    def hear(self, patience: float = PATIENCE) -> dict[str, Any]:
        """The next answer. Raises RuntimeError when the process ended instead, or said nothing for `patience` s."""
        assert self.process.stdout is not None
        alarm = threading.Timer(patience, self.process.kill)
        alarm.start()
        try:
            line = self.process.stdout.readline()
        finally:
            alarm.cancel()
        if not line:
            raise RuntimeError(f"a process of clients ended with {self.process.wait(5)}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def freeze(self) -> None:
        """As a laptop whose lid is closed: nothing runs, nothing is answered."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on as if nothing had been."""
        self.process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End it."""
        self.thaw()
        self.process.kill()
        self.process.wait(10)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()


def judge(nodes: list[Node], truth: dict[str, Any], of: dict[str, list[str]], patience: float) -> Judged:
    """Ask all processes whether their tables are right, and wait until they are, or for `patience` seconds.

    `truth`: the records by id; `of`: the ids that each person's table should show (`*`: everybody's).
    """
    for node in nodes:
        node.say({"judge": {"truth": truth, "of": of, "patience": patience}})
    found = Judged()
    for node in nodes:
        found.add(node.hear(patience + PATIENCE))
    return found
