"""Whether a room stays unknown no longer than its rule says: while one of its counters is not heard, and until it is
heard again.

It tells from the journal's rows when a room was unknown, with code of its own, and from the record when nothing was
wrong with the hub, nor with any counter at the room's doors. A sound counter says its totals twice a minute.
"""

from collections.abc import Iterator

from hub.day import events, people_events
from hub.day.lobby import DeviceKind, Lobby
from simulator.evidence import Evidence

HUB = "hub"
"""What no trouble of a node touches."""
SETTLE_S = 12.0
"""So soon after trouble a counter is connected again."""
AGAIN_S = 32.0
"""So soon it says its totals; declared in `docs/occupancy.md`."""
NOTED_S = 10.0
"""So soon does the day know."""


def unknown_violations(it: Evidence) -> Iterator[str]:
    """Rooms that were unknown though everything had been heard that there is to hear."""
    longest_s = AGAIN_S + NOTED_S
    for room, counters, began_s, ended_s in _unknown(it):
        calm = [(began_s, ended_s)]
        for address in (HUB, *counters):
            calm = [spell for begin, end in calm for spell in it.record.calm_spells(address, begin, end, SETTLE_S)]
        for begin, end in calm:
            if end - begin > longest_s:
                yield f"{room} was unknown from {begin:.1f} s to {end:.1f} s, and each of its counters was well"


def _unknown(it: Evidence) -> Iterator[tuple[str, tuple[str, ...], float, float]]:
    """Room, counters at its doors, from and to when it was unknown by the rows. Between two days no room is."""
    followed, since_s = _Followed(), dict[str, float]()
    for row in it.entries:
        if not followed.take(row.event):
            continue
        for room, counters in followed.rooms.items():
            if followed.is_unknown(room):
                since_s.setdefault(room, it.row_s(row))
            elif room in since_s:
                yield room, counters, since_s.pop(room), it.row_s(row)
    for room, began_s in since_s.items():
        yield room, followed.rooms[room], began_s, it.ends_s


class _Followed:
    """Which counters have spoken and which are silent, after the newest row."""

    def __init__(self) -> None:
        self.rooms: dict[str, tuple[str, ...]] = {}
        """Those that have counters, to these, as `node/device`."""
        self._is_open = False
        self._spoken: set[str] = set()
        self._silent: set[str] = set()

    def is_unknown(self, room: str) -> bool:
        counters = self.rooms[room]
        return self._is_open and not (self._spoken.issuperset(counters) and self._silent.isdisjoint(counters))

    def take(self, event: events.AnyEvent) -> bool:
        """Whether `event` may have changed anything."""
        match event:
            case events.DayOpened(lobby=lobby, totals=totals):
                self._is_open, self.rooms = True, _counters(lobby)
                self._spoken, self._silent = {it.device for it in totals}, {it.device for it in totals if it.is_silent}
            case events.DayClosed():
                self._is_open = False
            case events.LobbyChanged(lobby=lobby):
                self.rooms = _counters(lobby)
            case people_events.PeopleCounted(device=device):
                self._spoken.add(device)
            case people_events.CounterSilenced(device=device):
                self._silent.add(device)
            case people_events.CounterHeard(device=device):
                self._silent.discard(device)
            case _:
                return False
        return True


def _counters(lobby: Lobby) -> dict[str, tuple[str, ...]]:
    """Each room that has counters to these, as `node/device`."""
    counters = [(it.address, it.door) for it in lobby.devices if it.kind is DeviceKind.COUNTER]
    found = {}
    for room in lobby.rooms:
        doors = {door.id for door in lobby.doors if room.id in (door.from_room, door.to_room)}
        if its := tuple(address for address, door in counters if door in doors):
            found[room.id] = its
    return found
