"""What a reader gets when there is no such page, a request makes no sense, or the hub stumbles: a sentence, always."""

from urllib.parse import urlencode

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

import words
from hub.day.refusal import Code
from hub.errors import JournalError
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
TOO_OFTEN = 429
SAVED_AGAIN_S = 2
"""A database that was away is asked again about as soon."""
NO_OWNER = 503
"""No hub owns the sites at the moment; one will in some seconds."""
FOR_PROGRAMS = {
    NOBODY: "Nobody we know asks. Show a token that is good (`guichet-hub token add` makes one), or sign in.",
    FORBIDDEN: "Who asks may not do this here. See the scopes and sites of the token, or the roles of the account.",
}
VALIDATION_FAULTS_MAX = 5
"""As many as a person reads; the rest shows after these are mended."""


def install(app: FastAPI) -> None:
    """Make every failure of `app` speak."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(JournalError, _unwritten)
    app.add_exception_handler(Exception, _stumble)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == NOBODY and wants_page(request):
        return RedirectResponse(f"/sign-in?{urlencode({'next': _way_back(request)})}", status_code=303)
    response = answer(request, error.status_code, str(error.detail))
    response.headers.update(error.headers or {})
    return response


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


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [
        f"{'.'.join(str(part) for part in fault['loc'][1:]) or fault['loc'][0]}: {fault['msg']}"
        for fault in error.errors()[:VALIDATION_FAULTS_MAX]
    ]
    return respond(422, "bad-request", "; ".join(faults))


def answer(request: Request, status: int, code: str) -> Response:
    """What `request` gets when it failed: a problem for programs, a page for people."""
    web = web_of(request)
    offered = offered_by(web)
    language = languages.choose(request, offered)
    said = sentence(code, {}, language) if code in SENTENCES else _said(status, language)
    if request.url.path.startswith(API):
        said = FOR_PROGRAMS.get(status, said)
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


def offered_by(web: Web) -> tuple[str, ...]:
    """The languages of a page that belongs to no lobby: those of the first one."""
    first = next(iter(web.sites.values()), None)
    return languages.offered(first.lobby.site.languages if first else words.LANGUAGES)


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
    if status == NO_OWNER:
        return catalog.gettext("We are changing over to another computer. Please try again in a few seconds.")
    if status < 500:
        return catalog.gettext("That did not work. Please go back and try again.")
    return catalog.gettext("Something went wrong here. Please try again in a moment, or ask a member of staff.")


def _word(status: int) -> str:
    words_of = {
        NOBODY: "unauthorized",
        FORBIDDEN: "forbidden",
        NOT_FOUND: "not-found",
        TOO_OFTEN: "too-often",
        NO_OWNER: "no-owner",
    }
    return words_of.get(status) or ("bad-request" if status < 500 else "failed")
