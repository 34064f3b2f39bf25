"""The papers in and out: exports, print views, imports. The features below know nothing of files."""

from __future__ import annotations

from flask_openapi3 import OpenAPI


def init_app(app: OpenAPI) -> None:
    """Register the addresses."""
    from bmu.papers import pages

    app.register_blueprint(pages.blueprint)
