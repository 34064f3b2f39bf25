"""The monthly tax record of one client company: its fields, rules, lists, pages and API."""

from __future__ import annotations

from flask_openapi3 import OpenAPI


def init_app(app: OpenAPI) -> None:
    """Register the three pages and the API."""
    from bmu.clients.audience import hears
    from bmu.monthly_tax import api, pages
    from bmu.monthly_tax.models import MonthlyTaxData
    from bmu.monthly_tax.notice_words import say
    from bmu.monthly_tax.queries import people_of
    from bmu.monthly_tax.table import MENU_TITLES
    from bmu.notifications.words import speaks

    menu: dict[str, str] = app.jinja_env.globals.setdefault("menu_titles", {})  # type: ignore[assignment]
    menu.update(MENU_TITLES)
    app.register_blueprint(pages.blueprint)
    app.register_api(api.api)
    speaks(MonthlyTaxData.entity, say)
    hears(people_of)
