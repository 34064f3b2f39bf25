"""The promises under faults, on both shapes: a short drive and a small herd. `make faults` is the long way."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.crew import Crew
from tests.faults.drive import Size, drive
from tests.faults.herd import stampede
from tests.faults.shapes import SHAPES, Shape, running

pytestmark = pytest.mark.faults
FIRM = ("--clients", "40", "--months", "1", "--employees", "40")


@pytest.fixture(scope="module", params=SHAPES)
def shape(request: pytest.FixtureRequest) -> Iterator[Shape]:
    """The running app in each of its shapes."""
    with running(request.param, *FIRM) as made:
        yield made


def test_whatever_breaks_all_tables_the_log_and_the_acknowledged_saves_agree(shape: Shape) -> None:
    said: list[str] = []
    size = Size(points=4, desks=2, tables=4, pages=1)
    with ThreadPoolExecutor(1) as beside:  # Playwright runs once in a thread, and the browser's tests have this one
        found = beside.submit(drive, shape, seed=4, size=size, say=said.append).result()
    assert not found.broken, "\n".join(said)
    assert found.points == size.points
    assert found.saves
    assert found.judged.caught  # somebody was away, and came back


def test_a_herd_comes_back_to_the_last_and_nobody_s_save_fails(shape: Shape) -> None:
    herd = stampede(shape, Crew(shape), sockets=100, seed=1)
    assert len(herd.right) == herd.sockets
    assert herd.never == 0, herd.errors
    assert herd.failures == 0, (herd.statuses, herd.errors)
