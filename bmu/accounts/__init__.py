"""Employees, users, sign-in, sessions and access. The only place that knows a role's name."""

from __future__ import annotations

from flask_openapi3 import OpenAPI

from bmu.config import Config


def init_app(app: OpenAPI, config: Config) -> None:
    """Set up tokens and sessions, the guard at every door, and the pages and API of signing in."""
    # Imported here: the models of this package belong to floors that must not know of requests.
    from bmu.accounts import access, tokens
    from bmu.accounts.api import api
    from bmu.accounts.pages import pages

    tokens.init_app(app, config)
    access.init_app(app)
    app.register_api(api)
    app.register_blueprint(pages)
