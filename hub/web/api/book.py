"""The appointment book: check in with a code; import files and list appointments, for the office alone."""

from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import BeforeValidator
from pydantic.json_schema import SkipJsonSchema
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hub.accounts.rights import Right
from hub.book.book import SOURCE_CHARS_MAX, Book, BookView, ImportReport
from hub.book.entries import FILE_BYTES_MAX
from hub.day.refusal import Code
from hub.errors import Unwritten
from hub.web import presence
from hub.web.api.declared import answers, problems, routes
from hub.web.api.shapes import IdempotencyKey, IssuedTicket, NewCheckIn, answer, written_out
from hub.web.api.tickets import issued
from hub.web.context import web_of
from hub.web.gate import PUBLIC, hold_back, is_of_the_house, noted, stranger
from hub.web.limits import Kind
from hub.web.problems import problem
from hub.web.wishes import check_in

public = routes("appointments", "/sites/{site}", PUBLIC)
router = routes("appointments", "/sites/{site}", Right.BOOK)

BODY_BYTES_MAX = FILE_BYTES_MAX + 1
"""One more than is read, so that a file that is too long is told as one."""

FILE_BODY = {
    "requestBody": {
        # Nothing is an empty file, and told as one.
        "required": False,
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("text/csv", "text/calendar")},
    }
}

FOR_THE_OFFICE = problems(_404="No such site.", _503="The book cannot be read.")


@public.post(
    "/check-ins",
    status_code=201,
    responses=answers(IssuedTicket, "The ticket, and where its page is.", 201)
    | problems(
        _401="Only staff, and programs with a token for tickets, may say `printer`.",
        _403="The lobby asks for the code of its door, or somebody with a token for something else says `printer`: "
        "staff, and programs with a token for tickets, may.",
        _404="No appointment of today has this code, or no such site or printer.",
        _409="The lobby is closed, or the code was used already.",
        _429="Too many at once from there; `Retry-After` says when to ask again.",
        _503="The ticket could not be saved; nothing happened.",
    ),
)
async def check_in_with_code(
    request: Request, site: str, wish: NewCheckIn, idempotency_key: IdempotencyKey = None
) -> Response:
    """Come to an appointment: its code becomes a ticket, once."""
    web = web_of(request)
    its = web.site(site)
    await hold_back(request, Kind.CHECK_IN, its.id)
    if await presence.is_missing(request, its):
        return problem(request, 403, Code.DOOR_CODE_NEEDED, site=its)
    is_of_house = await is_of_the_house(request, its.id)
    if not is_of_house and wish.printer:
        raise await stranger(request)
    done, view = await check_in(
        web,
        its,
        code=wish.code,
        language=wish.language or its.lobby.site.languages[0],
        channel="api" if is_of_house else "phone",
        printer=wish.printer,
        request_id=wish.request_id or idempotency_key or "",
    )
    return issued(request, web, its, done, view)


@router.post(
    "/book/imports",
    responses=answers(ImportReport, "What became of each entry; refused ones with line and reason.") | FOR_THE_OFFICE,
    openapi_extra=FILE_BODY,
    max_body_size=BODY_BYTES_MAX,
)
async def import_book(
    request: Request,
    site: str,
    source: Annotated[
        str, Query(max_length=SOURCE_CHARS_MAX, description="Names the file, the same whenever it is exported.")
    ] = "api",
    keep_missing: Annotated[bool, Query(description="Do not cancel what the file no longer has.")] = False,
) -> Response:
    """Make the book say what a CSV or iCalendar file says. The same file again changes nothing."""
    book = _book(request, site)
    await noted(request, "book-imported", site)
    try:
        return answer(await book.import_file(await request.body(), source=source, keep_missing=keep_missing))
    except Unwritten:
        return problem(request, 503, Code.UNAVAILABLE)


@router.get("/book/appointments", responses=answers(BookView, "By time.") | FOR_THE_OFFICE)
async def list_appointments(
    request: Request,
    site: str,
    day: Annotated[
        Annotated[date, BeforeValidator(written_out)] | SkipJsonSchema[None],
        Query(description="A service day; without it, today and later."),
    ] = None,
) -> Response:
    """The appointments of a site with their codes, and with names as long as these are kept."""
    book = _book(request, site)
    await noted(request, "book-read", site)
    try:
        return answer(await book.view(day))
    except Unwritten:
        return problem(request, 503, Code.UNAVAILABLE)


def _book(request: Request, site: str) -> Book:
    """The book of `site`.

    Raises:
        HTTPException: 404, there is no such site, or it has no book.
    """
    web = web_of(request)
    book = web.books.get(web.site(site).id)
    if book is None:
        raise HTTPException(404)
    return book
