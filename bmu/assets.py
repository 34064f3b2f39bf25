"""Static files: each at an address with the hash of its content, kept by browsers for a year, sent compressed.

The stylesheets are served as one file in the order declared here, a script with all that it imports (bmu/scripts.py).
"""

from __future__ import annotations

import hashlib
import mimetypes
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from flask import Flask, Response, request
from markupsafe import Markup

from bmu import packing
from bmu.errors import NotFound
from bmu.scripts import joined

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
SCRIPTS = "js"
# Modules that are not ours, by the names under which ours import them.
OTHERS = {"socket.io": "vendor/socket.io.esm.min.js"}
_REMARKS = re.compile(r"/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True)
class Asset:
    """A file's content, its type and the hash that names it."""

    content: bytes
    mimetype: str
    _packed: dict[str, bytes] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:12]

    @property
    def shrinks(self) -> bool:
        """Whether compressing it pays."""
        return self.mimetype.startswith(_SHRINKS) and len(self.content) >= 500

    def packed(self, by: str) -> bytes:
        """The content by the encoding `by`, made once."""
        if by not in self._packed:
            self._packed[by] = packing.packed_tightly(self.content, by)
        return self._packed[by]


class Assets:
    """The static folder, read once. In debug mode read anew for every request."""

    def __init__(self, folder: Path, *, fresh: bool) -> None:
        self.folder, self.fresh = folder, fresh
        self._known: dict[str, Asset] = {}

    def get(self, path: str) -> Asset:
        """The asset at `path` below static/. Raises NotFound."""
        if path not in self._known or self.fresh:
            self._known[path] = self._made(path)
        return self._known[path]

    def _made(self, path: str) -> Asset:
        if path == STYLESHEET:
            return self._stylesheet()
        folder, _, name = path.rpartition("/")
        ours = folder == SCRIPTS and name.endswith(".js")
        return self._script(name.removesuffix(".js")) if ours else self._read(path)

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
        text = _REMARKS.sub("", "\n".join(file.read_text() for file in files if file.is_file()))
        for font in sorted((self.folder / "vendor").rglob("*.woff2")):
            path = font.relative_to(self.folder).as_posix()
            text = text.replace(f"/static/{path}", self.url(path))
        lines = (line.strip() for line in text.splitlines())
        return Asset("\n".join(line for line in lines if line).encode(), TYPES[".css"])

    def _script(self, name: str) -> Asset:
        def read(module: str) -> str:
            return self._read(f"{SCRIPTS}/{module}.js").content.decode()

        others = {other: self.url(path) for other, path in OTHERS.items()}
        return Asset(joined(name, read, others).encode(), TYPES[".js"])

    def url(self, path: str) -> str:
        """The address of a static file, with the hash of its content."""
        return f"/static/{path}?v={self.get(path).digest}"

    def script(self, name: str) -> Markup:
        """The tags of the script static/js/NAME.js: what it imports of others is fetched beside it, not after it."""
        path = f"{SCRIPTS}/{name}.js"
        text = self.get(path).content.decode()
        found = [url for url in map(self.url, OTHERS.values()) if url in text]
        beside = Markup().join(Markup('<link rel="modulepreload" href="{}">\n').format(url) for url in found)
        return beside + Markup('<script type="module" src="{}"></script>').format(self.url(path))


def init_app(app: Flask) -> None:
    """Serve /static and give the templates `asset(path)` and `script(name)`."""
    assets = Assets(Path(app.root_path).parent / "static", fresh=app.debug)
    app.jinja_env.globals.update(asset=assets.url, script=assets.script)

    @app.route("/static/<path:path>", endpoint="static")
    def serve(path: str) -> Response:
        return _response(assets.get(path))


def _response(asset: Asset) -> Response:
    by = packing.encoding(request.accept_encodings) if asset.shrinks else ""
    response = Response(asset.packed(by) if by else asset.content, mimetype=asset.mimetype)
    if by:
        response.headers["Content-Encoding"] = by
    if asset.shrinks:
        response.headers["Vary"] = "Accept-Encoding"
    response.set_etag(asset.digest)
    response.headers["Cache-Control"] = YEAR if request.args.get("v") == asset.digest else "no-cache"
    response.make_conditional(request)
    return response
