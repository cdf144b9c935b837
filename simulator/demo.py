"""The demo: a whole lobby in one process, as real as it gets without hardware.

The real hub with its web, the real agents with fakes for pins and paper, each with a connection of its own to a real
broker, and simulated people, on a clock that runs as fast as asked. It begins when the doors open, so that there is
something to see at once.
"""

import asyncio
import math
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount

from edge.screens.app import PING_EVERY_S, screens_app
from hub.accounts.records import Account
from hub.database import open_journal
from hub.day.events import TicketCalled
from hub.day.hours import local
from hub.day.lobby import DeviceKind
from hub.day.model import Day
from hub.journal import Entry
from hub.web.gate import cookie_header, cookie_name
from simulator import checkers
from simulator.broker import LOOPBACK, embedded_broker
from simulator.clock import Now, run_scaled
from simulator.fleet import configs
from simulator.gate_report import gate_report
from simulator.glance.app import Glance
from simulator.live_lobby import LiveLobby
from simulator.onlooker import Onlooker
from simulator.scenario import Setting, instant
from simulator.simulate import live, load
from simulator.summary import VIOLATIONS_TOLD, Findings, RoomFigures, Summary, summary, true_people
from wire.mqtt import Broker

if TYPE_CHECKING:
    from uvicorn import Server

BROWSERS_GOODBYE_S = 1.0
"""How long stopping waits for requests under way."""
SETTLE_LOOK_S = 0.05
SETTLE_LOOKS = 20
"""How often, and how many times, stopping looks whether boards show all that has been called."""
PROGRESS_EVERY_S = 10.0
DEMO_ACCOUNT = "demo"
KEEP_ALIVE_S = 30.0
"""How long a browser's connection may be idle. All of these are real seconds, however fast the lobby's clock runs."""

Say = Callable[[str], None]
"""Tells whoever watches the terminal a line."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What is asked of a demo."""

    setting: Setting
    new_secret: Callable[[], str]
    """Real chance: others may reach the demo."""
    seed: int = 0
    speed: float = 1.0
    host: str = LOOPBACK
    port: int = 8080
    """0 for any that is free."""
    broker: str = ""
    """Address of a broker; empty for the embedded one."""
    for_s: float | None = None
    """Real seconds after which it ends by itself; None runs until Ctrl-C."""


class Outcome(Summary, frozen=True, kw_only=True):
    """A day in figures, and what was seen of it."""

    drawn: int
    """Called tickets that a board has shown; one that none has shown is a violation."""


class CannotBegin(Exception):
    """The page cannot be served where it was asked for, or there is no such broker."""


def run(options: Options, say: Say) -> tuple[Outcome, list[str]]:
    """Run a demo to its end: how it went, and a sentence for each violation.

    Raises:
        CannotBegin: the port is taken, or the broker's address cannot be read.
        ConfigError, FleetError, ScenarioError: the scenario, its lobby or its agents cannot be used.
    """
    lobby = load(options.setting)
    more = [desk.id for desk in options.setting.scenario.more_desks]
    nodes = configs(lobby, options.setting.agents_path, more=more)
    scenario = options.setting.scenario
    with ExitStack() as stack:
        listening = stack.enter_context(_listening(options.host, options.port))
        broker = _broker(options.broker or stack.enter_context(embedded_broker()))
        folder = stack.enter_context(TemporaryDirectory(prefix="guichet-demo-"))
        journal = stack.enter_context(open_journal(f"sqlite:///{Path(folder) / 'hub.db'}"))

        async def demo(now: Now) -> tuple[Outcome, list[str]]:
            it = LiveLobby(
                lobby,
                nodes,
                journal,
                seed=options.seed,
                now=now,
                network=scenario.network,
                broker=broker,
                public_url=_address(options.host, listening),
                speed=options.speed,
                new_secret=options.new_secret,
            )
            return await Demo(options, it, now, listening, say).run()

        start_at = instant(scenario, scenario.starts, lobby.site.time_zone)
        return run_scaled(demo, speed=options.speed, start_at=start_at)


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=1_024)
    except OSError as error:
        raise CannotBegin(
            f"cannot listen on {host} port {port} ({_why(error)}); choose another --host or --port"
        ) from None
    with listening:
        # Inherited by every connection. asyncio would set it, but not on those of a listener that it did not open.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listening


def _broker(url: str) -> Broker:
    try:
        return Broker.parse(url)
    except ValueError as error:
        raise CannotBegin(str(error)) from None


def _address(host: str, listening: socket.socket) -> str:
    """Where browsers reach us, for the code on the sign too."""
    port = listening.getsockname()[1]
    if host in ("0.0.0.0", "::"):
        host = _own_address()
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _own_address() -> str:
    """The one by which this machine speaks to others; loopback if it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent
        except OSError:
            return LOOPBACK
        address: str = probe.getsockname()[0]
        return address


def _why(error: OSError) -> str:
    """A name that is not resolved has a negative number, which is not the operating system's."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)


UNHEARD = "hub and devices do not hear each other; is there a broker at the --broker address?"


class Demo:
    """One demo around a lobby that has not begun. `run` it once."""

    def __init__(self, options: Options, lobby: LiveLobby, now: Now, listening: socket.socket, say: Say) -> None:
        self._options = options
        self._lobby = lobby
        self._now = now
        self._listening = listening
        self._say = say
        self._stop = asyncio.Event()

    async def run(self) -> tuple[Outcome, list[str]]:
        """Until the time is over, or somebody presses Ctrl-C."""
        self._listen_to_signals()
        lobby = self._lobby
        async with asyncio.TaskGroup() as group, lobby.running():
            account, password = await self._demo_account()
            glance = self._glance(account)
            server = self._server(glance)
            serving = group.create_task(server.serve(sockets=[self._listening]))
            self._say(f"The lobby at a glance: {lobby.public_url}/  (Ctrl-C ends it)")
            self._say(
                f"It is a demo: whoever opens that page is signed in as {account.name!r}, who may do everything here. "
                f"Elsewhere: {lobby.public_url}/sign-in, password {password!r}, for this run only."
            )
            tasks = [group.create_task(self._people()), group.create_task(self._tell_progress())]
            await self._stop.wait()
            for task in tasks:
                task.cancel()
            await self._settle()
            self._let_browsers_go(glance)
            server.should_exit = True
            await serving
            found = await self._found()
        if not lobby.trace.messages:
            raise CannotBegin(UNHEARD)
        return self._outcome(found), found.violations

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
            loop.add_signal_handler(number, self._stop.set)
        if self._options.for_s is not None:
            # The loop's clock is the lobby's; real seconds are the operating system's to count.
            signal.setitimer(signal.ITIMER_REAL, self._options.for_s)

    async def _people(self) -> None:
        """Everybody who comes and works, once the devices answer."""
        if not await self._lobby.all_hear_each_other():
            self._say(UNHEARD)
        options = self._options
        await live(self._lobby, options.setting, seed=options.seed, now=self._now, say=self._say)

    # --- pages -------------------------------------------------------------------------------------------------

    async def _demo_account(self) -> tuple[Account, str]:
        """Somebody who may do everything, and the password, which is another in each run."""
        office = self._lobby.office
        password = office.register.new_token()
        account = await office.use_link(await office.offer_set_up(), DEMO_ACCOUNT, password)
        assert isinstance(account, Account), f"the demo's own account was refused: {account}"
        return account, password

    def _glance(self, account: Account) -> Glance:
        lobby = self._lobby

        async def admit(request: Request, response: Response) -> None:
            """The desks on the page are staff's: whoever looks at it is one of them."""
            if await lobby.office.register.browser(request.cookies.get(cookie_name(request.scope), "")) is None:
                cookie = await lobby.office.register.begin_session(account, "signed-in")
                response.raw_headers.append(cookie_header(request.scope, cookie))

        onlooker = Onlooker(
            lobby.lobby,
            lobby.hub,
            lobby.posts,
            lobby.keyring,
            speed=self._options.speed,
            messages=lambda: lobby.trace.messages,
            commits=lambda: lobby.counted.commits,
        )
        return Glance(onlooker.stage(), onlooker.look, onlooker.press_next, admit, onlooker.scan)

    def _server(self, glance: Glance) -> "Server":
        import uvicorn

        class Server(uvicorn.Server):
            @contextmanager
            def capture_signals(self) -> Iterator[None]:
                """Signals are the demo's."""
                yield

        settings = uvicorn.Config(
            self._pages(glance),
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            timeout_keep_alive=math.ceil(KEEP_ALIVE_S * self._options.speed),
            timeout_graceful_shutdown=math.ceil(BROWSERS_GOODBYE_S * self._options.speed),
        )
        return Server(settings)

    def _pages(self, glance: Glance) -> Starlette:
        """The glance page in front, each agent's screens under its node's name, and behind them the hub's own web."""
        routes: list[BaseRoute] = [*glance.routes]
        for name, it in self._lobby.posts.items():
            if it.devices.has_pages or it.devices.matrices:
                screens = screens_app(
                    it.devices.screens,
                    matrices=it.devices.matrices,
                    kiosks=it.devices.kiosks,
                    heard=it.node.heard_screen,
                    framed_by="'self'",
                    ping_every_s=PING_EVERY_S * self._options.speed,
                )
                routes.append(Mount(f"/screens/{name}", screens))
        routes.append(Mount("/", self._lobby.app))
        return Starlette(routes=routes)

    def _let_browsers_go(self, glance: Glance) -> None:
        """Open streams end, or the server would wait for them."""
        glance.stopping.set()
        self._lobby.app.state.stopping.set()
        for it in self._lobby.posts.values():
            for screen in it.devices.screens.values():
                screen.close()

    # --- telling -----------------------------------------------------------------------------------------------

    async def _tell_progress(self) -> None:
        while True:
            await asyncio.sleep(PROGRESS_EVERY_S * self._options.speed)
            waiting, issued, calls = await self._lobby.site.read(_so_far)
            clock = local(self._lobby.lobby, self._now())
            self._say(f"{clock:%H:%M}  {issued} tickets, {calls} calls, {waiting} in line")

    async def _settle(self) -> None:
        """Nobody acts any more; boards get a moment to show what has been called."""
        for _ in range(SETTLE_LOOKS):
            if not await self._lobby.undrawn():
                return
            await asyncio.sleep(SETTLE_LOOK_S * self._options.speed)

    async def _found(self) -> Findings:
        """What is left behind, as of a moment up to which the journal has been read. On its own thread: history and
        the writer are at work there."""
        lobby = self._lobby
        for _ in range(SETTLE_LOOKS):
            entries = await lobby.hub.thread.call(lobby.journal.history, lobby.site.id)
            found = await lobby.site.read(partial(self._findings, entries))
            if found is not None:
                return found
        raise RuntimeError(f"something happened between each of {SETTLE_LOOKS} looks at the journal and the day")

    def _findings(self, entries: list[Entry], day: Day, now: datetime) -> Findings | None:
        """None if something has happened since the entries were read. The demo ends in the midst of the day, so some
        devices may still be at it."""
        if entries[-1].seq != day.seq:
            return None
        hall, lobby = self._lobby.hall, self._lobby.lobby
        numbers = {ticket.id: ticket.number for ticket in day.tickets.values()}
        for device in lobby.devices:
            if device.kind is DeviceKind.PRINTER:
                hall.tear_off(device.address)
        gate = gate_report(entries, true_people(hall.census, now))
        violations = [
            *gate.violations,
            *checkers.journal_violations(entries),
            *checkers.undrawn_calls(entries, numbers, hall.boards.first_drawn_s),
            *checkers.slip_violations(entries, numbers, hall.slips),
            *checkers.replay_violations(entries, day),
        ]
        rooms = {
            name: RoomFigures(highest=room.highest_people, limit=room.limit_people) for name, room in day.rooms.items()
        }
        return Findings(
            entries=entries,
            numbers=numbers,
            rooms=rooms,
            gates=gate.figures,
            violations=violations[:VIOLATIONS_TOLD],
            violations_count=len(violations),
        )

    def _outcome(self, found: Findings) -> Outcome:
        figures = summary(self._lobby, found)
        numbers = {found.numbers[it.event.ticket] for it in found.entries if isinstance(it.event, TicketCalled)}
        drawn = len(numbers & self._lobby.hall.boards.first_drawn_s.keys())
        return Outcome(**{name: getattr(figures, name) for name in Summary.__struct_fields__}, drawn=drawn)


def _so_far(day: Day, now: datetime) -> tuple[int, int, int]:
    """(in line inside and outside, tickets issued, calls)."""
    states = day.services.values()
    waiting = sum(state.waiting for state in states)
    return waiting, sum(day.numbers_issued.values()), sum(state.tickets_called for state in states)
