"""The people of the firm for administrators: employees with their accounts, and what somebody still holds."""

from __future__ import annotations

from flask_openapi3 import OpenAPI

from bmu.i18n import N_


def init_app(app: OpenAPI) -> None:
    """Register the pages and the API, and the name of the list in the menu."""
    from bmu.people import api, pages

    titles = app.jinja_env.globals["menu_titles"]
    app.jinja_env.globals["menu_titles"] = {**titles, "people": N_("พนักงาน")}  # type: ignore[dict-item]
    app.register_blueprint(pages.blueprint)
    app.register_api(api.employees)
    app.register_api(api.users)
