"""The invariant of admitted rooms, checked afterwards: nobody was invited or called in above a limit as then known.

It reads the journal's events and reckons for itself how many people each room held at most, how many were on their way,
who was inside, and how long a place is to be kept. It counts with code of its own, not with that which decided; shared
are the events and the lobby's description. Beside that it holds each invitation against who truly was in the room,
which no hub can know.
"""

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from datetime import datetime, timedelta
from math import ceil

from msgspec import Struct

from hub.day import events, people_events
from hub.day.change_events import LimitChanged
from hub.day.lobby import DeviceKind, Lobby
from hub.journal import Entry
from simulator.gate_figures import ROUNDING, Counter, GateFigures, LastCall, RoomState, Tally, TicketState, reckoning
from simulator.lobby_facts import LobbyFacts
from simulator.time_checker import Down, Lateness
from wire.messages import CountQuality

RESTART_MARGIN_PEOPLE = 2.0
"""A counter that began anew was blind for a while; declared in `docs/occupancy.md`."""
UNNOTICED = timedelta(seconds=90)
"""So long a counter may be unheard before anybody notices; declared in `docs/occupancy.md`."""
AT_ONCE = timedelta(seconds=2)
"""Who is invited within this time of taking a ticket did not have to wait outside."""

MOVES_KNOWLEDGE = (
    events.DayOpened,
    events.LobbyChanged,
    people_events.PeopleCounted,
    people_events.CounterSilenced,
    people_events.CounterHeard,
)
"""After any other event a room is known or unknown as before."""

TruePeople = Callable[[str, datetime], int]
"""Room and instant to how many people truly were in it."""


class GateReport(Struct, frozen=True, kw_only=True):
    """What was found in a journal."""

    violations: list[str]
    figures: dict[str, GateFigures]
    """By admitted room."""


def gate_report(entries: Sequence[Entry], true_people: TruePeople | None = None, down: Down = ()) -> GateReport:
    """Every admission and call of the journal, checked. `down`: when the hub could do nothing, and no row shows it."""
    lobbies = (it.event.lobby for it in entries if isinstance(it.event, events.DayOpened | events.LobbyChanged))
    if not any(room.admitted for lobby in lobbies for room in lobby.rooms):
        return GateReport(violations=[], figures={})
    journal = _Journal(true_people, Lateness(down))
    violations = [sentence for entry in entries for sentence in journal.take(entry)]
    return GateReport(violations=violations, figures={room: it.figures for room, it in journal.tallies.items()})


class _Journal:
    """The journal's events, one after the other."""

    def __init__(self, true_people: TruePeople | None, lateness: Lateness) -> None:
        self.tallies: dict[str, Tally] = {}
        self._true_people = true_people
        self._lateness = lateness
        self._at: datetime | None = None
        """Of the newest row."""
        self._lobby: Lobby | None = None
        self._rooms: dict[str, RoomState] = {}
        self._counters: dict[str, Counter] = {}
        self._tickets: dict[str, TicketState] = {}
        self._facts: LobbyFacts
        """From the first `DayOpened` on."""
        self._left: dict[str, tuple[str, TicketState]] = {}
        """Desk to the ticket that left it last, as it was there."""
        self._calls: dict[str, LastCall] = {}
        self._desk_rooms: dict[str, str] = {}

    def take(self, entry: Entry) -> Iterator[str]:
        """What `entry` changes; a sentence if it must not have happened."""
        event = entry.event
        yield from self._overlooked(event, entry.at)
        match event:
            case events.DayOpened():
                self._open(event)
            case events.LobbyChanged(lobby=lobby):
                self._describe(lobby, self._facts)
            case events.TicketIssued():
                self._issue(event, entry.at)
            case events.TicketAdmitted():
                yield from self._admit(event, entry.at)
            case events.TicketCalled():
                yield from self._call(event)
            case people_events.PeopleCounted():
                self._count(event, entry.at)
            case people_events.PeopleCorrected() | LimitChanged():
                self._take_from_staff(event, entry.at)
            case people_events.CounterSilenced(device=device) | people_events.CounterHeard(device=device):
                self._hear(device, entry.at, is_silent=isinstance(event, people_events.CounterSilenced))
            case _:
                self._follow_ticket(event)
        if isinstance(event, MOVES_KNOWLEDGE):
            self._note_unknown()

    # --- the building ------------------------------------------------------------------------------------------

    def _open(self, event: events.DayOpened) -> None:
        self._rooms, self._counters, self._tickets = {}, {}, {}
        self._describe(event.lobby)
        for carried in event.totals:
            counter = self._counters.setdefault(carried.device, Counter())
            counter.epoch = carried.epoch
            counter.totals[carried.epoch] = (carried.entered, carried.left)
            counter.is_silent = carried.is_silent
        for held in event.rooms:
            if held.room in self._rooms:
                state = self._rooms[held.room]
                state.people, state.left_empty = held.people, held.deficit_people
                state.is_contradicted = held.deficit_people > 0

    def _describe(self, lobby: Lobby, before: LobbyFacts | None = None) -> None:
        self._lobby = lobby
        for room in lobby.rooms:
            self._rooms.setdefault(room.id, RoomState(room=room)).room = room
            if room.admitted:
                self.tallies.setdefault(room.id, Tally())
        self._facts = LobbyFacts(lobby, before)
        self._desk_rooms |= {desk.id: desk.room for desk in lobby.desks}
        for ticket in self._tickets.values():
            had_none, ticket.gate = not ticket.gate, self._gate_of(ticket.service)
            if had_none and not ticket.inside:  # Nobody had to wait outside so far.
                ticket.inside = ticket.gate
            ticket.waits_outside = ticket.waits_outside and bool(ticket.gate)

    def _gate_of(self, service: str) -> str:
        """The admitted room before which visitors of `service` wait."""
        return self._facts.gate_of_service.get(service, "")

    def _counters_of(self, room: str) -> list[Counter | None]:
        """Of every door of the room; None for one that has never spoken."""
        assert self._lobby is not None
        doors = {door.id for door in self._lobby.doors if room in (door.from_room, door.to_room)}
        counters = (it for it in self._lobby.devices if it.kind is DeviceKind.COUNTER and it.door in doors)
        return [self._counters.get(it.address) for it in counters]

    def _take_from_staff(self, event: people_events.PeopleCorrected | LimitChanged, at: datetime) -> None:
        """How many people are in a room, or may be until the day ends, as somebody there says."""
        state = self._rooms[event.room]
        if isinstance(event, LimitChanged):
            state.limit_by_hand = event.limit_people
            return
        state.people, state.margin, state.left_empty, state.is_contradicted = event.people, 0.0, 0, False
        state.corrected_at = at
        for counter in self._counters_of(event.room):
            if counter is not None and counter.is_silent:
                counter.doubted_rooms.add(event.room)

    def _hear(self, device: str, at: datetime, *, is_silent: bool) -> None:
        counter = self._counters.setdefault(device, Counter())
        counter.is_silent = is_silent
        if not is_silent:
            counter.doubted_rooms.clear()
            return
        for room, state in self._rooms.items():
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
        assert self._lobby is not None
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
        device = next((it for it in self._lobby.devices if it.address == event.device), None)
        door = next((it for it in self._lobby.doors if device is not None and it.id == device.door), None)
        if door is not None:
            margin += (entered + left) * door.margin_per_crossing
            unsure = max(entered, left)
            for room, came, went in ((door.to_room, entered, left), (door.from_room, left, entered)):
                if (state := self._rooms.get(room)) is None:
                    continue
                if room in counter.doubted_rooms:
                    state.cross(0, 0, margin + unsure)
                else:
                    state.cross(came, went, margin)
                state.come_in(came)

    # --- how many, at most -------------------------------------------------------------------------------------

    def _is_known(self, room: str) -> bool:
        counters = self._counters_of(room)
        heard = all(it is not None and it.totals and not it.is_silent for it in counters)
        return bool(counters) and heard and self._rooms[room].people is not None

    def _upper(self, room: str) -> int | None:
        """The most people that may be in the room, by its own rule while it is unknown; None if that is to hold all."""
        state = self._rooms[room]
        if self._is_known(room):
            assert state.people is not None
            served = sum(it.party for it in self._tickets.values() if it.is_served and self._is_at_desk_in(it, room))
            doubt = state.margin + state.left_empty * state.is_contradicted
            return max(state.people, served, ceil(state.people + doubt - ROUNDING))
        if state.room.unknown == "hold":
            return None
        inside = sum(
            it.party
            for it in self._tickets.values()
            if not it.is_over and (self._is_at_desk_in(it, room) if it.desk else it.inside == room)
        )
        return max(0, inside - state.reserved) + state.room.margin_people

    def _is_at_desk_in(self, ticket: TicketState, room: str) -> bool:
        return bool(ticket.desk) and self._desk_rooms[ticket.desk] == room

    def _note_unknown(self) -> None:
        for room, tally in self.tallies.items():
            is_known = self._is_known(room)
            tally.times_unknown += self._rooms[room].was_known and not is_known
            self._rooms[room].was_known = is_known

    def _overlooked(self, event: events.AnyEvent, at: datetime) -> Iterator[str]:
        """Between two rows nothing changes: whoever could come in all that time should have been invited."""
        since_at, self._at = self._at, at
        if isinstance(event, events.TookOver):
            self._lateness.took_over(at)
        elif since_at is not None and self._lateness.is_late(since_at, at):
            for room in self.tallies:
                waiting = [it for it in self._tickets.values() if it.waits_outside and it.gate == room]
                upper = self._upper(room) if waiting and self._is_known(room) else None
                state = self._rooms.get(room)
                if upper is None or state is None:
                    continue
                party = max(it.party for it in waiting)
                if upper + state.reserved + party <= state.limit_people:
                    free = reckoning(upper, state.reserved, party, state.limit_people)
                    yield f"{waiting[0].number} waited outside {room} with a place for everybody: {free}"

    # --- tickets -----------------------------------------------------------------------------------------------

    def _issue(self, event: events.TicketIssued, at: datetime) -> None:
        gate = self._gate_of(event.service)
        inside = gate if not event.outside else ""
        self._tickets[event.ticket] = TicketState(
            number=f"{event.series}{event.number:03d}",
            service=event.service,
            party=event.party_people,
            issued_at=event.arrived_at or at,
            gate=gate,
            inside=event.room or inside or self._room_of_slip(event.printer),
            waits_outside=event.outside,
        )

    def _room_of_slip(self, printer: str) -> str:
        """The admitted room in which somebody is who has taken a slip there."""
        assert self._lobby is not None
        kiosk = next((it for it in self._lobby.devices if printer and it.printer == printer), None)
        return self._facts.innermost(kiosk.room) if kiosk is not None else ""

    def _admit(self, event: events.TicketAdmitted, at: datetime) -> Iterator[str]:
        ticket, state, tally = self._tickets[event.ticket], self._rooms[event.room], self._tally(event.room)
        upper, reserved, limit = self._upper(event.room), state.reserved, state.limit_people
        who = f"{ticket.number} was invited into {event.room}"
        if upper is None:
            yield f"{who} while nobody knew how many people were in it, and then it holds everybody"
        elif upper + reserved + ticket.party > limit:
            yield f"{who} above its limit: {reckoning(upper, reserved, ticket.party, limit)}"
        elif event.upper_people < upper or (event.reserved_people, event.limit_people) != (reserved, limit):
            recorded = reckoning(event.upper_people, event.reserved_people, ticket.party, event.limit_people)
            yield f"{who} with a wrong reason: {recorded}, but {reckoning(upper, reserved, ticket.party, limit)}"
        assert self._lobby is not None
        kept_s, invitation_s = (event.lapses_at - at).total_seconds(), self._lobby.site.invitation_s
        if kept_s != invitation_s:
            yield f"{who}, and the place is kept for {kept_s:g} s instead of {invitation_s:g} s"
        if self._is_live(event.room) and self._true_people is not None:
            is_above = self._true_people(event.room, at) + reserved + ticket.party > limit
            tally.above_limit_in_truth += is_above
        waited = at - ticket.issued_at
        tally.invited += 1
        if not ticket.was_invited and waited > AT_ONCE:
            tally.held += 1
            tally.longest_held_s = max(tally.longest_held_s, round(waited.total_seconds(), 1))
        ticket.inside, ticket.was_invited, ticket.was_called = event.room, True, False
        ticket.waits_outside = False
        state.on_their_way[event.ticket] = ticket.party

    def _tally(self, room: str) -> Tally:
        return self.tallies.setdefault(room, Tally())

    def _is_live(self, room: str) -> bool:
        counters = (it for it in self._counters_of(room) if it is not None)
        is_sound = not self._rooms[room].is_contradicted
        return self._is_known(room) and is_sound and all(it.is_sound for it in counters)

    def _call(self, event: events.TicketCalled) -> Iterator[str]:
        """Who is called into an admitted room in which she is not needs a place there, and has it reserved."""
        ticket, room = self._tickets[event.ticket], self._desk_rooms[event.desk]
        before = copy(ticket)
        for gate in self._facts.rooms_to_enter(room, ticket.inside):
            state = self._rooms[gate]
            upper, reserved, limit = self._upper(gate), state.reserved, state.limit_people
            who = f"{ticket.number} was called to {event.desk} from outside {gate}"
            if upper is None:
                yield f"{who} while nobody knew how many people were in it, and then it holds everybody"
            elif upper + reserved + ticket.party > limit:
                yield f"{who}, where there is no place: {reckoning(upper, reserved, ticket.party, limit)}"
            state.on_their_way[event.ticket] = ticket.party
        ticket.inside = self._facts.innermost(room)
        finished = self._left.get(event.desk) if event.finished else None
        self._calls[event.desk] = LastCall(before=before, finished=finished)
        ticket.desk, ticket.was_called = event.desk, True

    def _follow_ticket(self, event: events.AnyEvent) -> None:
        match event:
            case events.ReservationLapsed(ticket=name, room=room):
                self._tally(room).lapsed += 1
                self._rooms[room].on_their_way.pop(name, None)
                if not self._tickets[name].was_called:
                    self._tickets[name].inside, self._tickets[name].waits_outside = "", True
            case events.ServiceStarted(ticket=name):
                self._tickets[name].is_served = True
            case events.TicketMissed(ticket=name) | events.TicketParked(ticket=name):
                self._leave(name, inside="", keeps_place=isinstance(event, events.TicketMissed))
            case events.TicketReturned(ticket=name, desk=desk):
                self._tickets[name].inside = self._beside(desk) or self._tickets[name].gate
            case events.TicketResumed(ticket=name, desk=desk, outside=is_outside):
                self._tickets[name].inside = "" if is_outside else self._beside(desk) or self._tickets[name].gate
                self._tickets[name].waits_outside = is_outside
            case events.TicketTransferred(ticket=name, service=service, desk=desk):
                self._leave(name, inside="" if event.outside else self._beside(desk))
                self._tickets[name].service, self._tickets[name].gate = service, self._gate_of(service)
                self._tickets[name].waits_outside = event.outside
            case events.CallUndone():
                self._undo(event)
            case _:
                self._follow_the_rest(event)

    def _follow_the_rest(self, event: events.AnyEvent) -> None:
        match event:
            case (
                events.TicketServed(ticket=name)
                | events.TicketClosed(ticket=name)
                | events.TicketMerged(duplicate=name)
            ):
                self._leave(name, inside="", is_over=True)
            case people_events.TotalsFellBack(device=device, epoch=epoch):
                self._counters[device].fell_back.add(epoch)
            case people_events.TotalsImplausible(device=device):
                self._counters[device].is_implausible = True
            case _:
                pass

    def _leave(self, name: str, *, inside: str, keeps_place: bool = False, is_over: bool = False) -> None:
        """The ticket is at no desk any more, and `inside` that admitted room or none."""
        ticket = self._tickets[name]
        if ticket.desk:
            self._left[ticket.desk] = (name, copy(ticket))
        ticket.desk, ticket.is_served, ticket.inside, ticket.is_over = "", False, inside, is_over
        ticket.waits_outside = False
        if not keeps_place:
            self._give_up_place(name)

    def _beside(self, desk: str) -> str:
        """The admitted room of somebody whom staff of `desk` see before them; empty without a desk."""
        return self._facts.innermost(self._desk_rooms[desk]) if desk else ""

    def _give_up_place(self, name: str) -> None:
        for state in self._rooms.values():
            state.on_their_way.pop(name, None)

    def _undo(self, event: events.CallUndone) -> None:
        """The called ticket and whom the call sent away are where they were."""
        call = self._calls.pop(event.desk)
        for room in self._facts.rooms_to_enter(self._desk_rooms[event.desk], call.before.inside):
            self._rooms[room].on_their_way.pop(event.ticket, None)
        self._tickets[event.ticket] = call.before
        if event.restored and call.finished is not None:
            name, self._tickets[event.restored] = call.finished
            self._give_up_place(name)
