"""Whether a room that was corrected by itself was to be: at an hour at which the lobby file says that it is empty, or
after so long a quiet; and whether it was in time. See "Corrections" in `docs/occupancy.md`.

It follows counters and clocks with code of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from hub.day import events, people_events
from hub.day.lobby import DeviceKind, Lobby, Room
from simulator.followed import FollowedDay, Place
from simulator.time_checker import Lateness

MADE_UP = timedelta(minutes=5)
"""So long an hour that came while no hub was there is made up for; declared in `docs/occupancy.md`."""


@dataclass(kw_only=True)
class _Room:
    room: Room
    doors: frozenset[str] = frozenset()
    counted_at: datetime | None = None
    corrected_at: datetime | None = None
    came: list[tuple[datetime, int]] = field(default_factory=list)
    """Who was counted in, and whoever was known to be inside, since the day opened."""

    def come(self, at: datetime, people: int) -> None:
        """So many are inside at that instant at the latest."""
        if people and self.room.longest_stay_s is not None:
            self.came.append((at, people))

    def came_after(self, since_at: datetime) -> int:
        return sum(people for at, people in self.came if at > since_at)


class CorrectionChecker:
    """Follows the counters of one day."""

    def __init__(self, day: FollowedDay, lateness: Lateness, opened: events.DayOpened, at: datetime) -> None:
        self._day = day
        self._is_late = lateness.is_late
        self._rooms: dict[str, _Room] = {}
        self._told: set[tuple[str, datetime]] = set()
        self._totals = {(it.device, it.epoch): (it.entered, it.left) for it in opened.totals}
        self._known = {it.device for it in opened.totals}
        self._describe(opened.lobby, at)

    def listens_anew(self, at: datetime) -> None:
        """A hub begins."""
        self._listens_since_at = at

    def take(self, event: events.AnyEvent, at: datetime) -> Iterator[str]:
        """What `event`, which the day has not taken yet, changes; a sentence if it was not to happen."""
        yield from self._overdue(at)
        match event:
            case events.LobbyChanged(lobby=lobby):
                self._describe(lobby, at)
            case people_events.PeopleCounted():
                self._count(event, at)
            case people_events.PeopleCorrected(room=name, people=people, upper_people=None):
                room = self._rooms[name]
                yield from self._breaches(room, event, at)
                room.corrected_at, room.came = at, []
                room.come(at, people)
            case people_events.PeopleCorrected():
                yield from self._cut(self._rooms[event.room], event, at)
            case _:
                pass

    def _describe(self, lobby: Lobby, at: datetime) -> None:
        self._lobby, self._listens_since_at = lobby, at
        for room in lobby.rooms:
            known = self._rooms.setdefault(room.id, _Room(room=room))
            known.room = room
            known.doors = frozenset(it.id for it in lobby.doors if room.id in (it.from_room, it.to_room))

    def _count(self, event: people_events.PeopleCounted, at: datetime) -> None:
        key = (event.device, event.epoch)
        before = self._totals.get(key, (0, 0) if event.device in self._known else (event.entered, event.left))
        entered, left = event.entered - before[0], event.left - before[1]
        self._totals[key] = (event.entered, event.left)
        self._known.add(event.device)
        counters = (it for it in self._lobby.devices if it.kind is DeviceKind.COUNTER and it.address == event.device)
        door_id = next((it.door for it in counters), "")
        for door in self._lobby.doors:
            for name, came in ((door.to_room, entered), (door.from_room, left)):
                if door.id == door_id and name in self._rooms:
                    self._rooms[name].counted_at = at
                    self._rooms[name].come(at, came)

    def _cut(self, room: _Room, event: people_events.PeopleCorrected, at: datetime) -> Iterator[str]:
        """Nobody is taken for gone who may have come within the longest stay, and is not served."""
        stay_s, most = room.room.longest_stay_s, event.upper_people
        if stay_s is None or event.why != "dwell" or most is None or self._day.evacuated_at is not None:
            yield f"{event.room} was cut down to {event.people} people, and nothing says how long they stay"
            return
        came = room.came_after(at - timedelta(seconds=stay_s))
        if event.people > most or most < max(came, self._served(event.room)):
            yield f"{event.room} was cut down to {event.people} people, {most} at most, and {came} came lately"

    def _breaches(self, room: _Room, event: people_events.PeopleCorrected, at: datetime) -> Iterator[str]:
        if event.why not in ("schedule", "quiet"):
            return
        what = f"{event.room} was taken for empty by {event.why}"
        if self._day.evacuated_at is not None:
            yield f"{what} while everybody leaves the building"
        served = self._served(event.room)
        if event.people != served:
            yield f"{what} but for {event.people} people, and {served} are being served in it"
        if event.why == "schedule" and not any(it <= at for it in self._hours(room)):
            yield f"{what}, and it is no hour of it, or one that was settled"
        quiet_s = room.room.empty_after_quiet_s
        if event.why == "quiet" and (quiet_s is None or self._is_loud(room, at - timedelta(seconds=quiet_s), at)):
            yield f"{what}, and it was not quiet for so long"

    def _served(self, room: str) -> int:
        tickets = (it for it in self._day.tickets.values() if it.place is Place.SERVING)
        return sum(it.party_people for it in tickets if self._day.desks[it.desk].desk.room == room)

    def _is_loud(self, room: _Room, since_at: datetime, at: datetime) -> bool:
        """Whether anybody crossed its doors in that time, or might be there since the lobby was open."""
        if room.counted_at is not None and room.counted_at > since_at:
            return True
        moments = [since_at + n * timedelta(minutes=1) for n in range(int((at - since_at) / timedelta(minutes=1)))]
        return any(self._day.hours.closing_after(it) is not None for it in [*moments, at])

    def _hours(self, room: _Room) -> Iterator[datetime]:
        """Of today, those at which it is known to be empty and which nothing has settled yet."""
        for clock in room.room.empty_at:
            at = self._clock(clock)
            is_made_up = at >= self._listens_since_at - MADE_UP
            if is_made_up and (room.corrected_at is None or at > room.corrected_at):
                yield at

    def _clock(self, clock: str) -> datetime:
        zone, hours = ZoneInfo(self._lobby.site.time_zone), self._day.hours
        ahead = timedelta(days=int(time.fromisoformat(clock) < time.fromisoformat(self._lobby.site.day_turns_at)))
        return datetime.combine(hours.day + ahead, time.fromisoformat(clock), zone).astimezone(ZoneInfo("UTC"))

    def _overdue(self, at: datetime) -> Iterator[str]:
        """An hour of a room that passed a while before `at`, and nothing happened."""
        if self._day.evacuated_at is not None:
            return
        counted = {it.door for it in self._lobby.devices if it.kind is DeviceKind.COUNTER}
        for name, room in self._rooms.items():
            for hour in self._hours(room) if room.doors & counted else ():
                if self._is_late(max(hour, self._listens_since_at), at) and (name, hour) not in self._told:
                    self._told.add((name, hour))
                    yield f"{name} is known to be empty at {hour:%H:%M:%S}, and nobody said so"
