"""Two hubs on one PostgreSQL: one owns the lobbies, the other stands by; whoever lost them writes nothing more.

Each test has a lobby of its own. Those that leave both hubs running come first.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from random import Random

import httpx
import pytest
import pytest_asyncio

from hub.ownership import SILENCE_S
from tests.standby import DESKS, TAKEN_OVER_S, HubProcess, TwoHubs, api, take, term_of, two_hubs
from wire import codec
from wire.messages import BoardView, Show
from wire.mqtt import Broker, MqttLink

TICKETS = 120
SITES = ("asked", "busy", "cut-off", "paused", "stopped", "killed")

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TwoHubs]:
    async with two_hubs(tmp_path_factory.mktemp("hubs"), SITES) as stage:
        yield stage


async def test_requests_to_the_standby_are_answered_by_the_owner(stage: TwoHubs) -> None:
    owner, standby = await stage.both_run()
    there = await take(standby, "asked", "request-number-1")
    here = await take(owner, "asked", "request-number-1")
    assert there == here
    page = await standby.web.get(f"/t/{there['token']}")
    assert (page.status_code, there["number"] in page.text) == (200, True)
    assert page.headers["content-security-policy"]
    async with standby.web.stream("GET", "/asked/desk/one/live") as live:
        lines = live.aiter_lines()
        assert await anext(lines) == "retry: 3000"
        opened = await standby.web.post(f"{api('asked')}/desks/one/open")
        assert opened.status_code == 200, opened.text
        async with asyncio.timeout(5):
            while "id:" not in await anext(lines):
                pass
    assert (await standby.web.get("/healthz")).json()["role"] == "standby"
    issued = "SELECT count(*) FROM journal WHERE site = 'asked' AND body LIKE '%TicketIssued%'"
    assert stage.rows(issued) == ["1"]


async def test_eight_desks_at_two_hubs_call_everybody_once(stage: TwoHubs) -> None:
    hubs = await stage.both_run()
    tickets = await asyncio.gather(*(take(hubs[n % 2], "busy", f"request-number-{n}") for n in range(TICKETS)))
    numbers = sorted(ticket["number"] for ticket in tickets)
    assert numbers == [f"A{n:03d}" for n in range(1, TICKETS + 1)]
    called = await asyncio.gather(*(call_all(hubs[n % 2], desk) for n, desk in enumerate(DESKS)))
    assert sorted(number for each in called for number in each) == numbers


async def call_all(hub: HubProcess, desk: str) -> list[str]:
    """Everybody whom this desk calls until nobody waits."""
    numbers: list[str] = []
    assert (await hub.web.post(f"{api('busy')}/desks/{desk}/open")).status_code == 200
    while (answer := await hub.web.post(f"{api('busy')}/desks/{desk}/next", json={})).status_code == 200:
        numbers.append(answer.json()["number"])
    assert numbers.pop() == "", "the last key finishes the last visit and calls nobody"
    assert answer.json()["code"] == "nobody-waiting", answer.text
    return numbers


class Everything:
    """Hears all that hubs say of one site, and whether any of it takes back what was said in a newer term."""

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

    async def board_of_term(self, term: int, *numbers: str) -> None:
        """Wait until the board shows these calls, as told in `term`."""
        async with asyncio.timeout(TAKEN_OVER_S):
            while True:
                show = await self.boards.get()
                assert isinstance(show.view, BoardView)
                if show.term == term and [call.number for call in show.view.calls] == list(numbers):
                    return


@asynccontextmanager
async def listening(stage: TwoHubs, site: str) -> AsyncIterator[Everything]:
    ears = Everything()
    link = MqttLink(Broker.parse(stage.broker.url), "ears", [(f"guichet/1/{site}/+/+/show", 1)], rng=Random(1))
    running = asyncio.create_task(link.run(ears))
    try:
        yield ears
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


class Scene:
    """A visitor has come to `site` and was called, and the board says so, in `term` of `owner`."""

    def __init__(self, stage: TwoHubs, site: str, ears: Everything, hubs: tuple[HubProcess, HubProcess]) -> None:
        self.site, self.api, self.ears = site, api(site), ears
        self.owner, self.standby = hubs
        self.term = 0
        self.ticket: dict[str, str] = {}
        self._stage = stage

    async def begin(self) -> None:
        self.term = term_of(self.site, await self.owner.until("role", "owner"))
        self.ticket = await self.take(self.owner, 1)
        assert (await self.owner.web.post(f"{self.api}/desks/one/open")).status_code == 200
        assert await self.press(self.owner) == self.ticket["number"] == "A001"
        await self.ears.board_of_term(self.term, "A001")

    async def take(self, hub: HubProcess, n: int) -> dict[str, str]:
        return await take(hub, self.site, f"request-number-{n}")

    async def press(self, hub: HubProcess) -> str:
        """The same key as at the beginning; the number that it calls."""
        answer = await hub.web.post(f"{self.api}/desks/one/next", json={"request_id": "press-number-0001"})
        number = answer.json()["number"]
        assert isinstance(number, str)
        return number

    async def is_taken_over(self) -> None:
        """The standby knows the visitor, and the board is its own."""
        assert (await self.take(self.standby, 1))["token"] == self.ticket["token"]
        await self.ears.board_of_term(self.term + 1, "A001")

    async def goes_on(self, hub: HubProcess) -> None:
        """`hub` knows what happened before, answers repeats as before, and counts on."""
        assert (await self.take(hub, 1))["token"] == self.ticket["token"]
        assert await self.press(hub) == "A001"
        assert (await self.take(hub, 2))["number"] == "A002"

    def everything_written(self) -> list[list[str]]:
        tables = ("journal", "mark", "outbox", "appointment", "contact")
        return [self._stage.rows(f"SELECT * FROM {table} WHERE site = '{self.site}' ORDER BY 1, 2") for table in tables]

    def wishes(self) -> list[Coroutine[None, None, httpx.Response]]:
        """Much at once, for the owner."""
        web = self.owner.web
        tickets = [web.post(f"{self.api}/tickets", json={"service": "permits"}) for _ in range(10)]
        return [*tickets, web.post(f"{self.api}/desks/one/next", json={})]


@asynccontextmanager
async def scene(stage: TwoHubs, site: str) -> AsyncIterator[Scene]:
    hubs = await stage.both_run()
    async with listening(stage, site) as ears:
        scene = Scene(stage, site, ears, hubs)
        await scene.begin()
        yield scene


async def test_a_database_that_goes_away_and_comes_back_loses_nothing(stage: TwoHubs) -> None:
    async with scene(stage, "cut-off") as it:
        stage.database.stop()
        answer = await it.owner.web.post(f"{it.api}/tickets", json={"service": "permits"})
        assert answer.status_code == 503
        health = await it.owner.until("status", "failing")
        assert any("database" in reason for reason in health["reasons"])
        await asyncio.sleep(SILENCE_S + 1)
        for hub in (it.owner, it.standby):
            refused = await hub.web.post(f"{it.api}/tickets", json={"service": "permits"})
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
        stage.database.start()
        await it.goes_on(it.owner)
        assert term_of(it.site, await it.owner.until("role", "owner")) == it.term
        assert (await it.standby.until("status", "ok"))["role"] == "standby"


async def test_a_paused_owner_writes_nothing_when_it_is_resumed(stage: TwoHubs) -> None:
    async with scene(stage, "paused") as it:
        # What comes in the very moment is in its socket, and is read when it goes on.
        pressing = [asyncio.create_task(wish) for wish in it.wishes()]
        await asyncio.sleep(0)
        it.owner.pause()
        await it.standby.until("role", "owner", within_s=TAKEN_OVER_S)
        await it.is_taken_over()
        await it.goes_on(it.standby)
        before = it.everything_written()
        it.ears.terms.clear()
        it.owner.resume()
        assert await it.owner.ended() == 1
        assert "another hub has taken over" in it.owner.said or "has a newer owner" in it.owner.said
        answers = await asyncio.gather(*pressing, return_exceptions=True)
        assert [it for it in answers if not isinstance(it, BaseException) and it.is_success] == []
        assert it.everything_written() == before
        assert set(it.ears.terms) <= {it.term + 1}
        await it.standby.until("link_connected", True)
        assert (await it.take(it.standby, 3))["number"] == "A003"


async def test_a_standby_serves_at_once_when_the_owner_is_stopped(stage: TwoHubs) -> None:
    async with scene(stage, "stopped") as it:
        it.owner.terminate()
        assert await it.owner.ended() == 0
        async with asyncio.timeout(2):
            await it.is_taken_over()
        await it.goes_on(it.standby)


async def test_a_standby_serves_within_five_seconds_of_the_owners_death(stage: TwoHubs) -> None:
    async with scene(stage, "killed") as it:
        async with asyncio.timeout(TAKEN_OVER_S):
            await it.owner.kill()
            await it.is_taken_over()
        await it.goes_on(it.standby)
        await it.owner.start()
        assert (await it.owner.until("role", "standby"))["status"] == "ok"
        assert (await it.take(it.owner, 3))["number"] == "A003"
