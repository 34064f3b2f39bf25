"""What a service refuses, as a command tells it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from bmu.errors import DeskError


@contextmanager
def refusals() -> Iterator[None]:
    """A refusal becomes one line on stderr and exit code 1 (2 is click's for a wrong call)."""
    try:
        yield
    except DeskError as error:
        words = [f"{field}: {text}" for field, texts in error.errors.items() for text in texts]
        raise click.ClickException("; ".join(words) or error.said()) from None
