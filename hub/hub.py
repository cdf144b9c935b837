"""The hub: every site's writer and followers around one journal and one link, started in order and stopped together.

Everything real is handed in (journal, link, clock, chance, key), so the simulator runs this very class. It knows no
web server: `sites` is what pages need.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import NamedTuple

from hub.book.book import Book
from hub.book.entries import RETENTION_H
from hub.book.keeper import Keeper
from hub.book.retention import forget
from hub.clock import SteadyClock
from hub.day.lobby import Lobby
from hub.desired import Desired
from hub.displays import Displays
from hub.fleet import Fleet
from hub.health import HealthReport, report, standby_report
from hub.history.follower import Follower
from hub.history.reading import HistoryReader
from hub.history.store import HistoryStore
from hub.history.vitals import Vitals
from hub.home.follower import Home, HomeListener, OpenHome
from hub.hub_time import PERIOD_S, Pace, tell_time
from hub.identity.views import Registrar
from hub.intake import Intake, Reception
from hub.journal import Journal
from hub.journal_head import JournalHead
from hub.journal_thread import CALL_S, JournalThread
from hub.journal_walk import JournalWalk
from hub.keyring import Keyring
from hub.metrics import Metrics
from hub.outbox import Outbox
from hub.ownership import Ownership, OwnersLink
from hub.quarantine import Quarantine
from hub.report_reader import ReportReader
from hub.room_reports import RoomReports
from hub.self_tests import SelfTests
from hub.site import Site
from hub.support import Support
from hub.under_way import UnderWay
from hub.writer import Writer
from wire import home, topics
from wire.link import Link, Listener

FIGURES_S = 1.0
"""Figures tell of a journal that hangs, so they must not hang with it."""


def subscriptions(lobbies: Sequence[Lobby], *, hears_home: bool = False) -> list[tuple[str, int]]:
    """What the link of a hub with these lobbies hears, and when Home Assistant starts, if that is wanted."""
    own = [wanted for lobby in lobbies for wanted in topics.hub_subscriptions(lobby.site.id)]
    return [*own, (home.STATUS, 1)] if hears_home else own


class _Office(NamedTuple):
    """Everything that runs for one site."""

    writer: Writer
    displays: Displays
    outbox: Outbox
    head: JournalHead
    desired: Desired
    support: Support
    intake: Intake
    keeper: Keeper
    self_tests: SelfTests


class Hub:
    """One process's hub. `run` it once."""

    def __init__(
        self,
        lobbies: Sequence[Lobby],
        journal: Journal,
        link: Link,
        *,
        now: Callable[[], datetime],
        new_token: Callable[[], str],
        keyring: Keyring,
        public_url: str,
        own_url: str = "",
        open_history: Callable[[JournalThread], HistoryStore] | None = None,
        open_node_office: Callable[[JournalThread, Callable[[], datetime]], Registrar] | None = None,
        open_home: OpenHome | None = None,
        retention_h: int = RETENTION_H,
        database_patience_s: float = CALL_S,
        disk_free_bytes: Callable[[], int | None] = lambda: None,
    ) -> None:
        """`now` gives aware UTC, `new_token` 128 random bits in the URL-safe alphabet. `public_url` is where phones
        reach this hub, without a slash at the end, for lobbies that do not say it themselves; `own_url` is where
        other hubs with the same database reach it. Without `open_history` no history is kept, without
        `open_node_office` no node certified, without `open_home` Home Assistant told nothing. `retention_h` is how long
        after an appointment the book knows who came. `database_patience_s` is how long the database may take, by the
        event loop's clock. `disk_free_bytes` is what its disk has left; None if that is another machine's."""
        self.metrics = Metrics()
        self.started = asyncio.Event()
        """Set once every site may be read and submitted to, but for those whose day cannot be opened."""
        self.boot = new_token()
        """Names this run of the hub; presses that were stamped in another are expired."""
        self.under_way = UnderWay()
        self._clock = SteadyClock(now)
        self.thread = JournalThread(journal, database_patience_s)
        sites = [lobby.site.id for lobby in lobbies]
        self.ownership = Ownership(self.thread, sites, holder=self.boot, address=own_url)
        self._link = OwnersLink(link, self.ownership) if journal.is_shared else link
        self._history = open_history(self.thread) if open_history else None
        self.registrar = open_node_office(self.thread, self._clock.now) if open_node_office else None
        self._historians: list[Follower] = []
        self._walk = JournalWalk(self.thread)
        self._quarantine = Quarantine(self.thread, self._clock.now, self.metrics)
        self._retention_h = retention_h
        self._disk_free_bytes = disk_free_bytes
        self._testing = asyncio.Lock()
        self._offices = {
            lobby.site.id: self._office(lobby, new_token=new_token, keyring=keyring, public_url=public_url)
            for lobby in lobbies
        }
        intakes = {site: office.intake for site, office in self._offices.items()}
        reception = Reception(intakes, self._quarantine, self.metrics)
        self._homes = self._open_homes(open_home) if open_home else {}
        self._reception: Listener = HomeListener(reception, list(self._homes.values())) if self._homes else reception
        self._hearing: asyncio.Task[None]
        self._hearing_anew = asyncio.Lock()

    def _open_homes(self, open_home: OpenHome) -> dict[str, Home]:
        return {
            site: open_home(office.writer, self._link, office.support.heard.by_name, self.metrics, office.self_tests)
            for site, office in self._offices.items()
        }

    @property
    def sites(self) -> Mapping[str, Site]:
        return {site: office.writer for site, office in self._offices.items()}

    @property
    def books(self) -> Mapping[str, Book]:
        return {site: office.keeper for site, office in self._offices.items()}

    @property
    def reports(self) -> Mapping[str, RoomReports]:
        return {site: ReportReader(site, self.thread, self._clock.now) for site in self._offices}

    @property
    def fleets(self) -> Mapping[str, Fleet]:
        return {site: office.support for site, office in self._offices.items()}

    @property
    def self_tests(self) -> Mapping[str, SelfTests]:
        return {site: office.self_tests for site, office in self._offices.items()}

    @property
    def history(self) -> HistoryReader | None:
        """Where what was is asked for; None where none is kept."""
        return self._history

    @property
    def serves(self) -> bool:
        """Whether its sites may be read and submitted to here, at this moment."""
        return self.started.is_set() and self.ownership.is_held

    @property
    def sites_that_answer(self) -> Sequence[Site]:
        """Those that may be read without waiting for the database."""
        return [office.writer for office in self._open_offices if self.serves and not office.writer.fault]

    @property
    def _open_offices(self) -> list[_Office]:
        """Those of the sites that serve."""
        return [office for office in self._offices.values() if office.writer.serves]

    def now(self) -> datetime:
        """The hub's clock: the wall's, as long as it is believable."""
        return self._clock.now()

    def health(self) -> HealthReport:
        # Asking the clock compares it with the loop's.
        self._clock.now()
        sites = [(office.writer, office.intake.nodes) for office in self._offices.values()]
        faults = [office.head.fault for office in self._offices.values() if office.head.fault]
        faults += self._walk.faults
        faults += [
            f"site {it.writer.id}: {it.self_tests.fault}" for it in self._offices.values() if it.self_tests.fault
        ]
        faults += [f"site {it.site}: history: {it.fault}" for it in self._historians if it.fault]
        if self.ownership.stands_by.is_set() and not self.started.is_set():
            return standby_report(self.ownership.owner_address, self.ownership.fault, clock_ok=self._clock.is_steady)
        return report(
            sites,
            link_connected=self._link.is_connected,
            clock_ok=self._clock.is_steady,
            other_faults=faults,
            disk_free_bytes=self._disk_free_bytes(),
            is_held=self.ownership.is_held,
        )

    async def figures(self) -> bytes:
        """What `/metrics` says, of the days as they are now; as they were looked at last if that takes too long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FIGURES_S if self.serves else 0):
                for office in self._open_offices:
                    await office.writer.read(partial(self.metrics.look_at, office.writer.id))
                    against = await office.writer.read(office.self_tests.against)
                    self.metrics.look_at_counters(office.writer.id, office.writer.lobby, against)
                    self.metrics.look_at_nodes(office.writer.id, office.support.heard.by_name)
        return self.metrics.render()

    async def run(self) -> None:
        """Stand by for as long as the sites are another hub's, then own them until cancelled. A site whose day cannot
        be opened serves nobody; the others do.

        Raises:
            ExceptionGroup: something unforeseen, or a `HubError`; the process should end and be started again.
        """
        try:
            async with asyncio.TaskGroup() as group:
                await self.ownership.take()
                group.create_task(self.ownership.keep())
                group.create_task(self._quarantine.run())
                for office in self._offices.values():
                    group.create_task(office.writer.run())
                for office in self._offices.values():
                    await office.writer.settled.wait()
                if self.registrar is not None:
                    await self.registrar.start()
                pace = Pace(len(self._offices))
                for index, office in enumerate(self._offices.values()):
                    start = partial(self._start_followers, group, office, index * PERIOD_S / len(self._offices), pace)
                    if office.writer.serves:
                        start()
                    else:
                        group.create_task(self._start_late(group, office.writer, start))
                group.create_task(forget(self.thread, self._clock.now))
                group.create_task(self._walk.run([office.writer.id for office in self._open_offices]))
                self._hearing = group.create_task(self._link.run(self._reception))
                self.started.set()
        finally:
            if self._history is not None:
                self._history.close()
            await self.ownership.give_back()
            self.thread.close()

    async def _start_late(self, group: asyncio.TaskGroup, writer: Writer, start: Callable[[], None]) -> None:
        """Once its day could be opened after all. What the broker keeps was passed over for it, so it is heard anew."""
        await writer.started.wait()
        start()
        async with self._hearing_anew:
            self._hearing.cancel()
            await asyncio.wait({self._hearing})
            self._hearing = group.create_task(self._link.run(self._reception))

    def _start_followers(self, group: asyncio.TaskGroup, office: _Office, phase_s: float, pace: Pace) -> None:
        group.create_task(office.displays.run())
        group.create_task(office.outbox.run())
        group.create_task(office.head.run())
        group.create_task(office.desired.run())
        group.create_task(office.intake.run())
        if self._history is not None:
            vitals = Vitals(office.writer, office.support.heard.by_name, office.self_tests, self._clock.now)
            group.create_task(vitals.run())
            historian = Follower(office.writer, self.thread, self._history, self.metrics, vitals)
            self._historians.append(historian)
            group.create_task(historian.run())
            group.create_task(office.self_tests.run())
        if self._homes:
            group.create_task(self._homes[office.writer.id].run())
        writer, link, now = office.writer, self._link, self._clock.now
        time = tell_time(writer, link, now, boot=self.boot, phase_s=phase_s, pace=pace, metrics=self.metrics)
        group.create_task(time)

    def _office(self, lobby: Lobby, *, new_token: Callable[[], str], keyring: Keyring, public_url: str) -> _Office:
        now, metrics = self._clock.now, self.metrics
        writer = Writer(lobby, self.thread, self._clock, holder=self.boot, quarantine=self._quarantine, metrics=metrics)
        displays = Displays(writer, self._link, public_url, metrics, keyring, self.under_way)
        outbox = Outbox(writer, self.thread, self._link, now, keyring=keyring, public_url=public_url, metrics=metrics)
        head = JournalHead(writer, self.thread, self._link, boot=self.boot, metrics=metrics)
        desired = Desired(writer, self._link, metrics)
        support = Support(writer, self._link, now, desired=desired, new_token=new_token, metrics=metrics)
        intake = Intake(
            writer,
            self._link,
            now,
            boot=self.boot,
            keyring=keyring,
            new_token=new_token,
            metrics=metrics,
            displays=displays,
            outbox=outbox,
            head=head,
            desired=desired,
            support=support,
            under_way=self.under_way,
        )
        keeper = Keeper(writer, self.thread, now, new_token, keyring, retention_h=self._retention_h)
        tests = SelfTests(writer, self._history, now, self._testing)
        return _Office(writer, displays, outbox, head, desired, support, intake, keeper, tests)
