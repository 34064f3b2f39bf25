"""The guard's comparison: what it lets pass, what it speaks of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench import check
from tests.bench.check import Finding, compared, smaller, told


@pytest.mark.parametrize(
    ("kept", "now", "verdict"),
    [(10, 12, ""), (10, 12.1, "WORSE"), (10, 8.4, ""), (10, 8.3, "better"), (None, 5, "new"), (5, None, "GONE")],
)
def test_a_fifth_more_is_worse_and_a_sixth_less_is_better(kept: float, now: float, verdict: str) -> None:
    assert Finding("save", kept, now).verdict == verdict


def test_what_is_worse_or_gone_fails_and_nothing_else_does() -> None:
    findings = compared({"a": 1, "b": 1, "gone": 1}, {"a": 1.3, "b": 0.5, "new": 9})
    assert [one.name for one in findings if one.fails] == ["a", "gone"]
    assert [one.name for one in findings] == ["a", "b", "new", "gone"]


def test_of_two_measurements_the_smaller_counts() -> None:
    assert smaller({"a": 2, "b": 1}, {"a": 1, "b": 3}) == {"a": 1, "b": 1}


def test_the_table_says_how_many_times_as_much_it_is() -> None:
    line = next(line for line in told([Finding("save", 2, 3)]).splitlines() if "save" in line)
    assert [cell.strip() for cell in line.strip("|").split("|")] == ["save", "2", "3", "1.50", "WORSE"]


def ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *measurements: dict[str, float], keep: bool = False) -> int:
    """The exit code of a check that finds `measurements`, one after the other, where {"save": 1} is kept."""
    left = list(measurements)
    monkeypatch.setattr(check, "KEPT", tmp_path / "ratios.json")
    check.KEPT.write_text(json.dumps({"figures": {"save": 1}}))
    monkeypatch.setattr(check, "measured", lambda _folder: left.pop(0))
    monkeypatch.setattr("sys.argv", ["check", *(["--keep"] if keep else [])])
    return check.main()


def test_what_is_worse_twice_ends_with_1(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert ran(monkeypatch, tmp_path, {"save": 1.5}, {"save": 1.3}) == 1


def test_what_was_a_slow_moment_ends_with_0(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert ran(monkeypatch, tmp_path, {"save": 1.5}, {"save": 1.1}) == 0


def test_what_is_kept_is_what_the_next_check_compares_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert ran(monkeypatch, tmp_path, {"save": 1.5}, keep=True) == 0
    assert json.loads(check.KEPT.read_text())["figures"] == {"save": 1.5}
