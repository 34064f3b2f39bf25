"""The API's documentation page: Swagger UI from our own files, no CDN, no inline script."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template

blueprint = Blueprint("docs", __name__)


@blueprint.get("/api/docs")
def page() -> str:
    """The page that draws /api/openapi.json."""
    return render_template("docs/api.html")


def init_app(app: Flask) -> None:
    """Register the page."""
    app.register_blueprint(blueprint)
