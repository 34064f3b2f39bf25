"""What will be broken is drawn fairly, and what came of it is counted where it belongs. No server is needed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.faults import paper
from tests.faults.ledger import DOUBLED, MISSED, Broken, Done, Ledger, Return
from tests.faults.plan import CLUSTER, DESK, LINE, PAGE, SERVER, Point, Targets, rounds

LINES = [f"desk-{desk}-{part}" for desk in "0123" for part in "abcd"]
TARGETS = Targets(LINES, [f"desk-{desk}" for desk in "0123"], ["page-0"], CLUSTER)
POINT = Point(1, "cut", "desk-0-a", 0.0, 1.0)


def test_the_same_seed_draws_the_same_plan_and_another_another() -> None:
    first, again, other = (list(rounds(TARGETS, 50, seed)) for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize("points", [1, 7, 60, 1000])
def test_the_plan_has_as_many_points_as_asked_for(points: int) -> None:
    drawn = [point for one in rounds(TARGETS, points, 1) for point in one]
    assert [point.number for point in drawn] == list(range(1, points + 1))


def test_every_kind_of_server_s_fault_comes_up_once_before_any_comes_up_twice() -> None:
    for seed in range(20):
        plan = rounds(TARGETS, 1000, seed)
        assert {next(plan)[0].kind for _ in CLUSTER} == set(CLUSTER)


def test_a_thousand_points_break_everything_and_alike_often() -> None:
    times = Counter(point.kind for one in rounds(TARGETS, 1000, 1) for point in one)
    for kinds in (CLUSTER, (*LINE, *DESK, *PAGE)):
        often = [times[kind] for kind in kinds]
        assert min(often) > 10 and max(often) - min(often) <= 1


def test_a_round_breaks_one_thing_at_the_servers_and_clients_at_different_places() -> None:
    for points in rounds(TARGETS, 990, 3):
        targets = [point.target for point in points if point.kind not in PAGE]
        assert targets.count(SERVER) == 1 and len(set(targets)) == len(targets)


def test_a_fault_answers_for_the_returns_of_its_own_tables_after_it_began() -> None:
    done = Done(POINT, 100.0)
    assert done.caused(Return("desk-0-a 3 of AC00024", 5, "missed", 100_001))
    assert not done.caused(Return("desk-0-b 3 of AC00024", 5, "missed", 100_001))
    assert not done.caused(Return("desk-0-a 3 of AC00024", 5, "missed", 99_999))
    assert Done(Point(1, "stall", SERVER, 0, 1), 100.0).caused(Return("desk-1-b 0 of *", 5, "anew", 100_001))


def test_the_ledger_counts_saves_from_the_beginning_of_a_fault_and_what_broke() -> None:
    ledger = Ledger()
    broken = [Broken(MISSED, "x"), Broken(DOUBLED, "y"), Broken(DOUBLED, "z")]
    ledger.add([Done(POINT, 10.0)], [9.0, 11.0, 12.0], broken, [Return("desk-0-a 0", 700, "missed", 11_000)])
    ledger.add([Done(POINT, 20.0)], [21.0], [], [Return("desk-0-a 0", 300, "missed", 21_000)])
    [row] = ledger.sheet("points").rows
    assert row == ["the line is cut without a goodbye", "2", "3", "1", "2", "0", "2", "700"]


def test_a_table_is_written_between_its_own_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = tmp_path / "reliability.md"
    document.write_text("<!-- faults a -->\nold\n<!-- end a -->\n<!-- faults b -->\nkept\n<!-- end b -->\n")
    monkeypatch.setattr(paper, "DOCUMENT", document)
    paper.write("a", r"new \1")
    assert document.read_text().splitlines()[2] == r"new \1" and "kept" in document.read_text()
    assert "old" not in document.read_text()
    with pytest.raises(SystemExit):
        paper.write("c", "x")
