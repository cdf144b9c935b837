"""Asks a running hub over its API, on behalf of the command line. The hub owns the database, and its day."""

import json
from collections.abc import Mapping
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

import msgspec

from hub.book.book import BookView, ImportReport
from hub.errors import HubError

ANSWER_S = 600.0
"""The largest file takes half a minute on a small computer, and minutes on one that is busy."""

PROBLEM_BYTES_MAX = 65_536


class NoHub(HubError):
    """Nobody answers."""


class HubClient:
    """One hub, and its book."""

    def __init__(self, url: str, token: str, *, answer_s: float = ANSWER_S) -> None:
        """`url` is the hub's own, `token` that of the office, or of whoever asks; a hub that says nothing for
        `answer_s` is given up."""
        self._url = url.rstrip("/")
        self._answer_s = answer_s
        self._token = token
        # Never by way of a proxy: the hub is on this computer or in this house, and names are in the body.
        self._opener: OpenerDirector = build_opener(ProxyHandler({}))

    def sites(self) -> list[str]:
        """The ids of the hub's sites. Raises as `import_file` does."""
        return [site["id"] for site in json.loads(self.ask("/sites"))]

    def import_file(self, site: str, data: bytes, *, source: str, keep_missing: bool) -> ImportReport:
        """Let the hub import `data`.

        Raises:
            NoHub: nobody answers there.
            HubError: the hub does not do it, or is not done in time.
        """
        query = {"source": source, "keep_missing": str(keep_missing).lower()}
        body = self.ask(f"/sites/{quote(site)}/book/imports", query, data)
        return msgspec.json.decode(body, type=ImportReport)

    def view(self, site: str, day: str) -> BookView:
        """The appointments of `day` (ISO; empty for today and later). Raises as `import_file` does."""
        body = self.ask(f"/sites/{quote(site)}/book/appointments", {"day": day} if day else {})
        return msgspec.json.decode(body, type=BookView)

    def ask(self, path: str, query: Mapping[str, str] | None = None, data: bytes | None = None) -> bytes:
        """What the API answers below `path`: to a GET, with `data` to a POST. Raises as `import_file` does."""
        url = f"{self._url}/api/v1{path}" + (f"?{urlencode(query)}" if query else "")
        # Commands speak English; what the hub says should, too.
        headers = {"authorization": f"Bearer {self._token}", "accept-language": "en"}
        if data is not None:
            headers["content-type"] = "application/octet-stream"
        try:
            with self._opener.open(Request(url, data, headers), timeout=self._answer_s) as answer:
                return bytes(answer.read())
        except HTTPError as error:
            with error:
                raise HubError(f"the hub at {self._url} refused: {_said(error)}") from None
        except TimeoutError:
            # urllib wraps what fails before the request is out, and hands on what fails while it waits for the answer.
            raise HubError(
                f"the hub at {self._url} has not answered for {self._answer_s:g} s, but it has the request and "
                "goes on; run the command again to see what it did"
            ) from None
        except (URLError, HTTPException, OSError, ValueError) as error:
            why = getattr(error, "reason", None) or error
            raise NoHub(f"no hub answers at {self._url} ({why})") from None


def _said(error: HTTPError) -> str:
    """The sentence of a problem document, else the status."""
    try:
        return str(json.loads(error.read(PROBLEM_BYTES_MAX))["detail"])
    except (ValueError, KeyError, TypeError, OSError):
        return f"{error.code} {error.reason}"
