"""Static files: each at an address with the hash of its content, kept by browsers for a year, sent compressed.

The stylesheets are served as one file in the order declared here; scripts stay ES modules, found by an import map.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from flask import Flask, Response, request
from markupsafe import Markup

from bmu.errors import NotFound

STYLES = (
    "fonts",
    "tokens",
    "tones",
    "base",
    "layout",
    "table",
    "parts",
    "accounts",
    "record",
    "story",
    "form",
    "presence",
    "notifications",
    "assignments",
    "office",
    "phone",
    "print",
)
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
_SERVED = frozenset({*TYPES, ".png", ".ico", ".txt"})
_SHRINKS = ("text/", "application/json", "image/svg+xml")
YEAR = "public, max-age=31536000, immutable"
STYLESHEET = "css/bmu.css"


@dataclass(frozen=True)
class Asset:
    """A file's content, its type and the hash that names it."""

    content: bytes
    mimetype: str

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:12]

    @cached_property
    def gzipped(self) -> bytes | None:
        """The content compressed, where that pays."""
        if not self.mimetype.startswith(_SHRINKS) or len(self.content) < 500:
            return None
        return gzip.compress(self.content, 9, mtime=0)


class Assets:
    """The static folder, read once. In debug mode read anew for every request."""

    def __init__(self, folder: Path, *, fresh: bool) -> None:
        self.folder, self.fresh = folder, fresh
        self._known: dict[str, Asset] = {}

    def get(self, path: str) -> Asset:
        """The asset at `path` below static/. Raises NotFound."""
        if path not in self._known or self.fresh:
            self._known[path] = self._stylesheet() if path == STYLESHEET else self._read(path)
        return self._known[path]

    def _read(self, path: str) -> Asset:
        try:
            file = (self.folder / path).resolve()
            served = file.is_relative_to(self.folder) and file.suffix in _SERVED and file.is_file()
        except (OSError, ValueError):  # names that no file system takes: too long, with a NUL
            served = False
        if not served:
            raise NotFound()
        kind = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return Asset(file.read_bytes(), kind)

    def _stylesheet(self) -> Asset:
        files = [self.folder / "css" / f"{name}.css" for name in STYLES]
        text = "\n".join(file.read_text() for file in files if file.is_file())
        for font in sorted((self.folder / "vendor").rglob("*.woff2")):
            path = font.relative_to(self.folder).as_posix()
            text = text.replace(f"/static/{path}", self.url(path))
        return Asset(text.encode(), TYPES[".css"])

    def url(self, path: str) -> str:
        """The address of a static file, with the hash of its content."""
        return f"/static/{path}?v={self.get(path).digest}"

    def import_map(self) -> Markup:
        """The JSON of the import map: `bmu/rows` → the hashed address of static/js/rows.js; socket.io too."""
        modules = {
            f"bmu/{file.stem}": self.url(f"js/{file.name}") for file in sorted((self.folder / "js").glob("*.js"))
        }
        modules["socket.io"] = self.url("vendor/socket.io.esm.min.js")
        return Markup(json.dumps({"imports": modules}))


def init_app(app: Flask) -> None:
    """Serve /static and give the templates `asset(path)` and `import_map()`."""
    assets = Assets(Path(app.root_path).parent / "static", fresh=app.debug)
    app.jinja_env.globals.update(asset=assets.url, import_map=assets.import_map)

    @app.route("/static/<path:path>", endpoint="static")
    def serve(path: str) -> Response:
        return _response(assets.get(path))


def _response(asset: Asset) -> Response:
    packed = asset.gzipped if request.accept_encodings["gzip"] > 0 else None
    response = Response(packed or asset.content, mimetype=asset.mimetype)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    if asset.gzipped:
        response.headers["Vary"] = "Accept-Encoding"
    response.set_etag(asset.digest)
    response.headers["Cache-Control"] = YEAR if request.args.get("v") == asset.digest else "no-cache"
    response.make_conditional(request)
    return response
