"""The invariant of admitted rooms, checked afterwards: nobody was invited or called in above a limit as then known.

It reads the journal's events and reckons for itself how many people each room held at most, how many were on their way,
who was inside, and how long a place is to be kept. It counts with code of its own, not with that which decided; shared
are the events and the lobby's description. Beside that it holds each invitation against who truly was in the room,
which no hub can know.
"""

from collections.abc import Callable, Container, Iterator, Mapping
from copy import copy
from datetime import datetime, timedelta

from hub.day import events, number_events, people_events
from hub.day.evacuation_events import EvacuationBegan, EvacuationEnded
from hub.journal import Entry
from simulator.checkers import number_of
from simulator.counted_rooms import CountedRooms
from simulator.gate_figures import LastCall, Left, Tally, TicketState
from simulator.gate_load import Load
from simulator.time_checker import Lateness

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


class Gates:
    """The journal's events, one after the other."""

    def __init__(self, true_people: TruePeople | None, lateness: Lateness | None = None) -> None:
        self.tallies: dict[str, Tally] = {}
        self._true_people = true_people
        self._lateness = lateness or Lateness()
        self._at: datetime | None = None
        """Of the newest row."""
        self._rooms: CountedRooms
        """From the first `DayOpened` on."""
        self._tickets: dict[str, TicketState] = {}
        self._loads_before: dict[str, dict[str, Load]] = {}
        """Desk to how full the admitted rooms on the way there were when its last visitor had not left it yet: when a
        call sends her away, the desk chose then."""
        self._left: dict[str, Left] = {}
        """Desk to the ticket that left it last, as it was there."""
        self._is_evacuated = False
        self._calls: dict[str, LastCall] = {}

    def without_place(self, desk: str, *, had_visitor: bool = False) -> frozenset[str]:
        """Whoever may not be called to `desk`, since an admitted room on the way has no place for her: as it is now, or
        was while the visitor who has left it was still there."""
        loads = (self._loads_before.get(desk) if had_visitor else None) or self._loads(desk)
        if not loads:
            return frozenset()
        room = self._rooms.desk_rooms[desk]
        return frozenset(
            name
            for name, ticket in self._tickets.items()
            if not ticket.is_over
            and any(not loads[it].takes(ticket.party) for it in self._rooms.facts.rooms_to_enter(room, ticket.inside))
        )

    def take(self, entry: Entry) -> Iterator[str]:
        """What `entry` changes; a sentence if it must not have happened."""
        event = entry.event
        yield from self._overlooked(event, entry.at)
        match event:
            case events.DayOpened():
                self._open(event, entry.at)
            case events.LobbyChanged():
                self._change(event, entry.at)
            case events.TicketIssued():
                self._issue(event, entry.at)
            case number_events.TicketAliased(ticket=name):
                self._tickets[name].number = number_of(event)
            case events.TicketAdmitted():
                yield from self._admit(event, entry.at)
            case events.TicketCalled():
                yield from self._call(event)
            case events.ReservationLapsed() | events.TicketClosed():
                yield from self._in_vain(event)
                yield from self._follow_ticket(event)
            case events.TookOver():
                return  # Before the first day there are no rooms.
            case _:
                yield from self._follow_ticket(event)
                self._rooms.take(event, entry.at)
        if isinstance(event, MOVES_KNOWLEDGE):
            self._note_unknown()
        self._rooms.shut(self._tickets.values())

    # --- the building ------------------------------------------------------------------------------------------

    def _open(self, event: events.DayOpened, at: datetime) -> None:
        self._rooms, self._tickets = CountedRooms(event, at), {}
        self._is_evacuated = event.evacuated_since_at is not None
        self._note_admitted()

    def _change(self, event: events.LobbyChanged, at: datetime) -> None:
        self._rooms.take(event, at)
        self._note_admitted()
        for ticket in self._tickets.values():
            had_none, ticket.gate = not ticket.gate, self._gate_of(ticket.service)
            if had_none and not ticket.inside:  # Nobody had to wait outside so far.
                ticket.inside = ticket.gate
            ticket.waits_outside = ticket.waits_outside and bool(ticket.gate)

    def _note_admitted(self) -> None:
        for room in self._rooms.lobby.rooms:
            if room.admitted:
                self._tally(room.id)

    def _gate_of(self, service: str) -> str:
        """The admitted room before which visitors of `service` wait."""
        return self._rooms.facts.gate_of_service.get(service, "")

    # --- everybody leaves --------------------------------------------------------------------------------------

    def _get_up(self) -> None:
        """Nobody is certainly inside for being served, and no call can be undone."""
        self._loads_before, self._left, self._calls = {}, {}, {}
        for ticket in self._tickets.values():
            ticket.is_served = False

    def _come_back(self) -> None:
        """All wait outside but those who were at a desk, for whom there is a place all the way."""
        for state in self._rooms.states.values():
            state.on_their_way, state.have_come = {}, set()
        for name, ticket in self._tickets.items():
            if ticket.desk:
                for room in self._rooms.facts.way_to_room.get(self._rooms.desk_rooms[ticket.desk], ()):
                    self._rooms.states[room].expect(name, ticket.party)
            elif not ticket.is_over:
                ticket.inside, ticket.waits_outside = "", bool(ticket.gate) and not ticket.is_away

    # --- places ------------------------------------------------------------------------------------------------

    def _load(self, room: str) -> Load:
        return self._rooms.load(room, self._tickets.values())

    def _note_unknown(self) -> None:
        for room, state in self._rooms.states.items():
            if room in self.tallies:
                is_known = self._rooms.is_known(room)
                self.tallies[room].times_unknown += state.was_known and not is_known
                state.was_known = is_known

    def _overlooked(self, event: events.AnyEvent, at: datetime) -> Iterator[str]:
        """Between two rows nothing changes: whoever could come in all that time should have been invited."""
        since_at, self._at = self._at, at
        if isinstance(event, events.TookOver):
            self._lateness.took_over(at)
        elif since_at is not None and not self._is_evacuated and self._lateness.is_late(since_at, at):
            for room in self.tallies:
                first = self._first_outside(room)
                if first is None or not self._rooms.is_known(room):
                    continue
                load = self._load(room)
                if load.takes(first.party):
                    yield f"{first.number} waited outside {room} with a place for everybody: {load.told(first.party)}"

    def _first_outside(self, room: str) -> TicketState | None:
        """Who is due first before a room, without parties that are too many even for an empty one."""
        waiting = (it for it in self._tickets.values() if it.waits_outside and it.gate == room)
        fitting = (it for it in waiting if self._rooms.can_ever_take(room, it.party))
        return min(fitting, key=lambda it: it.turn, default=None)

    def _in_vain(self, event: events.ReservationLapsed | events.TicketClosed) -> Iterator[str]:
        """Nobody is taken for not having come into a room while nobody counts who comes, or if anybody of her party
        has."""
        ticket = self._tickets[event.ticket]
        if isinstance(event, events.ReservationLapsed):
            is_end, room = False, event.room
        else:
            is_end, room = event.why == "no-show" and not ticket.desk, ticket.gate
        if ticket.is_over or not (is_end or isinstance(event, events.ReservationLapsed)):
            return
        if not self._rooms.is_known(room):
            yield f"{ticket.number} was taken for not having come into {room}, and nobody counted who came"
        elif is_end and self._has_come(ticket, room):
            yield f"{ticket.number} was taken for not having come into {room}, and somebody of the party has"

    def _has_come(self, ticket: TicketState, room: str) -> bool:
        return ticket.is_served or ticket.name in self._rooms.states[room].have_come

    def _loads(self, desk: str) -> dict[str, Load]:
        """Of the admitted rooms on the way to a desk."""
        way = self._rooms.facts.way_to_room.get(self._rooms.desk_rooms[desk], ())
        return {room: self._load(room) for room in way}

    # --- tickets -----------------------------------------------------------------------------------------------

    def _issue(self, event: events.TicketIssued, at: datetime) -> None:
        self._rooms.take(event, at)
        gate = self._gate_of(event.service)
        inside = gate if not event.outside else ""
        self._tickets[event.ticket] = TicketState(
            name=event.ticket,
            number=number_of(event),
            service=event.service,
            party=event.party_people,
            turn=(event.due_at, len(self._tickets)),
            issued_at=event.arrived_at or at,
            gate=gate,
            inside=event.room or inside,
            waits_outside=event.outside,
        )

    def _admit(self, event: events.TicketAdmitted, at: datetime) -> Iterator[str]:
        ticket, load, tally = self._tickets[event.ticket], self._load(event.room), self._tally(event.room)
        who = f"{ticket.number} was invited into {event.room}"
        yield from load.violations(who, ticket.party, event, full=" above its limit")
        first = self._first_outside(event.room)
        if first is not None and first.turn < ticket.turn:
            yield f"{who} before {first.number}, which was due earlier"
        kept_s, invitation_s = (event.lapses_at - at).total_seconds(), self._rooms.lobby.site.invitation_s
        if kept_s != invitation_s:
            yield f"{who}, and the place is kept for {kept_s:g} s instead of {invitation_s:g} s"
        if self._rooms.is_live(event.room) and self._true_people is not None:
            is_above = self._true_people(event.room, at) + load.reserved + ticket.party > load.limit
            tally.above_limit_in_truth += is_above
        waited = at - ticket.issued_at
        tally.invited += 1
        if not ticket.was_invited and waited > AT_ONCE:
            tally.held += 1
            tally.longest_held_s = max(tally.longest_held_s, round(waited.total_seconds(), 1))
        ticket.inside, ticket.was_invited, ticket.waits_outside = event.room, True, False
        self._rooms.states[event.room].expect(event.ticket, ticket.party)

    def _tally(self, room: str) -> Tally:
        return self.tallies.setdefault(room, Tally())

    def _call(self, event: events.TicketCalled) -> Iterator[str]:
        """Who is called into an admitted room in which she is not needs a place there, and has it reserved."""
        ticket, room = self._tickets[event.ticket], self._rooms.desk_rooms[event.desk]
        before = copy(ticket)
        loads = (self._loads_before.get(event.desk) if event.finished else None) or self._loads(event.desk)
        yield from self._excuses(event, loads)
        inside = self._beside(event.desk) if ticket.is_away else ticket.inside
        recorded = {place.room: place for place in event.places}
        for gate in self._rooms.facts.rooms_to_enter(room, inside):
            who = f"{ticket.number} was called to {event.desk} from outside {gate}"
            full = ", where there is no place"
            yield from loads[gate].violations(who, ticket.party, recorded.get(gate), full=full)
            self._rooms.states[gate].expect(event.ticket, ticket.party)
        ticket.inside = self._rooms.facts.innermost(room)
        finished = self._left.get(event.desk) if event.finished else None
        self._calls[event.desk] = LastCall(before=before, inside=ticket.inside, finished=finished)
        ticket.desk, ticket.is_away = event.desk, False

    def _excuses(self, event: events.TicketCalled, loads: Mapping[str, Load]) -> Iterator[str]:
        """Whom the desk passed over because a room on the way has no place for her; is that so?"""
        held = {head.number for head in event.passed_over if head.why == "no-place"}
        for ticket in self._tickets.values():
            if ticket.number in held and not ticket.is_over:
                rooms = self._rooms.facts.rooms_to_enter(self._rooms.desk_rooms[event.desk], ticket.inside)
                if all(loads[room].takes(ticket.party) for room in rooms):
                    free = " and ".join(f"{room} has {loads[room].told(ticket.party)}" for room in rooms)
                    yield f"{event.desk} passed over {ticket.number} for want of a place; {free or 'she needs none'}"

    def _follow_ticket(self, event: events.AnyEvent) -> Iterator[str]:
        match event:
            case events.ServiceStarted(ticket=name, desk=desk):
                self._tickets[name].is_served, self._tickets[name].inside = True, self._beside(desk)
            case events.TicketMissed(ticket=name):
                self._leave(name, keeps_place=True)
                self._tickets[name].is_away = True
            case events.TicketParked(ticket=name):
                self._leave(name)
                self._tickets[name].inside, self._tickets[name].is_away = "", True
            case events.TicketMerged():
                self._merge(event)
            case events.TicketServed(ticket=name):
                self._leave(name, keeps_place=event.place_until_at is not None)
                self._tickets[name].is_over = True
            case events.TicketClosed(ticket=name):
                self._leave(name)
                self._tickets[name].is_over = True
            case _:
                yield from self._follow_way(event)

    def _follow_way(self, event: events.AnyEvent) -> Iterator[str]:
        """Somebody goes to wait, outside or inside: inside is who took a ticket there, was seen, or has a place."""
        match event:
            case events.ReservationLapsed(ticket=name, room=room):
                ticket, was_outside = self._tickets[name], self._tickets[name].waits_outside
                self._tally(room).lapsed += 1
                if not self._has_come(ticket, room):
                    ticket.inside = self._before(ticket, room)
                self._rooms.states[room].on_their_way.pop(name, None)
                if not (ticket.desk or ticket.is_over or ticket.is_away or was_outside):
                    yield from self._waits(ticket, is_outside=bool(event.outside))
            case events.TicketReturned(ticket=name, outside=is_outside):
                self._tickets[name].is_away = False
                yield from self._waits(self._tickets[name], is_outside=is_outside)
            case events.TicketResumed(ticket=name, desk=desk, outside=is_outside):
                ticket = self._tickets[name]
                ticket.inside = "" if is_outside else self._beside(desk) or ticket.gate
                ticket.waits_outside, ticket.is_away = is_outside, False
            case events.TicketTransferred(ticket=name, service=service):
                ticket = self._tickets[name]
                self._leave(name, keeps_place=event.keeps_place)
                ticket.service, ticket.gate = service, self._gate_of(service)
                ticket.turn = (event.due_at, ticket.turn[1])
                yield from self._waits(ticket, is_outside=event.outside)
                ticket.inside = "" if event.outside else ticket.inside
            case events.CallUndone():
                yield from self._undo(event)
            case EvacuationBegan() | EvacuationEnded():
                self._is_evacuated = isinstance(event, EvacuationBegan)
                (self._get_up if self._is_evacuated else self._come_back)()
            case _:
                pass

    def _waits(self, ticket: TicketState, *, is_outside: bool) -> Iterator[str]:
        """The ticket is in line again: outside unless its visitor is in the room before which one waits, or may be."""
        ticket.waits_outside = is_outside
        if is_outside and not self._rooms.facts.waits_outside(ticket.service, ticket.inside):
            yield f"{ticket.number} is sent outside, and need not wait there: she is in {ticket.inside or 'no room'}"
        elif not is_outside and self._rooms.facts.waits_outside(ticket.service, ticket.inside):
            yield f"{ticket.number} waits in {ticket.gate}, where nobody has seen her, and no place is kept"

    def _before(self, ticket: TicketState, room: str) -> str:
        """Where somebody is who has not been seen in `room`, or in one beyond it to which she was called."""
        way = self._rooms.facts.way_to_room
        if room not in way.get(ticket.inside, ()):
            return ticket.inside
        beyond = self._rooms.states[ticket.inside]
        if ticket.inside != room and (ticket.name not in beyond.on_their_way or ticket.name in beyond.have_come):
            return ticket.inside
        return ("", *way[room][:-1])[-1]

    def _merge(self, event: events.TicketMerged) -> None:
        """There may be more people with a ticket than it said; those who have not come in are on their way too."""
        self._leave(event.duplicate)
        self._tickets[event.duplicate].is_over = True
        ticket, duplicate = self._tickets[event.ticket], self._tickets[event.duplicate]
        ticket.turn = (event.due_at, min(ticket.turn[1], duplicate.turn[1]))
        ticket.issued_at = min(ticket.issued_at, duplicate.issued_at)
        for state in self._rooms.states.values():
            if event.ticket in state.on_their_way:
                state.on_their_way[event.ticket] += event.party_people - ticket.party
        ticket.party = event.party_people

    def _leave(self, name: str, *, keeps_place: bool = False) -> None:
        """The ticket is at no desk any more, nor outside."""
        ticket = self._tickets[name]
        if ticket.desk:
            self._loads_before[ticket.desk] = self._loads(ticket.desk)
            places = frozenset(room for room, state in self._rooms.states.items() if name in state.on_their_way)
            self._left[ticket.desk] = Left(was=copy(ticket), places=places)
        ticket.desk, ticket.is_served, ticket.waits_outside = "", False, False
        if not keeps_place:
            self._give_up_place(name)

    def _beside(self, desk: str) -> str:
        """The admitted room of somebody whom staff of `desk` see before them; empty without a desk."""
        return self._rooms.facts.innermost(self._rooms.desk_rooms[desk]) if desk else ""

    def _give_up_place(self, name: str, but: Container[str] = ()) -> None:
        for room, state in self._rooms.states.items():
            if room not in but:
                state.on_their_way.pop(name, None)

    def _undo(self, event: events.CallUndone) -> Iterator[str]:
        """The called ticket and whom the call sent away are where they were, but for places that lapsed meanwhile."""
        call, now = self._calls.pop(event.desk), self._tickets[event.ticket]
        way = self._rooms.facts.rooms_to_enter(self._rooms.desk_rooms[event.desk], call.before.inside)
        for room in () if call.before.is_away else way:
            self._rooms.states[room].on_their_way.pop(event.ticket, None)
        ticket = self._tickets[event.ticket] = call.before
        if now.inside != call.inside:
            ticket.inside = now.inside
        if not ticket.is_away:
            yield from self._waits(ticket, is_outside=event.outside)
        if event.restored and call.finished is not None:
            restored, was = self._tickets[event.restored], call.finished.was
            if not was.is_served and call.finished.places and restored.inside != was.inside:
                yield f"{was.number} is called back to {event.desk}, and no place is kept for her any more"
            self._tickets[event.restored] = was
            self._give_up_place(event.restored, but=call.finished.places)
