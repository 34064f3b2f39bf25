"""Employees, users, sign-in, sessions and access. The only place that knows a role's name."""

from __future__ import annotations

from flask import Flask

from bmu.config import Config


def init_app(app: Flask, config: Config) -> None:
    """Set up tokens and sessions, and the guard at every door. Blueprints are registered by create_app."""
    # Here, because the models of this package are imported by floors that must not know of requests.
    from bmu.accounts import access, sessions, tokens

    app.extensions[sessions.EXTENSION] = config
    tokens.init_app(app, config)
    access.init_app(app)
