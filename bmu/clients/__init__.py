"""The firm's client companies: their fields and rules, list, page, API."""

from __future__ import annotations

from flask_openapi3 import OpenAPI

from bmu.i18n import N_


def init_app(app: OpenAPI) -> None:
    """Register the pages and the API, and the name of the list in the menu."""
    # Imported here: the models of this package belong to floors that must not know of requests.
    from bmu.clients import api, pages

    menu: dict[str, str] = app.jinja_env.globals.setdefault("menu_titles", {})  # type: ignore[assignment]
    menu["clients"] = N_("ข้อมูลลูกค้า")
    app.register_blueprint(pages.blueprint)
    app.register_api(api.api)
