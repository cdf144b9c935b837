"""Styles, scripts and icons, held in memory under names that carry their hash, so that browsers may keep them for good.

Not Starlette's StaticFiles: that reads through worker threads, which a virtual clock cannot wait for.
"""

import gzip
import hashlib
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

MEDIA_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}


class Assets:
    """Everything in `hub/web/static`."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._bodies: dict[str, tuple[bytes, bytes, str]] = {}
        """By hashed name: as it is, packed with gzip, and its media type."""
        for entry in sorted(files("hub.web").joinpath("static").iterdir(), key=lambda file: file.name):
            body = entry.read_bytes()
            stem, _, kind = entry.name.rpartition(".")
            hashed = f"{stem}.{hashlib.sha256(body).hexdigest()[:10]}.{kind}"
            self._names[entry.name] = f"/static/{hashed}"
            self._bodies[hashed] = (body, gzip.compress(body, mtime=0), MEDIA_TYPES[kind])

    def path(self, name: str) -> str:
        """Where `name` is served."""
        return self._names[name]

    async def serve(self, request: Request) -> Response:
        """One asset by its hashed name."""
        found = self._bodies.get(request.path_params["name"])
        if found is None:
            return PlainTextResponse("No such file\n", status_code=404)
        body, packed, media_type = found
        headers = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
        # Pages are not packed: what they say of a visitor could be guessed from their length.
        if _takes_gzip(request.headers.get("accept-encoding", "")):
            body, headers["content-encoding"] = packed, "gzip"
        return Response(body, media_type=media_type, headers=headers)


def _takes_gzip(accepted: str) -> bool:
    """What browsers say. Who says it in another way gets the body as it is."""
    return "gzip" in (coding.strip() for coding in accepted.split(","))
