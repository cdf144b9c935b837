"""Clients that are slow, endless or many: they cost the lobby nothing, and others are served meanwhile."""

import asyncio
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest

from hub.web.live import STREAMS_PER_ADDRESS_MAX
from hub.web.server import CONNECTIONS_PER_ADDRESS_MAX, HEAD_BYTES_MAX, LINGER_S
from tests.accounts import STAFF_TOKEN
from tests.brokers import HOST
from tests.serving import Served, serving

HEAD_S = 0.3
BODY_LOOK_S = 0.3
PATIENCE_S = 20.0
TICKETS = "/api/v1/sites/hall/tickets"
STAFF = {"authorization": f"Bearer {STAFF_TOKEN}"}
AUTHORIZATION = f"authorization: {STAFF['authorization']}"
LIVE = f"GET /hall/desk/1/live HTTP/1.1\r\nhost: hub.test\r\n{AUTHORIZATION}\r\n\r\n".encode()
JSON = "content-type: application/json"
STRANGER = "127.0.0.99"
"""A client that is no proxy: all of 127.0.0.0/8 is this machine."""


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    # Both ends of a thousand connections are in this process.
    had = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (had[1], had[1]))
    with serving(head_s=HEAD_S, body_look_s=BODY_LOOK_S) as served:
        yield served
    resource.setrlimit(resource.RLIMIT_NOFILE, had)


class Client:
    """Bytes to the hub and back."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, text: str) -> None:
        """
        Raises:
            ConnectionError: the hub has ended the connection.
        """
        self._writer.write(text.encode())
        await self._writer.drain()

    async def all(self) -> str:
        """Everything that is answered until the connection ends."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                return (await self._reader.read()).decode()
            except ConnectionError:
                return ""

    async def head(self) -> str:
        """The answer's status and headers."""
        async with asyncio.timeout(PATIENCE_S):
            return (await self._reader.readuntil(b"\r\n\r\n")).decode()


@asynccontextmanager
async def a_client(served: Served, address: str = HOST) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection(HOST, served.port, local_addr=(address, 0))
    try:
        yield Client(reader, writer)
    finally:
        writer.transport.abort()


async def assert_lobby_goes_on(served: Served) -> None:
    async with httpx.AsyncClient(base_url=served.url, headers=STAFF, timeout=PATIENCE_S) as visitor:
        assert (await visitor.post(TICKETS, json={"service": "passports"})).status_code == 201
        assert (await visitor.get("/hall/join")).status_code == 200


async def drip(client: Client, drops: str) -> None:
    """Send a byte now and then, for as long as there is somebody to send to."""
    try:
        for drop in drops:
            await client.send(drop)
            await asyncio.sleep(HEAD_S / 10)
    except ConnectionError:
        pass


@pytest.mark.parametrize("sent", ["", "GET / HTTP/1.1\r\nhost: hub.test\r\nx-slow: "])
async def test_headers_that_drip_in_are_not_waited_for(served: Served, sent: str) -> None:
    async with a_client(served) as client:
        await client.send(sent)
        dripping = asyncio.create_task(drip(client, "x" * 1_000 if sent else ""))
        answer = await client.all()
        await dripping
    assert answer.startswith("HTTP/1.1 408 ")
    await assert_lobby_goes_on(served)


async def test_a_second_request_that_drips_in_is_not_waited_for_either(served: Served) -> None:
    async with a_client(served) as client:
        await client.send("GET /static/nothing HTTP/1.1\r\nhost: hub.test\r\n\r\nGET / HTTP")
        answer = await client.all()
    assert answer.startswith("HTTP/1.1 404 ")
    assert "HTTP/1.1 408 " in answer


@pytest.mark.parametrize("framing", ["content-length: 9000", "transfer-encoding: chunked"])
async def test_a_body_that_drips_in_is_not_waited_for(served: Served, framing: str) -> None:
    async with a_client(served) as client:
        await client.send(
            f"POST {TICKETS} HTTP/1.1\r\nhost: hub.test\r\ncontent-type: application/json\r\n{framing}\r\n\r\n"
        )
        dripping = asyncio.create_task(drip(client, "x" * 1_000))
        answer = await client.all()
        await dripping
    assert answer[:12] in ("HTTP/1.1 408", "HTTP/1.1 400"), answer  # a chunk that is none is told at once
    await assert_lobby_goes_on(served)


async def test_headers_without_end_are_refused_before_they_fill_memory(served: Served) -> None:
    async with a_client(served) as client:
        try:
            await client.send("GET / HTTP/1.1\r\nhost: hub.test\r\nx-long: ")
            for _ in range(64):
                await client.send("x" * HEAD_BYTES_MAX)
        except ConnectionError:
            return
        answer = await client.all()
    assert answer.startswith("HTTP/1.1 431 ") or not answer
    await assert_lobby_goes_on(served)


async def test_a_body_without_end_is_answered_and_its_connection_closed(served: Served) -> None:
    sent = 0
    async with a_client(served) as client:
        await client.send(
            f"POST {TICKETS} HTTP/1.1\r\nhost: hub.test\r\ncontent-type: application/json\r\n{AUTHORIZATION}\r\n"
            "transfer-encoding: chunked\r\n\r\n"
        )
        answered = asyncio.create_task(client.head())
        try:
            async with asyncio.timeout(LINGER_S + PATIENCE_S):
                while True:
                    await client.send(f"1000\r\n{' ' * 4_096}\r\n")
                    await asyncio.sleep(0.001)
                    sent += 4_096
        except ConnectionError:
            pass
        head = await answered
    assert head.startswith("HTTP/1.1 413 ")
    assert "application/problem+json" in head
    await assert_lobby_goes_on(served)


async def test_trailers_without_end_are_kept_by_nobody(served: Served) -> None:
    async with a_client(served) as client:
        try:
            await client.send(
                f"POST {TICKETS} HTTP/1.1\r\nhost: hub.test\r\ncontent-type: application/json\r\n{AUTHORIZATION}\r\n"
                "transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
            )
            for n in range(200):
                await client.send(f"x-{n}: {'x' * 1_000}\r\n")
        except ConnectionError:
            pass
        answer = await client.all()
    assert answer.startswith("HTTP/1.1 431 ") or not answer
    await assert_lobby_goes_on(served)


async def test_one_address_gets_its_share_of_connections_and_no_more(served: Served) -> None:
    """Idle event streams, thousands of them, from one address: others find room, and their streams too."""
    async with asyncio.timeout(4 * PATIENCE_S):
        idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        try:
            for _ in range(CONNECTIONS_PER_ADDRESS_MAX):
                idle.append(await asyncio.open_connection(HOST, served.port, local_addr=(STRANGER, 0)))
                idle[-1][1].write(LIVE)
            opened = [await reader.readuntil(b"\r\n\r\n") for reader, _ in idle]
            assert all(head.startswith(b"HTTP/1.1 200") for head in opened)
            async with a_client(served, STRANGER) as one_too_many:
                assert await one_too_many.all() == ""
            async with a_client(served) as other:
                await other.send(LIVE.decode())
                assert (await other.head()).startswith("HTTP/1.1 200")
            await assert_lobby_goes_on(served)
        finally:
            for _, writer in idle:
                writer.transport.abort()
    answer = ""
    async with asyncio.timeout(PATIENCE_S):
        # Once the server has noticed that they have gone.
        while not answer:
            async with a_client(served, STRANGER) as again:
                await again.send("GET /static/nothing HTTP/1.1\r\nhost: hub.test\r\nconnection: close\r\n\r\n")
                answer = await again.all()
    assert answer.startswith("HTTP/1.1 404")


async def test_behind_a_proxy_one_address_gets_its_share_of_streams_and_no_more(served: Served) -> None:
    async def a_stream(stack: list[asyncio.StreamWriter], visitor: str) -> bytes:
        reader, writer = await asyncio.open_connection(HOST, served.port)
        stack.append(writer)
        writer.write(LIVE.replace(b"\r\n\r\n", f"\r\nx-forwarded-for: {visitor}\r\n\r\n".encode()))
        return await reader.readuntil(b"\r\n\r\n")

    opened: list[asyncio.StreamWriter] = []
    try:
        async with asyncio.timeout(4 * PATIENCE_S):
            for _ in range(STREAMS_PER_ADDRESS_MAX):
                assert (await a_stream(opened, "192.0.2.7")).startswith(b"HTTP/1.1 200")
            assert (await a_stream(opened, "192.0.2.7")).startswith(b"HTTP/1.1 503")
            assert (await a_stream(opened, "192.0.2.8")).startswith(b"HTTP/1.1 200")
    finally:
        for writer in opened:
            writer.transport.abort()
