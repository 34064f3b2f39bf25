"""How fast a line may send, on a clock of the test's own (lines.Pace)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bmu.realtime import lines


class Clock:
    """Time that passes while somebody sleeps, `late` seconds longer every tenth time: the event loop was busy."""

    def __init__(self, late: float = 0.0) -> None:
        self.now, self.late, self.naps = 0.0, late, 0

    def sleep(self, seconds: float) -> None:
        self.naps += 1
        self.now += seconds + (self.late if self.naps % 10 == 0 else 0.0)


@pytest.fixture
def pace(monkeypatch: pytest.MonkeyPatch) -> Callable[[Clock], lines.Pace]:
    """A line's pace on a clock."""

    def made(clock: Clock) -> lines.Pace:
        monkeypatch.setattr(lines, "monotonic", lambda: clock.now)
        monkeypatch.setattr(lines, "sleep", clock.sleep)
        return lines.Pace()

    return made


@pytest.mark.parametrize("late", [0.0, 0.1, 0.2], ids=str)
def test_a_storm_is_one_even_where_the_loop_comes_late(pace: Callable[[Clock], lines.Pace], late: float) -> None:
    line = pace(Clock(late))
    assert not all(line.wait() for _ in range(1000))


def test_who_sends_a_burst_and_then_slows_down_is_none(pace: Callable[[Clock], lines.Pace]) -> None:
    clock = Clock()
    line = pace(clock)
    for _ in range(20):
        assert all(line.wait() for _ in range(150))
        clock.now += 10
