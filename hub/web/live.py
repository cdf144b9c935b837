"""Pages that stay true while they are open: server-sent events that carry a redrawn fragment when it is different.

This room knows when a site has changed; what is looked at and how it is drawn, each page says.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from hub.site import Site

T = TypeVar("T")

Look = Callable[[], Awaitable[tuple[int, T] | None]]
"""What is to be seen, after the journal position at which it was seen. None when it is no more: the stream ends."""

STREAMS_MAX = 4_000
"""Open streams per process. Beyond, the answer is 503 and pages fall back on asking again; each stream holds a socket
and some 20 KiB."""

STREAMS_PER_ADDRESS_MAX = 1_000
"""Of them for one address: all phones in a town hall's Wi-Fi may come from one, and nobody else should be without."""

HEARTBEAT_S = 10.0
"""A sign of life this often when nothing happens: proxies keep the stream open, and a page that hears none for half as
long again knows that what it shows may be old."""

LOOK_EVERY_S = 0.25
"""A change after a quiet time is looked at immediately; in a rush each stream looks this often at most."""

RETRY_MS = 3_000
"""How long a browser waits before it opens a lost stream again."""


class Live:
    """The open streams of one application. They end when `stopping` is set, so that a server can stop."""

    def __init__(self) -> None:
        self.stopping = asyncio.Event()
        self.streams_open: Counter[str] = Counter()
        """Of each address."""

    @property
    def is_full(self) -> bool:
        return self.streams_open.total() >= STREAMS_MAX

    def stream(
        self, site: Site, look: Look[T], draw: Callable[[T], str], may: Callable[[], bool] = lambda: True
    ) -> Response:
        """What `look` sees, drawn, now and after every change of `site` that makes it look different; as long as the
        reader `may` see it."""
        return _Stream(self, site, look, draw, may)


class _Stream(Response, Generic[T]):
    """A response and not a generator, so that a visitor who leaves is noticed at once and nothing outlives it."""

    media_type = "text/event-stream"

    def __init__(
        self, live: Live, site: Site, look: Look[T], draw: Callable[[T], str], may: Callable[[], bool]
    ) -> None:
        self._live, self._site, self._look, self._draw, self._may = live, site, look, draw, may
        self.status_code = 200
        self.background = None
        self.init_headers({"cache-control": "no-store", "x-accel-buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        address, streams = (scope.get("client") or ("",))[0], self._live.streams_open
        has_its_share = streams[address] >= STREAMS_PER_ADDRESS_MAX
        if has_its_share or self._live.is_full or self._live.stopping.is_set():
            most = STREAMS_PER_ADDRESS_MAX if has_its_share else STREAMS_MAX
            busy = PlainTextResponse(
                f"{most} pages are being kept up to date already; ask again in some seconds\n",
                status_code=503,
                headers={"retry-after": "15"},
            )
            await busy(scope, receive, send)
            return
        streams[address] += 1
        try:
            await self._run(receive, send)
        finally:
            streams[address] -= 1
            if not streams[address]:
                del streams[address]

    async def _run(self, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await _write(send, f"retry: {RETRY_MS}\n\n")
        async with asyncio.TaskGroup() as group:
            gone = group.create_task(_disconnected(receive))
            stop = group.create_task(self._live.stopping.wait())
            told = group.create_task(self._tell(send))
            await asyncio.wait({gone, stop, told}, return_when=asyncio.FIRST_COMPLETED)
            for task in (gone, stop, told):
                task.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _tell(self, send: Send) -> None:
        """Until there is nothing more to be seen."""
        shown: T | None = None
        seq = -1
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    seq = await self._site.changed(seq)
            except TimeoutError:
                if not self._may():
                    return
                await _write(send, "event: alive\ndata:\n\n")
                continue
            seen = await self._look() if self._may() else None
            if seen is None:
                return
            if seen[1] != shown:
                shown = seen[1]
                await _write(send, _event(seen[0], self._draw(shown)))
            await asyncio.sleep(LOOK_EVERY_S)


async def _write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _event(seq: int, data: str) -> str:
    lines = "".join(f"data: {line}\n" for line in data.splitlines())
    return f"id: {seq}\n{lines}\n"
