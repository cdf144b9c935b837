"""What follows from a lobby's description, worked out anew for the checkers of the rules: hours and gates.

Shares nothing with the hub but the description itself, so a mistake of `hub.day.hours` or `hub.day.gates` is found.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hub.day.lobby import OUTSIDE, DeviceKind, Lobby

ONE_DAY = timedelta(days=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class LobbyFacts:
    """One description, and what follows from it."""

    def __init__(self, lobby: Lobby, before: "LobbyFacts | None" = None) -> None:
        """`before`: what was so earlier in the day, and stays for a service that has lost its desks."""
        self.lobby = lobby
        self.site = lobby.site
        self.services = {it.id: it for it in lobby.services}
        self.desks = {it.id: it for it in lobby.desks}
        self.priorities = {it.id: it for it in lobby.priorities}
        self.gate_of_room = _gates(lobby)
        self.way_to_room = _ways(lobby)
        """Room to the admitted rooms that one has to be let into on the way there, one after the other."""
        waited: dict[str, str] = before.gate_of_service if before else {}
        self.gate_of_service: dict[str, str] = {
            service: self._gate_of_service(service, waited.get(service, "")) for service in {**waited, **self.services}
        }
        self.rooms_of_printer: dict[str, set[str]] = {}
        """Printer to the rooms of the kiosks that print there."""
        for device in lobby.devices:
            if device.kind is DeviceKind.KIOSK and device.printer:
                self.rooms_of_printer.setdefault(device.printer, set()).add(device.room)

    def _gate_of_service(self, service: str, waited: str) -> str:
        """The admitted room before which its visitors wait; empty if they can reach one of its desks uninvited."""
        gates = [self.gate_of_room[desk.room] for desk in self.lobby.desks if service in (*desk.services, *desk.helps)]
        if not gates:
            return self.gate_of_room.get(waited, "")
        return gates[0] if all(gates) else ""

    def waits_outside(self, service: str, room: str) -> bool:
        """Whether somebody in `room` has to be invited in for `service`; an empty room may be anywhere."""
        gate = self.gate_of_service.get(service, "")
        return gate != "" and self.gate_of_room.get(room, "") != gate

    def innermost(self, room: str) -> str:
        """The admitted room in which somebody in `room` is; empty for none."""
        way = self.way_to_room.get(room)
        return way[-1] if way else ""

    def rooms_to_enter(self, room: str, inside: str) -> list[str]:
        """The admitted rooms into which somebody who is in `inside` has to be let to reach `room`."""
        passed = self.way_to_room.get(inside, ())
        return [gate for gate in self.way_to_room.get(room, ()) if gate not in passed]


def _gates(lobby: Lobby) -> dict[str, str]:
    """Each room to the admitted room that one has to be invited into to reach it; empty if none."""
    admitted = [room.id for room in lobby.rooms if room.admitted]
    passages = [(door.from_room, door.to_room) for door in lobby.doors]
    passages += [(end, begin) for begin, end in passages]
    uninvited = {OUTSIDE}
    while grown := {end for begin, end in passages if begin in uninvited and end not in admitted} - uninvited:
        uninvited |= grown
    found = {room: room for room in admitted if any(begin in uninvited and end == room for begin, end in passages)}
    edge = list(found)
    while edge:
        beyond = []
        for room in edge:
            for begin, end in ((door.from_room, door.to_room) for door in lobby.doors):
                other = end if begin == room else begin if end == room else ""
                if other and other not in uninvited and other not in found:
                    found[other] = found[room]
                    beyond.append(other)
        edge = beyond
    return {room.id: found.get(room.id, room.id if room.admitted else "") for room in lobby.rooms}


def _ways(lobby: Lobby) -> dict[str, tuple[str, ...]]:
    """Past as few admitted rooms as can be; one without a door is its own."""
    admitted = {room.id for room in lobby.rooms if room.admitted}
    passages = [(door.from_room, door.to_room) for door in lobby.doors]
    passages += [(end, begin) for begin, end in passages]
    found: dict[str, tuple[str, ...]] = {OUTSIDE: ()}
    while True:
        steps = [
            (*found[begin], end) if end in admitted else found[begin]
            for begin, end in passages
            if begin in found and end not in found
        ]
        ends = [end for begin, end in passages if begin in found and end not in found]
        if not ends:
            break
        nearest = min(range(len(ends)), key=lambda at: len(steps[at]))
        found[ends[nearest]] = steps[nearest]
    return {room.id: found.get(room.id, (room.id,) if room.admitted else ()) for room in lobby.rooms}


class ServiceDay:
    """The hours of one service day."""

    def __init__(self, lobby: Lobby, day: date) -> None:
        self.day = day
        self._zone = ZoneInfo(lobby.site.time_zone)
        self._lobby = lobby
        turn = time.fromisoformat(lobby.site.day_turns_at)
        self.begins_at = self._instant(day, turn)
        self.ends_at = self._instant(day + ONE_DAY, turn)
        spans = sorted(span for ahead in (-1, 0, 1, 2) for span in self._spans(day + ahead * ONE_DAY))
        its_own = [span for ahead in (0, 1) for span in self._spans(day + ahead * ONE_DAY)]
        self.closes_at = max((end for begin, end in its_own if self.begins_at <= begin < self.ends_at), default=None)
        """The end of the last opening that begins in it."""
        self._openings: list[tuple[datetime, datetime]] = []
        for begin, end in spans:
            if self._openings and self._openings[-1][1] == begin:
                begin = self._openings.pop()[0]
            self._openings.append((begin, end))

    def opens_first_at(self) -> datetime | None:
        """The first instant of the day at which it is open; None on a day on which it is closed."""
        begins = (max(begin, self.begins_at) for begin, end in self._openings if end > self.begins_at)
        return next((at for at in begins if at < self.ends_at), None)

    def closing_after(self, at: datetime) -> datetime | None:
        """The end of the opening that holds `at`; None outside of all."""
        return next((end for begin, end in self._openings if begin <= at < end), None)

    def _spans(self, on: date) -> list[tuple[datetime, datetime]]:
        periods = [period.split("-") for period in self._lobby.hours.get(WEEKDAYS[on.weekday()], ())]
        return [(self._of_clock(on, begin), self._of_clock(on, end)) for begin, end in periods]

    def _of_clock(self, on: date, clock: str) -> datetime:
        if clock == "24:00":
            return self._instant(on + ONE_DAY, time())
        return self._instant(on, time.fromisoformat(clock))

    def _instant(self, on: date, clock: time) -> datetime:
        return datetime.combine(on, clock, self._zone).astimezone(UTC)
