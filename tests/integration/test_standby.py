"""Two hubs on one PostgreSQL: one owns the lobby, the other stands by; whoever lost it writes nothing more."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import httpx

from hub.ownership import SILENCE_S
from tests.processes import API, SITE
from tests.standby import DESKS, TAKEN_OVER_S, HubProcess, TwoHubs, take, two_hubs
from wire import codec
from wire.messages import BoardView, Show
from wire.mqtt import Broker, MqttLink

TICKETS = 120


async def test_requests_to_the_standby_are_answered_by_the_owner(tmp_path: Path) -> None:
    async with two_hubs(tmp_path) as stage:
        await both_started(stage)
        there = await take(stage.second, "request-number-1")
        here = await take(stage.first, "request-number-1")
        assert there == here
        page = await stage.second.web.get(f"/t/{there['token']}")
        assert (page.status_code, there["number"] in page.text) == (200, True)
        assert page.headers["content-security-policy"]
        async with stage.second.web.stream("GET", f"/{SITE}/desk/one/live") as live:
            lines = live.aiter_lines()
            assert await anext(lines) == "retry: 3000"
            opened = await stage.second.web.post(f"{API}/desks/one/open")
            assert opened.status_code == 200, opened.text
            async with asyncio.timeout(5):
                while "id:" not in await anext(lines):
                    pass
        assert (await stage.second.web.get("/healthz")).json()["role"] == "standby"
        assert stage.rows("SELECT count(*) FROM journal WHERE body LIKE '%TicketIssued%'") == ["1"]


async def both_started(stage: TwoHubs) -> None:
    """The first is the owner."""
    await stage.first.start()
    await stage.first.until("role", "owner")
    await stage.second.start()
    await stage.second.until("role", "standby")


async def test_eight_desks_at_two_hubs_call_everybody_once(tmp_path: Path) -> None:
    async with two_hubs(tmp_path) as stage:
        await both_started(stage)
        hubs = (stage.first, stage.second)
        tickets = await asyncio.gather(*(take(hubs[n % 2], f"request-number-{n}") for n in range(TICKETS)))
        numbers = sorted(ticket["number"] for ticket in tickets)
        assert numbers == [f"A{n:03d}" for n in range(1, TICKETS + 1)]
        called = await asyncio.gather(*(call_all(hubs[n % 2], desk) for n, desk in enumerate(DESKS)))
        assert sorted(number for each in called for number in each) == numbers


async def call_all(hub: HubProcess, desk: str) -> list[str]:
    """Everybody whom this desk calls until nobody waits."""
    numbers: list[str] = []
    assert (await hub.web.post(f"{API}/desks/{desk}/open")).status_code == 200
    while (answer := await hub.web.post(f"{API}/desks/{desk}/next", json={})).status_code == 200:
        numbers.append(answer.json()["number"])
    assert numbers.pop() == "", "the last key finishes the last visit and calls nobody"
    assert answer.json()["code"] == "nobody-waiting", answer.text
    return numbers


class Everything:
    """Hears all that hubs say, and whether any of it takes back what was said in a newer term."""

    def __init__(self) -> None:
        self.boards: asyncio.Queue[Show] = asyncio.Queue()
        self.terms: list[int] = []

    def connected(self) -> None: ...

    def disconnected(self) -> None: ...

    def received(self, topic: str, payload: bytes) -> None:
        message = codec.decode(topic, payload)[1]
        assert isinstance(message, Show)
        self.terms.append(message.term)
        if isinstance(message.view, BoardView):
            self.boards.put_nowait(message)

    async def board_of_term(self, term: int, *numbers: str, within_s: float = TAKEN_OVER_S) -> None:
        """Wait until the board shows these calls, as told in `term`."""
        async with asyncio.timeout(within_s):
            while True:
                show = await self.boards.get()
                assert isinstance(show.view, BoardView)
                if show.term == term and [call.number for call in show.view.calls] == list(numbers):
                    return


@asynccontextmanager
async def listening(stage: TwoHubs) -> AsyncIterator[Everything]:
    ears = Everything()
    link = MqttLink(Broker.parse(stage.broker.url), "ears", [(f"guichet/1/{SITE}/+/+/show", 1)], rng=Random(1))
    running = asyncio.create_task(link.run(ears))
    try:
        yield ears
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def call_first(stage: TwoHubs, ears: Everything) -> dict[str, str]:
    """A visitor has come and was called, in the first term; the ticket."""
    ticket = await take(stage.first, "request-number-1")
    assert (await stage.first.web.post(f"{API}/desks/one/open")).status_code == 200
    called = await stage.first.web.post(f"{API}/desks/one/next", json={"request_id": "press-number-0001"})
    assert called.json()["number"] == ticket["number"] == "A001"
    await ears.board_of_term(1, "A001")
    return ticket


async def goes_on(hub: HubProcess, stage: TwoHubs, first: dict[str, str], request_id: str = "request-number-2") -> None:
    """`hub` knows what happened before, answers repeats as before, and counts on."""
    assert (await take(hub, "request-number-1"))["token"] == first["token"]
    repeated = await hub.web.post(f"{API}/desks/one/next", json={"request_id": "press-number-0001"})
    assert repeated.json()["number"] == "A001"
    assert (await take(hub, request_id))["number"] == "A002"


async def test_a_standby_serves_within_five_seconds_of_the_owners_death(tmp_path: Path) -> None:
    async with two_hubs(tmp_path) as stage, listening(stage) as ears:
        await both_started(stage)
        first = await call_first(stage, ears)
        async with asyncio.timeout(TAKEN_OVER_S):
            await stage.first.kill()
            assert (await take(stage.second, "request-number-1"))["token"] == first["token"]
            await ears.board_of_term(2, "A001")
        await goes_on(stage.second, stage, first)
        await stage.first.start()
        assert (await stage.first.until("role", "standby"))["status"] == "ok"
        assert (await take(stage.first, "request-number-3"))["number"] == "A003"


async def test_a_standby_serves_at_once_when_the_owner_is_stopped(tmp_path: Path) -> None:
    async with two_hubs(tmp_path) as stage, listening(stage) as ears:
        await both_started(stage)
        first = await call_first(stage, ears)
        stage.first.terminate()
        assert await stage.first.ended() == 0
        async with asyncio.timeout(2):
            assert (await take(stage.second, "request-number-1"))["token"] == first["token"]
            await ears.board_of_term(2, "A001")
        await goes_on(stage.second, stage, first)


async def test_a_paused_owner_writes_nothing_when_it_is_resumed(tmp_path: Path) -> None:
    async with two_hubs(tmp_path) as stage, listening(stage) as ears:
        await both_started(stage)
        first = await call_first(stage, ears)
        # What comes in the very moment is in its socket, and is read when it goes on.
        pressing = [asyncio.create_task(wish) for wish in wishes(stage.first)]
        await asyncio.sleep(0)
        stage.first.pause()
        await stage.second.until("role", "owner", within_s=TAKEN_OVER_S)
        await ears.board_of_term(2, "A001")
        await goes_on(stage.second, stage, first)
        before = everything_written(stage)
        ears.terms.clear()
        stage.first.resume()
        assert await stage.first.ended() == 1
        assert "another hub has taken over" in stage.first.said or "has a newer owner" in stage.first.said
        answers = await asyncio.gather(*pressing, return_exceptions=True)
        assert [it for it in answers if not isinstance(it, BaseException) and it.is_success] == []
        assert everything_written(stage) == before
        assert set(ears.terms) <= {2}
        await stage.second.until("link_connected", True)
        assert (await take(stage.second, "request-number-3"))["number"] == "A003"


def wishes(hub: HubProcess) -> list[Coroutine[None, None, httpx.Response]]:
    tickets = [hub.web.post(f"{API}/tickets", json={"service": "permits"}) for _ in range(10)]
    return [*tickets, hub.web.post(f"{API}/desks/one/next", json={})]


def everything_written(stage: TwoHubs) -> list[list[str]]:
    tables = ("journal", "mark", "outbox", "appointment", "contact")
    return [stage.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]


async def test_a_database_that_goes_away_and_comes_back_loses_nothing(tmp_path: Path) -> None:
    async with two_hubs(tmp_path) as stage, listening(stage) as ears:
        await both_started(stage)
        first = await call_first(stage, ears)
        stage.database.stop()
        answer = await stage.first.web.post(f"{API}/tickets", json={"service": "permits"})
        assert answer.status_code == 503
        health = await stage.first.until("status", "failing")
        assert any("database" in reason for reason in health["reasons"])
        await asyncio.sleep(SILENCE_S + 1)
        for hub in (stage.first, stage.second):
            refused = await hub.web.post(f"{API}/tickets", json={"service": "permits"})
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
        stage.database.start()
        await goes_on(stage.first, stage, first)
        assert (await stage.first.until("role", "owner"))["sites"][0]["term"] == 1
        assert (await stage.second.until("status", "ok"))["role"] == "standby"
