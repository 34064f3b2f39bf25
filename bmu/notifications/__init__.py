"""Notifications: kept with the change they tell, said in the reader's language, listed behind the bell.

A generic store: what a notification is about, its feature says (`words.speaks`).
"""

from __future__ import annotations

from flask_openapi3 import OpenAPI


def init_app(app: OpenAPI) -> None:
    """Register the page and the API; give the templates `unread_notifications(user id)` for the bell."""
    from bmu.notifications import api, pages, queries

    app.jinja_env.globals["unread_notifications"] = queries.unread
    app.register_blueprint(pages.blueprint)
    app.register_api(api.api)
