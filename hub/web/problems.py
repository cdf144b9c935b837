"""A "no" over HTTP: which status, and what the JSON says (RFC 9457, `application/problem+json`)."""

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from starlette.requests import HTTPConnection
from starlette.responses import Response

from hub.day.refusal import Code
from hub.site import Answer, Site
from hub.web import language as languages
from hub.web.context import web_of
from wire.messages import Fact
from words.refusals import sentence

STATUSES: dict[str, int] = {
    Code.UNKNOWN_SERVICE: 404,
    Code.UNKNOWN_PRIORITY: 404,
    Code.UNKNOWN_DESK: 404,
    Code.UNKNOWN_DEVICE: 404,
    Code.UNKNOWN_TICKET: 404,
    Code.UNKNOWN_ROOM: 404,
    Code.UNKNOWN_CODE: 404,
    Code.DOOR_CODE_NEEDED: 403,
    Code.DOOR_CODE_OLD: 403,
    Code.DOOR_CODE_UNKNOWN: 403,
    Code.DOOR_CODE_USED_UP: 403,
    Code.BAD_PARTY: 422,
    Code.BAD_PEOPLE: 422,
    Code.BAD_LIMIT: 422,
    Code.BAD_NOTICE: 422,
    Code.UNTIL_PAST: 422,
    Code.POISON: 500,
    Code.UNAVAILABLE: 503,
}
"""Everything else is 409: a good wish at the wrong moment."""

CONFLICT = 409


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request was not fulfilled."""

    type: str = "about:blank"
    title: str
    """The status in words."""
    status: int
    code: str
    """For programs: why, in one frozen word."""
    detail: str
    """For people: the same in a sentence, in the language of the request."""
    facts: dict[str, Fact] = {}
    """What the sentence is about."""


def status_of(code: str) -> int:
    """The HTTP status of a refusal."""
    return STATUSES.get(code, CONFLICT)


def refused(request: HTTPConnection, site: Site, answer: Answer) -> Response:
    """The answer to a request that the day refused."""
    return problem(request, status_of(answer.code), answer.code, answer.facts, site)


def problem(
    request: HTTPConnection, status: int, code: str, facts: Mapping[str, Fact] | None = None, site: Site | None = None
) -> Response:
    """A problem whose sentence is that of `code`."""
    facts = facts or {}
    described = (site or next(iter(web_of(request).sites.values()))).lobby.site
    language = languages.choose(request, languages.offered(described.languages))
    return respond(status, code, sentence(code, facts, language, described.time_zone), facts)


def respond(status: int, code: str, detail: str, facts: Mapping[str, Fact] | None = None) -> Response:
    """A problem whose sentence is there already."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, code=code, detail=detail, facts=dict(facts or {}))
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        media_type="application/problem+json",
        headers={"cache-control": "no-store"},
    )
