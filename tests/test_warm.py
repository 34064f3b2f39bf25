"""What is done before the worker takes its first request."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from bmu import i18n, warm


def test_every_template_is_compiled_beforehand(app: Flask) -> None:
    warm.warm(app)
    compiled = {name for _loader, name in app.jinja_env.cache or ()}
    assert compiled == set(app.jinja_env.list_templates())


def test_all_of_them_stay_compiled(app: Flask) -> None:
    cache: Any = app.jinja_env.cache
    assert cache.capacity >= len(app.jinja_env.list_templates())


def test_the_months_names_are_known_in_every_language(app: Flask) -> None:
    i18n.month_names.cache_clear()
    warm.warm(app)
    before = i18n.month_names.cache_info().misses
    for lang in i18n.LANGUAGES:
        i18n.month_names(lang)
        i18n.month_names(lang, "abbreviated")
    assert i18n.month_names.cache_info().misses == before


def test_a_database_that_is_away_does_not_keep_the_worker_from_starting(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> int:
        raise OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr(warm, "last_seq", away)
    warm.warm(app)


def test_the_worker_is_offered_it(app: Flask) -> None:
    app.extensions["bmu.warm"]()
