"""How many people each room of a lobby holds at most, reckoned from a journal's rows for the checker of the gate.

It follows counters, corrections and limits with code of its own, not with that which decided; shared are the events and
the lobby's description, and of a room with a `gate_confidence` the filter, which `guichet-sim occupancy` holds
against the truth. Of tickets it asks only who is at which desk, and whom a room holds a place for.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil, hypot, sqrt
from zoneinfo import ZoneInfo

from hub.day import events, people_events
from hub.day.change_events import LimitChanged, LimitScheduled
from hub.day.lobby import DeviceKind, Lobby, Room
from hub.day.people.room import Known
from simulator import reckoning
from simulator.gate_figures import TicketState
from simulator.gate_load import Load
from simulator.lobby_facts import LobbyFacts
from simulator.reckoning import Corrected, Crossed, Cut, Passed, Stayed
from simulator.ticket_stays import TicketStays
from wire.messages import CountQuality

RESTART_MARGIN_PEOPLE = 2.0
"""A counter that began anew was blind for a while; declared in `docs/occupancy.md`."""
UNNOTICED = timedelta(seconds=90)
"""So long a counter may be unheard before anybody notices; declared in `docs/occupancy.md`."""
ROUNDING = 1e-6
"""Margins are sums of small fractions."""


@dataclass(kw_only=True)
class Counter:
    totals: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Epoch to (entered, left)."""
    is_silent: bool = False
    is_blocked: bool = False
    has_begun_anew: bool = False
    """Today."""
    epoch: str = ""
    fell_back: set[str] = field(default_factory=set)
    is_implausible: bool = False
    """It said more than any door lets through, and nothing since."""
    counted_at: datetime | None = None
    doubted_rooms: set[str] = field(default_factory=set)
    """Counted by somebody while this counter was not heard, so who crossed meanwhile may be in that number or not."""

    @property
    def is_sound(self) -> bool:
        is_believed = not self.is_implausible and self.epoch not in self.fell_back
        return is_believed and not self.is_blocked and not self.has_begun_anew


@dataclass(kw_only=True)
class RoomState:
    room: Room
    people: int | None = None
    margin: float = 0.0
    left_empty: int = 0
    """People who left when nobody was inside any more."""
    is_contradicted: bool = False
    """They are more than the margin explains; from then on each of them may be inside."""
    on_their_way: dict[str, int] = field(default_factory=dict)
    """Ticket to people of its party who have not come in; oldest first."""
    have_come: set[str] = field(default_factory=set)
    """Those of them of whose party somebody has."""
    was_known: bool = False
    corrected_at: datetime | None = None
    filter: reckoning.State | None = None
    """Of a room with a `gate_confidence`."""
    limit_by_hand: int | None = None
    """Set for the day; it stands when the lobby's description changes, until it is set back or the day ends."""
    limit_by_schedule: int | None = None
    """Of this hour."""
    is_shut: bool = False
    """It was full, and has not emptied far enough since to let anybody in."""

    @property
    def limit_people(self) -> int:
        limits = (self.limit_by_hand, self.limit_by_schedule, self.room.limit_people)
        return next(it for it in limits if it is not None)

    @property
    def reserved(self) -> int:
        return sum(self.on_their_way.values())

    def expect(self, ticket: str, people: int) -> None:
        """They are on their way into the room."""
        self.on_their_way[ticket] = people
        self.have_come.discard(ticket)

    def cross(self, entered: int, left: int, margin: float) -> None:
        """People cross a door of the room, and it is known less well by `margin`."""
        people = (self.people or 0) + entered - left
        self.margin += margin
        if people < 0:
            self.left_empty -= people if self.filter is None else 0
            people = 0
        self.people = people
        self.is_contradicted |= self.left_empty > self.margin + ROUNDING

    def cut(self, people: int, most: int, local_s: float) -> None:
        """There are no more: the others came too long ago to be there still."""
        doubt = self.margin + self.left_empty * self.is_contradicted
        doubt = max(0.0, min((self.people or 0) + doubt, most) - min(self.people or 0, people))
        self.people = min(self.people or 0, people)
        self.left_empty = min(self.left_empty, int(doubt + ROUNDING))
        self.is_contradicted = self.is_contradicted and self.left_empty > 0
        self.margin = doubt - self.left_empty * self.is_contradicted
        self.learn(Cut(local_s, most))

    def learn(self, step: reckoning.Step) -> None:
        """The same, and what else happens, for the filter."""
        if self.filter is not None:
            self.filter = reckoning.after(self.filter, step)

    def known(self) -> Known | None:
        """What the filter says; None without one."""
        if self.filter is None or self.room.gate_confidence is None:
            return None
        return reckoning.known(self.filter, self.room.gate_confidence)

    def come_in(self, entered: int) -> None:
        """Who enters takes the places of those on their way."""
        for ticket, people in list(self.on_their_way.items()):
            came = min(entered, people)
            entered -= came
            self.on_their_way[ticket] -= came
            if came:
                self.have_come.add(ticket)
            if self.on_their_way[ticket] == 0:
                del self.on_their_way[ticket]


class CountedRooms:
    """The rooms of one service day, as far as counters and staff have told of them."""

    def __init__(self, opened: events.DayOpened, at: datetime) -> None:
        self.lobby = opened.lobby
        self.facts = LobbyFacts(opened.lobby)
        self.states: dict[str, RoomState] = {}
        self.desk_rooms: dict[str, str] = {}
        self._counters: dict[str, Counter] = {}
        self._at_doors: dict[str, list[str]] = {}
        """Room to the counters there."""
        self._stays = TicketStays()
        self._describe(opened.lobby, at)
        for carried in opened.totals:
            counter = self._counters.setdefault(carried.device, Counter())
            counter.epoch = carried.epoch
            counter.totals[carried.epoch] = (carried.entered, carried.left)
            counter.is_silent = carried.is_silent
        for held in opened.rooms:
            if held.room in self.states:
                state = self.states[held.room]
                state.people, state.left_empty = held.people, held.deficit_people
                state.is_contradicted = held.deficit_people > 0
                if state.filter is not None:
                    if held.reckoned is not None:
                        state.filter = reckoning.written(held.reckoned)
                        state.learn(Passed(self._local_s(at)))
                    if held.reckoned is None or state.room.empty_at_turn:
                        people = 0 if state.room.empty_at_turn else held.people or 0
                        state.learn(Corrected(self._local_s(at), people))

    def take(self, event: events.AnyEvent, at: datetime) -> None:
        """What `event` changes of what is known."""
        self._take_stays(event, at)
        match event:
            case events.LobbyChanged(lobby=lobby):
                self.facts = LobbyFacts(lobby, self.facts)
                self._describe(lobby, at)
            case people_events.PeopleCounted():
                self._count(event, at)
            case LimitScheduled(room=room, limit_people=limit):
                self.states[room].limit_by_schedule = limit
            case people_events.PeopleReckoned(room=room):
                self.states[room].learn(Passed(self._local_s(at)))
            case LimitChanged(room=room, limit_people=limit):
                self.states[room].limit_by_hand = limit
            case people_events.PeopleCorrected():
                self._correct(event, at)
            case people_events.CounterSilenced(device=device) | people_events.CounterHeard(device=device):
                self._hear(device, at, is_silent=isinstance(event, people_events.CounterSilenced))
            case people_events.TotalsFellBack(device=device, epoch=epoch):
                self._counters[device].fell_back.add(epoch)
            case people_events.TotalsImplausible(device=device):
                self._counters[device].is_implausible = True
            case _:
                pass

    def _local_s(self, at: datetime) -> float:
        there = at.astimezone(ZoneInfo(self.lobby.site.time_zone))
        midnight = there.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        return there.toordinal() * 86_400 + (there.replace(tzinfo=None) - midnight).total_seconds()

    def _describe(self, lobby: Lobby, at: datetime) -> None:
        self.lobby, self._at_doors = lobby, {}
        counters = [(it.address, it.door) for it in lobby.devices if it.kind is DeviceKind.COUNTER]
        for room in lobby.rooms:
            doors = {door.id for door in lobby.doors if room.id in (door.from_room, door.to_room)}
            self._at_doors[room.id] = [address for address, door in counters if door in doors]
            state = self.states.setdefault(room.id, RoomState(room=room))
            known = state.known()
            state.room = room
            if room.gate_confidence is None:
                if known is not None and state.people is not None:
                    state.people = round(known.value)
                    state.margin = max(known.upper - state.people, 0)
                state.filter = None
            elif state.filter is None:
                state.filter = reckoning.begun(self._local_s(at))
                if state.people:
                    state.learn(Corrected(self._local_s(at), state.people))
        self.desk_rooms |= {desk.id: desk.room for desk in lobby.desks}

    # --- what counters and staff say ---------------------------------------------------------------------------

    def _take_stays(self, event: events.AnyEvent, at: datetime) -> None:
        for room, for_s in self._stays.after(event, self.lobby, at):
            self.states[room].learn(Stayed(for_s))

    def _counters_of(self, room: str) -> list[Counter | None]:
        """Of every door of the room; None for one that has never spoken."""
        return [self._counters.get(address) for address in self._at_doors.get(room, ())]

    def _correct(self, event: people_events.PeopleCorrected, at: datetime) -> None:
        """How many people are in a room, as somebody there says, or the lobby file."""
        state = self.states[event.room]
        if event.upper_people is not None:
            state.cut(event.people, event.upper_people, self._local_s(at))
            return
        state.people, state.margin, state.left_empty, state.is_contradicted = event.people, 0.0, 0, False
        state.corrected_at = at
        state.learn(Corrected(self._local_s(at), event.people))
        for counter in self._counters_of(event.room):
            if counter is not None and counter.is_silent:
                counter.doubted_rooms.add(event.room)

    def _hear(self, device: str, at: datetime, *, is_silent: bool) -> None:
        counter = self._counters.setdefault(device, Counter())
        counter.is_silent = is_silent
        if not is_silent:
            counter.doubted_rooms.clear()
            return
        for room, state in self.states.items():
            corrected_at = state.corrected_at
            if (
                corrected_at is None
                or at - corrected_at > UNNOTICED
                or all(it is not counter for it in self._counters_of(room))
            ):
                continue
            if counter.counted_at is None or counter.counted_at <= corrected_at:
                counter.doubted_rooms.add(room)

    def _count(self, event: people_events.PeopleCounted, at: datetime) -> None:
        counter = self._counters.get(event.device)
        began_anew = False
        if counter is None:
            counter = self._counters[event.device] = Counter()
            entered = left = 0
        else:
            before = counter.totals.get(event.epoch, (0, 0))
            entered, left = event.entered - before[0], event.left - before[1]
            began_anew = event.epoch not in counter.totals
        counter.totals[event.epoch] = (event.entered, event.left)
        counter.has_begun_anew |= began_anew
        counter.is_blocked = event.quality is not CountQuality.OK
        counter.counted_at, counter.epoch, counter.is_implausible = at, event.epoch, False
        margin = RESTART_MARGIN_PEOPLE * began_anew
        device = next((it for it in self.lobby.devices if it.address == event.device), None)
        door = next((it for it in self.lobby.doors if device is not None and it.id == device.door), None)
        if door is not None:
            margin += (entered + left) * door.margin_per_crossing
            unsure, blind, local_s = max(entered, left), RESTART_MARGIN_PEOPLE * began_anew, self._local_s(at)
            for room, came, went in ((door.to_room, entered, left), (door.from_room, left, entered)):
                if (state := self.states.get(room)) is None:
                    continue
                beside = (entered + left) * sum(
                    it.uncounted_share or 0.0 for it in self.lobby.doors if room in (it.from_room, it.to_room)
                )
                doubt = hypot(blind, sqrt(beside))
                if room in counter.doubted_rooms:
                    state.cross(0, 0, margin + beside + unsure)
                    state.learn(Crossed(local_s, 0, 0, doubt + unsure))
                else:
                    state.cross(came, went, margin + beside)
                    state.learn(Crossed(local_s, came, went, doubt))
                state.come_in(came)

    # --- how many, at most -------------------------------------------------------------------------------------

    def is_known(self, room: str) -> bool:
        counters = self._counters_of(room)
        heard = all(it is not None and it.totals and not it.is_silent for it in counters)
        return bool(counters) and heard and self.states[room].people is not None

    def is_live(self, room: str) -> bool:
        counters = [it for it in self._counters_of(room) if it is not None]
        is_sound = not self.states[room].is_contradicted
        is_sound &= not any(it.uncounted_share for it in self.lobby.doors if room in (it.from_room, it.to_room))
        return self.is_known(room) and is_sound and all(it.is_sound for it in counters)

    def load(self, room: str, tickets: Iterable[TicketState]) -> Load:
        """How full the room is, with these tickets in the lobby."""
        state = self.states[room]
        upper = self._upper(room, tickets)
        confidence = state.room.gate_confidence
        if confidence is not None and not self.is_known(room):
            confidence = None
        return Load(upper, state.reserved, state.limit_people, state.is_shut, confidence)

    def shut(self, tickets: Collection[TicketState]) -> None:
        """After a row: a room that is full is shut, and one in which enough places are free again is not."""
        for room, state in self.states.items():
            below = state.room.reopens_below_people
            taken = self._taken(room, tickets) if below else None
            if not below:
                state.is_shut = False
            elif taken is not None:
                opens_at = state.limit_people if not state.is_shut else max(state.limit_people - below, 0) + 1
                state.is_shut = taken >= min(opens_at, state.limit_people)

    def word(self, room: str, tickets: Collection[TicketState]) -> str:
        """What everybody is to be told of the room: `open`, `nearly-full`, `full` or `unknown`."""
        state, taken = self.states[room], self._taken(room, tickets)
        if taken is None:
            return "unknown"
        if not state.room.admitted and not self._counters_of(room):
            return "open"
        if state.is_shut or taken >= state.limit_people:
            return "full"
        warns_at: float | None = state.room.warn_at_people
        if warns_at is None and state.room.warn_at_share is not None:
            warns_at = state.room.warn_at_share * state.limit_people - ROUNDING
        return "nearly-full" if warns_at is not None and taken >= warns_at else "open"

    def _taken(self, room: str, tickets: Collection[TicketState]) -> int | None:
        """Places that are taken: in an admitted room by whoever may be inside or is on the way, in an open one by who
        is most likely inside; None while the room must let nobody in."""
        state = self.states[room]
        if state.room.admitted:
            upper = self._upper(room, tickets)
            return None if upper is None else upper + state.reserved
        if not self._counters_of(room):
            return 0
        people = self.people(room, tickets)
        return None if people is None else people + state.left_empty * state.is_contradicted

    def people(self, room: str, tickets: Iterable[TicketState]) -> int | None:
        """How many are most likely inside; None while nobody knows."""
        state = self.states[room]
        counted = state.people
        if (known := state.known()) is not None:
            counted = round(known.value)
        return max(counted, self._served(room, tickets)) if counted is not None and self.is_known(room) else None

    def _served(self, room: str, tickets: Iterable[TicketState]) -> int:
        return sum(it.party for it in tickets if it.is_served and self._is_at_desk_in(it, room))

    def can_ever_take(self, room: str, party: int) -> bool:
        """Whether the room would have places for so many people if everybody left it."""
        state = self.states[room]
        if self.is_known(room):
            if state.filter is not None:
                return party <= state.limit_people
            inside = ceil(state.margin + state.left_empty * state.is_contradicted - ROUNDING)
            return inside + party <= state.limit_people
        return state.room.unknown == "tickets" and state.room.margin_people + party <= state.limit_people

    def _upper(self, room: str, tickets: Iterable[TicketState]) -> int | None:
        """The most people that may be in the room, by its own rule while it is unknown; None if that is to hold all."""
        state = self.states[room]
        if self.is_known(room):
            assert state.people is not None
            served = self._served(room, tickets)
            if (known := state.known()) is not None:
                return max(
                    round(known.value), served, known.upper, self._with_tickets(room, tickets, state.corrected_at)
                )
            doubt = state.margin + state.left_empty * state.is_contradicted
            return max(state.people, served, ceil(state.people + doubt - ROUNDING))
        if state.room.unknown == "hold":
            return None
        return self._with_tickets(room, tickets) + state.room.margin_people

    def _with_tickets(self, room: str, tickets: Iterable[TicketState], since_at: datetime | None = None) -> int:
        """People of tickets that are newer than that who are inside, as far as no place is kept for them."""
        on_their_way = self.states[room].on_their_way
        live = (it for it in tickets if not it.is_over and (since_at is None or it.issued_at > since_at))
        inside = (it for it in live if (self._is_at_desk_in(it, room) if it.desk else it.inside == room))
        return sum(it.party - on_their_way.get(it.name, 0) for it in inside)

    def _is_at_desk_in(self, ticket: TicketState, room: str) -> bool:
        return bool(ticket.desk) and self.desk_rooms[ticket.desk] == room
