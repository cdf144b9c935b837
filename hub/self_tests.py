"""What the counts of the last days say against a site's people counters: asked of history once an hour, and kept.

One question is about one door and one day, and whoever else waits for the store or the loop has turns in between. A
store that is away says nothing: what stood before stands. What the day itself gives away is joined when somebody asks.
It knows history's interface and no store.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

from hub.day import counter_signs
from hub.day.lobby import DeviceKind, Lobby
from hub.day.model import Day
from hub.day.people.checks import Counted, Fault, Hour
from hub.day.people.verdicts import Verdict, judged
from hub.errors import HistoryDown, Unwritten
from hub.history.reading import HistoryReader
from hub.site import Site

CHECKED_DAYS = 14
"""Over which a counter's own counts are held against it: a counter drifts over weeks."""
FIRST_AFTER_S = 60.0
"""A hub that starts has other things to ask of its database."""
EVERY_S = 3_600.0
"""What is found takes a dozen missed people: sooner is no use."""
RETRY_S = 300.0
"""A store that was away may be there again."""
REST_TIMES = 4
"""After each question it rests so many times as long as that took: others ask the same database."""
HOURS = 24
SLOT_S = 900
"""Hours do not begin at the same time in every zone, quarters do."""
DAY = timedelta(days=1)

NOBODY = [Hour(0, 0)] * HOURS
"""A day on which nobody was counted, as most are at a new site: kept once."""

OK = "ok"
"""Nothing speaks against a counter."""

log = structlog.get_logger()

Against = Mapping[str, tuple[Fault, ...]]
"""`node/device` of each people counter that is accused to its faults, the worst first."""


class SelfTests:
    """One site's."""

    def __init__(
        self,
        site: Site,
        reader: HistoryReader | None,
        now: Callable[[], datetime],
        turn: asyncio.Lock | None = None,
    ) -> None:
        """`reader` is None where no history is kept: then only the day has its say. Of those that share a `turn` one
        asks at a time: fifty sites that begin at once would have fifty questions stand before everybody else.
        """
        self._site = site
        self._reader = reader
        self._now = now
        self._turn = turn or asyncio.Lock()
        self.fault = ""
        """Why nobody looks any more; empty as long as somebody does."""
        self._kept: dict[tuple[str, date], list[Hour]] = {}
        """Door and local day, of those that are over, to its hours."""
        self._stands: dict[str, tuple[Verdict, ...]] = {}
        """Room to what stands against the counters of its doors."""

    async def run(self) -> None:
        """Ask again and again, until cancelled, or until the store answers what cannot be understood."""
        pause_s = FIRST_AFTER_S
        try:
            while True:
                await asyncio.sleep(pause_s)
                pause_s = EVERY_S if await self.look() else RETRY_S
        except Exception as error:  # an answer that nobody foresaw: the lobby runs, and what stood stands
            self.fault = f"counters are not tested any more ({error!r}); see the log"
            log.exception("counters are not tested any more", site=self._site.id)

    async def look(self) -> bool:
        """Ask now; False if the store did not answer."""
        if self._reader is None:
            return True
        before = self.doors()
        try:
            await self._judge(self._reader, self._site.lobby)
        except (HistoryDown, Unwritten) as error:
            log.info("counters are not tested: history is away", site=self._site.id, error=str(error))
            return False
        for door, faults in self.doors().items():
            if faults != before.get(door):
                log.warning("what was counted speaks against a counter", site=self._site.id, door=door, faults=faults)
        return True

    def doors(self) -> dict[str, tuple[Fault, ...]]:
        """Door to what its counts of the last days say against its counters; those that count well are left out."""
        found: dict[str, tuple[Fault, ...]] = {}
        for verdicts in self._stands.values():
            for door in {it.counter for it in verdicts} - found.keys():
                found[door] = tuple(it.fault for it in verdicts if it.counter == door)
        return found

    def against(self, day: Day, _now: datetime) -> Against:
        """Everything that speaks against the counters of `day`. Of several counters at one door history cannot tell
        which it is: each is named."""
        doors, signs = self.doors(), set(counter_signs.signs(day))
        found: dict[str, tuple[Fault, ...]] = {}
        for address, device in day.devices.items():
            if device.kind is DeviceKind.COUNTER:
                told = doors.get(device.door, ())
                if faults := tuple(it for it in Fault if it in told or (address, it) in signs):
                    found[address] = faults
        return found

    def states(self, day: Day, now: datetime) -> dict[str, str]:
        """`node/device` of each people counter to the worst that speaks against it, or `ok`."""
        against = self.against(day, now)
        counters = (address for address, device in day.devices.items() if device.kind is DeviceKind.COUNTER)
        return {it: against[it][0].value if it in against else OK for it in counters}

    async def _judge(self, reader: HistoryReader, lobby: Lobby) -> None:
        zone = ZoneInfo(lobby.site.time_zone)
        today = self._now().astimezone(zone).date()
        dates = [today - back * DAY for back in range(CHECKED_DAYS - 1, -1, -1)]
        stands: dict[str, tuple[Verdict, ...]] = {}
        for room in lobby.rooms:
            doors = [it.id for it in lobby.doors if room.id in (it.from_room, it.to_room)]
            days = [Counted(day, {door: await self._hours(reader, door, day, zone) for door in doors}) for day in dates]
            open_days = [it for it in days if any(hour.crossings for of in it.hours.values() for hour in of)]
            so_far = open_days.pop() if open_days and open_days[-1].day == today else None
            stands[room.id] = judged(open_days, today=so_far, kept=self._stands.get(room.id, ()))
        self._stands = stands
        self._kept = {(door, day): it for (door, day), it in self._kept.items() if day in dates}

    async def _hours(self, reader: HistoryReader, door: str, day: date, zone: ZoneInfo) -> list[Hour]:
        """What was counted at a door in each hour of a local day. Of yesterday it is asked again all the same: a store
        that was away may still be catching up with it."""
        if (door, day) in self._kept:
            return self._kept[door, day]
        from_at, to_at = (datetime.combine(it, time(), zone) for it in (day, day + DAY))
        entered, left = [0] * HOURS, [0] * HOURS
        loop = asyncio.get_running_loop()
        async with self._turn:
            began_s = loop.time()
            crossings = await reader.crossings(self._site.id, door, from_at, to_at, SLOT_S)
            await asyncio.sleep(REST_TIMES * (loop.time() - began_s))
        for it in crossings:
            hour = it.begins_at.astimezone(zone).hour
            entered[hour] += it.entered
            left[hour] += it.left
        found = [Hour(*counted) for counted in zip(entered, left, strict=True)] if crossings else NOBODY
        if day < self._now().astimezone(zone).date() - DAY:
            self._kept[door, day] = found
        await asyncio.sleep(0)  # whoever else waits for the loop comes first
        return found
