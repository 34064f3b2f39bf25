"""Who is responsible for which client's month: the grid, its verbs, its API."""

from __future__ import annotations

from flask_openapi3 import OpenAPI


def init_app(app: OpenAPI) -> None:
    """Register the grid and the API; the menu names the page."""
    from bmu.assignments import api, pages
    from bmu.assignments.table import GRID

    titles = app.jinja_env.globals["menu_titles"]
    app.jinja_env.globals["menu_titles"] = {**titles, GRID.name: GRID.title}  # type: ignore[dict-item]
    app.register_blueprint(pages.blueprint)
    app.register_api(api.api)
