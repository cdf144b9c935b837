"""The short way through a route of the API: who takes it is answered as on the long one."""

import asyncio
import json
from collections.abc import Sequence

import pytest
from fastapi.routing import APIRoute
from httpx import ASGITransport, AsyncClient
from starlette.types import Message

from hub.web import api
from hub.web.api.short_way import short_way
from tests.sites import MemorySite, a_browser, an_app

TICKETS = "/api/v1/sites/hall/tickets"
WISH = b'{"service": "passports"}'
JSON = (b"content-type", b"application/json")


def route(name: str) -> APIRoute:
    (found,) = [it for router in api.ROUTERS for it in router.routes if isinstance(it, APIRoute) and it.name == name]
    return found


def test_tickets_have_a_short_way_and_what_needs_a_right_has_none() -> None:
    assert short_way(route("take_ticket"))
    assert short_way(route("read_ticket"))
    assert short_way(route("list_desks")) is None
    assert short_way(route("press_button")) is None


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "application/json"}, 201),
        ({"content-type": "application/json; charset=utf-8"}, 201),
        ({"content-type": "application/vnd.lobby+json"}, 201),
        ({"content-type": "application/json", "idempotency-key": "a-wish-of-somebody"}, 201),
        ({"content-type": "application/json", "idempotency-key": "short"}, 422),
        ({"content-type": "text/plain"}, 422),
        ({}, 422),
    ],
)
async def test_a_wish_is_taken_as_json_alone_whichever_way_it_goes(headers: dict[str, str], status: int) -> None:
    site = MemorySite()
    async with a_browser(an_app(site)) as browser:
        answer = await browser.post(TICKETS, content=WISH, headers=headers)
    assert answer.status_code == status, answer.text
    assert len(site.day.tickets) == (status == 201)


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'{"service": 1}', b'{"servise": "x"}', b"{", b"\xff", b"[" * 9999]
)
async def test_what_is_wrong_with_a_body_is_told_by_the_long_way(body: bytes) -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        answer = await browser.post(TICKETS, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "bad-request"
    assert answer.json()["facts"]


async def answered(messages: Sequence[Message]) -> list[Message]:
    """What an application sends to who asks for a ticket with a body that comes like this."""
    coming, sent = list(messages), list[Message]()

    async def receive() -> Message:
        return coming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": TICKETS,
        "raw_path": TICKETS.encode(),
        "root_path": "",
        "query_string": b"",
        "scheme": "http",
        "http_version": "1.1",
        "headers": [JSON],
        "client": ("192.0.2.1", 1),
    }
    await an_app(MemorySite())(scope, receive, send)
    return sent


def piece(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_a_body_in_pieces_is_read_whole() -> None:
    start, body = await answered([piece(WISH[:9], more=True), piece(WISH[9:], more=True), piece(b"")])
    assert start["status"] == 201
    assert json.loads(body["body"])["number"] == "A001"


async def test_who_leaves_in_the_middle_gets_no_ticket() -> None:
    start, *_ = await answered([{"type": "http.disconnect"}])
    assert start["status"] == 400


async def test_a_hub_that_is_asked_by_many_at_once_answers_each() -> None:
    site = MemorySite()
    async with AsyncClient(transport=ASGITransport(an_app(site)), base_url="http://hub.test") as client:
        wishes = (client.post(TICKETS, json={"service": name}) for name in ("passports", "permits") * 5)
        answers = await asyncio.gather(*wishes)
    assert sorted(it.json()["number"] for it in answers) == [f"{letter}00{n}" for letter in "AB" for n in range(1, 6)]
