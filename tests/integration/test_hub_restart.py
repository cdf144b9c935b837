"""A hub is killed in the middle of the day and started again: same tickets, same numbers, boards right at once."""

import asyncio
import resource
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import httpx
import pytest

from tests.accounts import a_token
from tests.brokers import Mosquitto, free_port, mosquitto
from wire import codec, topics
from wire.messages import BoardView, Message, Show
from wire.mqtt import Broker, MqttLink

TOWN_HALL = Path(__file__).parents[2] / "examples" / "town-hall" / "lobby.toml"
GUICHET_HUB = Path(sys.executable).parent / "guichet-hub"
START_S = 30.0
FULL = (1, resource.RLIM_INFINITY)
SITE = "/api/v1/sites/saint-aubin"


class HubProcess:
    """A hub as production starts it, always open."""

    def __init__(self, folder: Path, broker: Mosquitto) -> None:
        self.port = free_port()
        self._broker = broker
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._token = ""
        self._limits = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        text = TOWN_HALL.read_text()
        always = "".join(f'{day} = ["00:00-24:00"]\n' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
        text = text.replace("[site]\n", '[site]\ndoor_code = "printed"\n')
        begin, end = text.index("[hours]"), text.index("# --- what visitors")
        (folder / "lobby.toml").write_text(f"{text[:begin]}[hours]\n{always}\n{text[end:]}")

    async def start(self, *, on_a_full_disk: bool = False) -> None:
        """Returns when it answers. Whoever asks it through `client` has a token for everything."""
        data = self._folder / "data"
        if not data.exists():
            data.mkdir(mode=0o700)
            self._token = await a_token(f"sqlite:///{data / 'hub.db'}")
        self._process = await asyncio.create_subprocess_exec(
            *(GUICHET_HUB, "run", self._folder / "lobby.toml", "--broker", self._broker.url),
            *("--data", self._folder / "data", "--port", str(self.port)),
            stderr=subprocess.PIPE,
            preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, FULL)) if on_a_full_disk else None,
        )
        assert self._process.stderr is not None
        said = []
        async with asyncio.timeout(START_S):
            while line := await self._process.stderr.readline():
                said.append(line.decode())
                if '"hub serves"' in said[-1]:
                    return
        pytest.fail(f"the hub ended: {''.join(said)}")

    def client(self) -> httpx.AsyncClient:
        """A program of the house."""
        return httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"authorization": f"Bearer {self._token}"},
            transport=httpx.AsyncHTTPTransport(retries=2),
        )

    def fill_disk(self) -> None:
        """No file grows any more, nor is one written to beyond its first byte."""
        assert self._process is not None
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, FULL)

    def empty_disk(self) -> None:
        """There is room again."""
        assert self._process is not None
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, self._limits)

    async def kill(self) -> None:
        """A power cut, as far as the process is concerned."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.communicate()

    async def stop(self) -> tuple[int, float]:
        """Ask it to end; its exit code and how long it took."""
        assert self._process is not None
        began_s = asyncio.get_running_loop().time()
        self._process.terminate()
        async with asyncio.timeout(START_S):
            await self._process.communicate()
        assert self._process.returncode is not None
        return self._process.returncode, asyncio.get_running_loop().time() - began_s


@asynccontextmanager
async def a_hub(folder: Path) -> AsyncIterator[tuple[HubProcess, Mosquitto]]:
    with mosquitto() as broker:
        hub = HubProcess(folder, broker)
        try:
            yield hub, broker
        finally:
            await hub.kill()


class Board:
    """Listens to what the board in the hall should show."""

    def __init__(self) -> None:
        self.shows: asyncio.Queue[Show] = asyncio.Queue()

    def connected(self) -> None: ...

    def disconnected(self) -> None: ...

    def received(self, topic: str, payload: bytes) -> None:
        message: Message = codec.decode(topic, payload)[1]
        assert isinstance(message, Show)
        self.shows.put_nowait(message)

    async def shows_of_term(self, term: int, *numbers: str) -> None:
        """Wait until it shows these calls, as told by the hub's owner of `term`."""
        async with asyncio.timeout(5):
            while True:
                show = await self.shows.get()
                assert isinstance(show.view, BoardView)
                if show.term == term and [call.number for call in show.view.calls] == list(numbers):
                    return


@asynccontextmanager
async def a_board(broker: Mosquitto) -> AsyncIterator[Board]:
    board = Board()
    subscriptions = [(topics.show("saint-aubin", "board-1", "board"), 1)]
    link = MqttLink(Broker.parse(broker.url), "board-1", subscriptions, rng=Random(1))
    running = asyncio.create_task(link.run(board))
    try:
        yield board
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_hub_killed_in_the_middle_of_the_day_goes_on_with_the_same_tickets(tmp_path: Path) -> None:
    async with a_hub(tmp_path) as (hub, broker):
        await hub.start()
        async with a_board(broker) as board, hub.client() as client:
            first = await take(client, "residents", "request-number-1")
            second = await take(client, "passports", "request-number-2")
            assert (await client.post(f"{SITE}/desks/desk-1/open")).status_code == 200
            called = await client.post(f"{SITE}/desks/desk-1/next", json={"request_id": "press-number-0001"})
            assert called.json()["number"] == first["number"] == "C001"
            await board.shows_of_term(1, "C001")
            for term in (2, 3):
                await hub.kill()
                await hub.start()
                await board.shows_of_term(term, "C001")
                for ticket in (first, second):
                    again = (await client.get(f"/api/v1/tickets/{ticket['token']}")).json()
                    assert again["number"] == ticket["number"]
                assert (await take(client, "residents", "request-number-1"))["token"] == first["token"]
                repeated = await client.post(f"{SITE}/desks/desk-1/next", json={"request_id": "press-number-0001"})
                assert repeated.json()["number"] == "C001", "the press was answered before the kill"
            assert (await take(client, "residents", "request-number-3"))["number"] == "C002"


async def take(client: httpx.AsyncClient, service: str, request_id: str) -> dict[str, str]:
    answer = await client.post(f"{SITE}/tickets", json={"service": service, "request_id": request_id})
    assert answer.status_code == 201, answer.text
    ticket: dict[str, str] = answer.json()
    return ticket


async def test_sigterm_ends_a_hub_cleanly_in_two_seconds_with_a_page_open(tmp_path: Path) -> None:
    async with a_hub(tmp_path) as (hub, _):
        await hub.start()
        async with (
            hub.client() as client,
            client.stream("GET", "/saint-aubin/desk/desk-1/live") as page,
        ):
            assert page.status_code == 200
            code, took_s = await hub.stop()
        assert code == 0
        assert took_s < 2.0


async def well(client: httpx.AsyncClient, path: str) -> None:
    """Wait until that page is shown."""
    async with asyncio.timeout(10):
        answer = await client.get(path)
        while answer.status_code != 200:
            await asyncio.sleep(0.1)
            answer = await client.get(path)


async def test_a_full_disk_is_told_and_when_there_is_room_again_the_hub_goes_on(tmp_path: Path) -> None:
    async with a_hub(tmp_path) as (hub, _):
        await hub.start()
        async with hub.client() as client:
            first = await take(client, "residents", "request-number-1")
            hub.fill_disk()
            refused = await client.post(f"{SITE}/tickets", json={"service": "residents"})
            assert refused.status_code == 503
            failing = await client.get("/healthz")
            assert failing.status_code == 503
            (why,) = [reason for reason in failing.json()["reasons"] if "database" in reason]
            assert why.startswith("site saint-aubin: the database did not take a transaction: disk")
            again = (await client.get(f"/api/v1/tickets/{first['token']}")).json()
            assert again["number"] == first["number"], "what was given can still be seen"
            hub.empty_disk()
            await well(client, "/healthz")
            numbers = [(await take(client, "residents", f"request-number-{n}"))["number"] for n in (1, 2)]
            assert numbers == ["C001", "C002"]


async def test_a_hub_that_starts_on_a_full_disk_is_failing_and_begins_when_there_is_room(tmp_path: Path) -> None:
    async with a_hub(tmp_path) as (hub, _):
        await hub.start()
        async with hub.client() as client:
            await take(client, "residents", "request-number-1")
            await hub.stop()
            await hub.start(on_a_full_disk=True)
            failing = await client.get("/healthz")
            assert (failing.status_code, failing.json()["status"]) == (503, "failing")
            assert (await client.get("/saint-aubin/join")).status_code == 503
            hub.empty_disk()
            for path in ("/healthz", "/saint-aubin/join"):
                await well(client, path)
            numbers = [(await take(client, "residents", f"request-number-{n}"))["number"] for n in (1, 2)]
            assert numbers == ["C001", "C002"]
