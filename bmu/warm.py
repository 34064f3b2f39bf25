"""What the first requests after a start would otherwise wait for, done before the worker takes any.

Compiling the templates, reading the names of the months, starting the threads beside the event loop and the first
connection to the database take some 0.7 s. Left to the first requests, each held the loop for up to 0.2 s, and with it
every open table that was just coming back (docs/performance.md).
"""

from __future__ import annotations

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from bmu.changes.work import last_seq
from bmu.extensions import db
from bmu.i18n import LANGUAGES, month_names, translate
from bmu.offload import offload

log = structlog.get_logger(__name__)


def init_app(app: Flask) -> None:
    """List the warming up for the worker to do after its fork, so that importing the app or a command does none."""
    app.extensions["bmu.warm"] = lambda: warm(app)


def warm(app: Flask) -> None:
    """Do it. A database that cannot be asked now is a matter for /readyz: nothing is raised for it."""
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)
    for lang in LANGUAGES:
        translate("สถานะ", lang)
        month_names(lang), month_names(lang, "abbreviated")
    offload(int)
    with app.app_context():
        try:
            last_seq()
        except SQLAlchemyError:
            log.warning("cold_database")
        finally:
            db.session.remove()
