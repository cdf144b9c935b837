"""What a reader gets when there is no such page, a request makes no sense, or the hub stumbles: a sentence, always."""

from collections.abc import Mapping
from urllib.parse import urlencode

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match, Route

import words
from hub.day.refusal import Code
from hub.errors import JournalError, SiteDown
from hub.web import language as languages
from hub.web.context import Web, web_of
from hub.web.problems import respond
from words.refusals import SENTENCES, sentence

log = structlog.get_logger()

API = "/api/"
NOBODY = 401
"""Nobody we know asks for what is not for everybody."""
FORBIDDEN = 403
NOT_FOUND = 404
WRONG_METHOD = 405
TOO_LARGE = 413
BAD_REQUEST = 422
TOO_OFTEN = 429
SAVED_AGAIN_S = 2
"""A database that was away is asked again about as soon."""
DOWN_AGAIN_S = 30
"""A site that does not serve mostly waits for somebody to mend it."""
NO_OWNER = 503
"""No hub owns the sites at the moment; one will in some seconds."""
WORDS = {
    NOBODY: "unauthorized",
    FORBIDDEN: "forbidden",
    NOT_FOUND: "not-found",
    TOO_LARGE: "too-large",
    TOO_OFTEN: "too-often",
    NO_OWNER: "no-owner",
}
VALIDATION_FAULTS_MAX = 5
"""As many as a person reads; the rest shows after these are mended."""
SHOWN_CHARACTERS_MAX = 200


def install(app: FastAPI) -> None:
    """Make every failure of `app` speak."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(JournalError, _unwritten)
    app.add_exception_handler(SiteDown, _down)
    app.add_exception_handler(Exception, _stumble)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == NOBODY and wants_page(request):
        return RedirectResponse(f"/sign-in?{urlencode({'next': _way_back(request)})}", status_code=303)
    response = answer(request, error.status_code, str(error.detail))
    response.headers.update(error.headers or {})
    if error.status_code == WRONG_METHOD:
        response.headers["allow"] = ", ".join(_methods(request))
    return response


def _methods(request: Request) -> list[str]:
    """What may be asked of this address. Each method is a route of its own, which knows of no other."""
    routes = (it for it in request.app.router.routes if isinstance(it, Route))
    fitting = (it for it in routes if it.matches(request.scope)[0] is not Match.NONE)
    return sorted({method for route in fitting for method in route.methods or ()})


def wants_page(request: Request) -> bool:
    """Whether a person looks for a page. A form that was not done is told so, and not led away."""
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


def _way_back(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


async def _stumble(request: Request, error: Exception) -> Response:
    # Starlette raises the error again after this answer, so that the server logs it.
    return answer(request, 500, "failed")


async def _unwritten(request: Request, error: Exception) -> Response:
    log.warning("not saved", error=str(error))
    response = answer(request, NO_OWNER, Code.UNAVAILABLE)
    response.headers["retry-after"] = str(SAVED_AGAIN_S)
    return response


async def _down(request: Request, error: Exception) -> Response:
    catalog = words.of(_language(request))
    if request.url.path.startswith(API):
        said = catalog.gettext(
            "The day of this site could not be opened. The hub says why at /healthz, and in its log."
        )
    else:
        said = catalog.gettext("We cannot give or show tickets here at the moment. Please ask a member of staff.")
    response = answer(request, NO_OWNER, Code.UNAVAILABLE, said)
    response.headers["retry-after"] = str(DOWN_AGAIN_S)
    return response


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = {
        ".".join(str(part) for part in fault["loc"][1:]) or str(fault["loc"][0]): str(fault["msg"])
        for fault in error.errors()[:VALIDATION_FAULTS_MAX]
    }
    return bad_request(request, faults)


def bad_request(request: Request, faults: Mapping[str, str]) -> Response:
    """What `request` gets when parts of it are not as they should be: their names in a sentence for its reader, and
    what is wrong with each, in English as the library says it, for who writes the program that asks."""
    names = ", ".join(shown(name) for name in faults)
    said = words.of(_language(request)).gettext("This is not as it should be: %(names)s") % {"names": names}
    facts = {shown(name): shown(wrong) for name, wrong in faults.items()}
    return respond(BAD_REQUEST, "bad-request", said, facts)


def shown(text: str) -> str:
    """What anybody may have sent, so that it can be told back: short, and only what letters can be written with."""
    return text[:SHOWN_CHARACTERS_MAX].encode(errors="replace").decode()


def answer(request: Request, status: int, code: str, said: str = "") -> Response:
    """What `request` gets when it failed: a problem for programs, a page for people. `said` in place of the sentence
    that `code` or `status` has."""
    web = web_of(request)
    offered = offered_by(web)
    language = languages.choose(request, offered)
    said = said or (sentence(code, {}, language) if code in SENTENCES else _said(status, language))
    if request.url.path.startswith(API):
        said = _said_to_programs(status, language) or said
        return respond(status, code if code in SENTENCES else _word(status), said)
    return web.drawing.page(
        request,
        "failure.html",
        language,
        offered,
        status_code=status,
        said=said,
        leads_in=status in (NOBODY, FORBIDDEN),
    )


def _language(request: Request) -> str:
    return languages.choose(request, offered_by(web_of(request)))


def offered_by(web: Web) -> tuple[str, ...]:
    """The languages of a page that belongs to no lobby: those of the first one."""
    first = next(iter(web.sites.values()), None)
    return languages.offered(first.lobby.site.languages if first else words.LANGUAGES)


def foreign_page(request: Request) -> Response:
    """What a page of another site gets in its visitor's name."""
    said = words.of(_language(request)).gettext("This was asked by a page of another site, so nothing was done.")
    return respond(FORBIDDEN, "foreign-page", said)


def _said(status: int, language: str) -> str:
    catalog = words.of(language)
    if status == NOT_FOUND:
        return catalog.gettext("We cannot find this page. Perhaps its address was not copied completely.")
    if status == NOBODY:
        return catalog.gettext("You are not signed in, so nothing was done. Please sign in and try again.")
    if status == FORBIDDEN:
        return catalog.gettext("Your account may not do this. Please ask whoever looks after the accounts.")
    if status == TOO_OFTEN:
        return catalog.gettext("Very many are asking at this moment. Please wait a little and try again.")
    if status == TOO_LARGE:
        return catalog.gettext("This is more than we take at once, so nothing was done.")
    if status == NO_OWNER:
        return catalog.gettext("We are changing over to another computer. Please try again in a few seconds.")
    if status < 500:
        return catalog.gettext("That did not work. Please go back and try again.")
    return catalog.gettext("Something went wrong here. Please try again in a moment, or ask a member of staff.")


def _said_to_programs(status: int, language: str) -> str:
    """Empty for what people and programs are told alike."""
    catalog = words.of(language)
    if status == NOBODY:
        return catalog.gettext(
            "Nobody we know asks. Show a token that is good (`guichet-hub token add` makes one), or sign in."
        )
    if status == FORBIDDEN:
        return catalog.gettext(
            "Who asks may not do this here. See the scopes and sites of the token, or the roles of the account."
        )
    return ""


def _word(status: int) -> str:
    return WORDS.get(status) or ("bad-request" if status < 500 else "failed")
