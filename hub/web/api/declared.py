"""How routes declare where they are and what they answer. Answers are msgspec structures, whose schemas
`hub.web.openapi` puts in."""

from collections.abc import Callable, Coroutine
from json import JSONDecodeError
from typing import Any

import msgspec
from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hub.accounts.rights import Right
from hub.book.book import BookView, ImportReport
from hub.day.page_views import DeskView, LobbyView, NoticeView, ServiceView, TicketView
from hub.day.report import DayReport
from hub.day.room_views import RoomCurve, RoomView
from hub.identity.views import Enrolment, NodeIdentity, Revocation
from hub.web.api.shapes import CounterView, DeskAnswer, EvacuationView, IssuedTicket, SiteSummary
from hub.web.api.short_way import short_way
from hub.web.gate import Needs
from hub.web.problems import Problem
from wire.enrolment import Grant

ANSWERS: tuple[type, ...] = (
    SiteSummary,
    LobbyView,
    ServiceView,
    NoticeView,
    RoomView,
    RoomCurve,
    CounterView,
    DayReport,
    EvacuationView,
    TicketView,
    DeskView,
    IssuedTicket,
    DeskAnswer,
    ImportReport,
    BookView,
    NodeIdentity,
    Enrolment,
    Revocation,
    Grant,
    Problem,
)
REF_TEMPLATE = "#/components/schemas/{name}"

PREFIX = "/api/v1"

Responses = dict[int | str, dict[str, Any]]


class _JsonRequest(Request):
    """One whose body is JSON as RFC 8259 has it, in UTF-8: Python's own reader guesses at UTF-16 and UTF-32, and takes
    NaN and halves of characters."""

    async def json(self) -> Any:
        body = await self.body()
        try:
            return msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise JSONDecodeError(str(error), "", 0) from None


class _Route(APIRoute):
    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._short_way = short_way(self)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._short_way is not None and self.methods and scope["method"] in self.methods:
            unread = await self._short_way.handle(scope, receive, send)
            if unread is None:
                return
            receive = unread
        await super().handle(scope, receive, send)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_json(request: Request) -> Response:
            return await handle(_JsonRequest(request.scope, request.receive))

        return handle_json


def routes(tag: str, path: str, needs: Right | None) -> APIRouter:
    """For the routes of the API below `path`; `needs` is the right without which nobody gets there."""
    responses = problems(_422="The request is not as it should be.")
    if needs is not None:
        responses |= problems(
            _401="Nobody we know asks: a token is missing, revoked or expired.",
            _403=f"Who asks may not do this here: it needs the scope `{needs.value}`.",
        )
    return APIRouter(
        prefix=f"{PREFIX}{path}",
        tags=[tag],
        route_class=_Route,
        dependencies=[] if needs is None else [Depends(Needs(needs))],
        responses=responses,
        generate_unique_id_function=lambda route: route.name,
    )


def answers(shape: type, description: str, status: int = 200, *, many: bool = False) -> Responses:
    """A route answers `shape`, which is one of `ANSWERS`, or a list of them."""
    assert shape in ANSWERS, f"{shape.__name__} has no schema in the document"
    ref = {"$ref": REF_TEMPLATE.format(name=shape.__name__)}
    schema = {"type": "array", "items": ref} if many else ref
    return {status: {"description": description, "content": {"application/json": {"schema": schema}}}}


def problems(**codes: str) -> Responses:
    """The refusals of a route: `_409="The desk has moved on."`."""
    content = {"application/problem+json": {"schema": {"$ref": REF_TEMPLATE.format(name=Problem.__name__)}}}
    return {int(status[1:]): {"description": why, "content": content} for status, why in codes.items()}
