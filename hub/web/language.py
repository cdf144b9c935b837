"""Which language a reader gets: the one she chose, else the one her browser asks for, else the lobby's own."""

from collections.abc import Sequence

from starlette.requests import HTTPConnection
from starlette.responses import Response

import words

COOKIE = "lang"
COOKIE_AGE_S = 365 * 86_400


def offered(languages: Sequence[str]) -> tuple[str, ...]:
    """Of a lobby's languages those that have a catalog, in the lobby's order; English when none has."""
    return tuple(language for language in languages if language in words.LANGUAGES) or (words.SOURCE_LANGUAGE,)


def choose(request: HTTPConnection, languages: Sequence[str]) -> str:
    """One of `languages`: by `?lang=`, then the cookie of an earlier choice, then Accept-Language, then the first."""
    for wanted in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if wanted is not None and wanted in languages:
            return wanted
    return words.negotiate(request.headers.get("accept-language", ""), languages)


def remember(request: HTTPConnection, response: Response, language: str) -> None:
    """Keep a choice made by `?lang=` for the next page."""
    if request.query_params.get("lang") == language:
        response.set_cookie(
            COOKIE, language, max_age=COOKIE_AGE_S, samesite="lax", secure=request.url.scheme == "https"
        )
