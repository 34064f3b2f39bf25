"""The promises under faults, on both shapes: a short drive and a small herd. `make faults` is the long way."""

from __future__ import annotations

from collections.abc import Iterator

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
    found = drive(shape, seed=4, size=Size(points=6, desks=2, tables=4, pages=1), say=said.append)
    assert not found.broken, "\n".join(said)
    assert found.points == 6
    assert found.saves
    assert found.judged.caught  # somebody was away, and came back


def test_a_herd_comes_back_to_the_last_and_nobody_s_save_fails(shape: Shape) -> None:
    herd = stampede(shape, Crew(shape), sockets=200, seed=1)
    assert len(herd.right) == herd.sockets
    assert herd.never == 0, herd.errors
    assert herd.failures == 0, (herd.statuses, herd.errors)
