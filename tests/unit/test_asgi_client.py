"""A phone's browser without a network: whole answers, and streams that are read while they are written."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from simulator.asgi_client import AsgiClient, ServerEvent


async def echo(request: Request) -> JSONResponse:
    body = await request.body()
    headers = {name: request.headers.get(name) for name in ("host", "content-type", "accept-language", "x-own")}
    return JSONResponse({"method": request.method, "query": request.url.query, "body": body.decode(), **headers})


async def send_on(request: Request) -> RedirectResponse:
    form = await request.form()
    return RedirectResponse(f"/t/{form['service']}", status_code=303)


async def count(request: Request) -> StreamingResponse:
    async def numbers() -> AsyncIterator[str]:
        for i in range(3):
            yield f": comment\n\nevent: number\ndata: {i}\nda"
            await asyncio.sleep(0)
            yield "ta: more\n\n"

    return StreamingResponse(numbers(), media_type="text/event-stream")


APP = Starlette(
    routes=[
        Route("/echo", echo, methods=["GET", "POST"]),
        Route("/join", send_on, methods=["POST"]),
        Route("/live", count),
    ]
)


async def test_a_page_is_asked_for_with_its_query_and_the_readers_language() -> None:
    client = AsgiClient(APP, base_url="https://hall.example", language="en")
    answer = await client.get("/echo?a=1&b=2", headers={"x-own": "yes"})
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "method": "GET", "query": "a=1&b=2", "body": "", "host": "hall.example", "content-type": None,
        "accept-language": "en", "x-own": "yes",
    }  # fmt: skip


async def test_json_and_forms_are_sent_as_such() -> None:
    client = AsgiClient(APP)
    sent = (await client.post("/echo", json_body={"n": 1})).json()
    assert (sent["content-type"], sent["body"]) == ("application/json", '{"n":1}')
    sent = (await client.post("/echo", form={"a": "é &"})).json()
    assert (sent["content-type"], sent["body"]) == ("application/x-www-form-urlencoded", "a=%C3%A9+%26")


async def test_a_redirection_is_told_and_not_followed() -> None:
    answer = await AsgiClient(APP).post("/join", form={"service": "x"})
    assert (answer.status, answer.headers["location"]) == (303, "/t/x")


async def test_events_come_whole_however_the_stream_was_cut() -> None:
    async with AsgiClient(APP).stream_events("/live") as events:
        seen = [event async for event in events]
    assert seen == [ServerEvent(name="number", data=f"{i}\nmore") for i in range(3)]


async def test_leaving_a_stream_tells_the_app_and_ends_it() -> None:
    left = asyncio.Event()

    async def forever(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"data: first\n\n", "more_body": True})
        try:
            assert (await receive())["type"] == "http.disconnect"
        finally:
            left.set()

    async with AsgiClient(forever).stream_events("/") as events:
        assert await anext(events) == ServerEvent(data="first")
        assert not left.is_set()
    assert left.is_set()


async def test_an_app_that_fails_in_a_stream_fails_for_its_reader() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError("of all things")

    with pytest.raises(ZeroDivisionError):
        async with AsgiClient(broken).stream_events("/") as events:
            assert [event async for event in events] == []
