"""Streams that keep a page true: what is sent, when, and that they end."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import FastAPI

from hub.day.inputs import CallNext, CancelTicket, CountPeople, IssueTicket, OpenDesk
from hub.keyring import token_hash
from hub.web import live
from hub.web.live import HEARTBEAT_S, LOOK_EVERY_S
from simulator.asgi_client import AsgiClient, ServerEvent
from simulator.clock import Now, run_virtual
from tests.accounts import STAFF_TOKEN
from tests.given import MONDAY_9H
from tests.sites import MemorySite, an_app

Story = Callable[[MemorySite, FastAPI], Awaitable[None]]


def run(story: Story) -> None:
    """Tell `story` by a clock of its own: hours pass at once."""

    async def main(now: Now) -> None:
        site = MemorySite()
        await site.submit(OpenDesk(desk="1", by="page"))
        await story(site, an_app(site))

    run_virtual(main, seed=1, start_at=MONDAY_9H)


async def a_ticket(site: MemorySite, app: FastAPI, name: str = "mine") -> str:
    """Somebody has a ticket; where its stream is."""
    token = app.state.web.keyring.token(name)
    await site.submit(
        IssueTicket(ticket=name, token_hash=token_hash(token), service="passports", language="en", channel="phone")
    )
    return f"/t/{token}/live"


def test_a_ticket_is_shown_at_once_and_again_when_it_is_called() -> None:
    async def story(site: MemorySite, app: FastAPI) -> None:
        path = await a_ticket(site, app)
        async with AsgiClient(app, language="en").stream_events(path) as events:
            assert "Your turn is next" in (await anext(events)).data
            await site.submit(CallNext(desk="1", seen=None, by="page"))
            called = (await anext(events)).data
        assert "It is your turn" in called
        assert "Desk 1 · A001" in called, "the title of the page"

    run(story)


def test_what_does_not_concern_a_ticket_is_not_sent() -> None:
    async def story(site: MemorySite, app: FastAPI) -> None:
        path = await a_ticket(site, app)
        async with AsgiClient(app).stream_events(path) as events:
            await anext(events)
            await a_ticket(site, app, "somebody behind")
            await site.submit(CountPeople(device="door-1/counter", epoch="e", entered=1, left=0))
            await asyncio.sleep(LOOK_EVERY_S * 4)
            await site.submit(CancelTicket(ticket="mine"))
            assert "is-closed" in (await anext(events)).data

    run(story)


def test_in_a_rush_only_the_newest_is_sent() -> None:
    async def story(site: MemorySite, app: FastAPI) -> None:
        for n in range(20):
            await a_ticket(site, app, f"before-{n}")
        path = await a_ticket(site, app)
        async with AsgiClient(app, language="en").stream_events(path) as events:
            await anext(events)
            for _ in range(15):
                await site.submit(CallNext(desk="1", seen=None, by="page"))
            assert "5 people before you" in (await anext(events)).data

    run(story)


def test_a_desk_follows_what_others_do() -> None:
    async def story(site: MemorySite, app: FastAPI) -> None:
        async with AsgiClient(app, language="en", token=STAFF_TOKEN).stream_events("/hall/desk/1/live") as events:
            assert "A001" not in (await anext(events)).data
            await a_ticket(site, app)
            assert "A001" in (await anext(events)).data, "first in line"

    run(story)


class Wire:
    """One stream byte by byte: what an application sends, and a reader who can leave."""

    def __init__(self, app: FastAPI, path: str) -> None:
        self.sent: list[tuple[float, bytes]] = []
        self.status = 0
        self.left = asyncio.Event()
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
            "headers": [(b"authorization", f"Bearer {STAFF_TOKEN}".encode())],
            "client": ("127.0.0.1", 1), "server": ("hub.test", 80),
        }  # fmt: skip
        self.task = asyncio.ensure_future(app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, object]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        self.sent.append((asyncio.get_running_loop().time(), message["body"]))


def test_a_stream_ends_once_its_reader_may_not_read_it_any_more() -> None:
    async def story(site: MemorySite, app: FastAPI) -> None:
        wire = Wire(app, "/hall/desk/1/live")
        await asyncio.sleep(1)
        assert await app.state.web.office.revoke_token("staff", "ada")
        sent = len(wire.sent)
        await site.submit(OpenDesk(desk="2", by="page"))
        await asyncio.sleep(1)
        assert wire.task.done()
        assert [body for _, body in wire.sent[sent:]] == [b""]

    run(story)


def test_a_stream_of_who_is_out_ends_though_nothing_happens() -> None:
    async def story(site: MemorySite, app: FastAPI) -> None:
        wire = Wire(app, "/hall/desk/1/live")
        await app.state.web.office.revoke_token("staff", "ada")
        await asyncio.sleep(HEARTBEAT_S + 1)
        assert wire.task.done()

    run(story)


def test_a_quiet_stream_is_kept_alive() -> None:
    async def story(site: MemorySite, app: FastAPI) -> None:
        wire = Wire(app, "/hall/desk/1/live")
        await asyncio.sleep(HEARTBEAT_S * 3.5)
        signs = [at for at, body in wire.sent if body.startswith(b"event: alive\n")]
        assert len(signs) == 3
        wire.left.set()
        await wire.task

    run(story)


def test_the_position_of_the_journal_is_the_id_of_the_event() -> None:
    async def story(site: MemorySite, app: FastAPI) -> None:
        wire = Wire(app, "/hall/desk/1/live")
        await asyncio.sleep(1)
        assert wire.sent[0][1] == b"retry: 3000\n\n"
        assert wire.sent[1][1].startswith(f"id: {site.day.seq}\ndata: <".encode())
        wire.left.set()
        await wire.task

    run(story)


def test_a_reader_who_leaves_ends_her_stream() -> None:
    async def story(site: MemorySite, app: FastAPI) -> None:
        wire = Wire(app, "/hall/desk/1/live")
        await asyncio.sleep(1)
        assert app.state.web.live.streams_open.total() == 1
        wire.left.set()
        await wire.task
        assert app.state.web.live.streams_open.total() == 0

    run(story)


def test_streams_end_when_the_application_stops() -> None:
    async def story(site: MemorySite, app: FastAPI) -> None:
        wires = [Wire(app, "/hall/desk/1/live") for _ in range(3)]
        await asyncio.sleep(1)
        app.state.stopping.set()
        async with asyncio.timeout(LOOK_EVERY_S):
            await asyncio.gather(*(wire.task for wire in wires))
        assert [wire.sent[-1][1] for wire in wires] == [b""] * 3

    run(story)


def test_a_stream_ends_when_what_it_shows_is_no_more() -> None:
    async def story(site: MemorySite, app: FastAPI) -> None:
        path = await a_ticket(site, app)
        seen: list[ServerEvent] = []
        async with AsgiClient(app).stream_events(path) as events:
            seen.append(await anext(events))
            site.begin_the_next_day()
            seen += [event async for event in events]
        assert len(seen) == 1

    run(story)


def test_beyond_the_limit_a_stream_is_refused_and_told_when_to_ask_again() -> None:
    async def story(site: MemorySite, app: FastAPI) -> None:
        app.state.web.live.streams_open["192.0.2.7"] = live.STREAMS_MAX
        wire = Wire(app, "/hall/desk/1/live")
        await wire.task
        assert wire.status == 503
        assert b"ask again" in wire.sent[0][1]
        assert app.state.web.live.streams_open.total() == live.STREAMS_MAX

    run(story)
