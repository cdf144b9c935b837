"""Whether each step of a ticket's life was allowed, and what it changes. See "The life of a ticket" in
`docs/rules-in-detail.md`.

Each row is first held against the rules, as far as they concern the ticket and the desk that it names, and then taken
for what happened. Who is next is for `order_checker`, what happens by itself for `time_checker`.
"""

from collections.abc import Callable, Iterator
from copy import copy
from datetime import datetime, timedelta
from typing import Any

from hub.day import events, number_events
from simulator import issue_checker
from simulator.followed import AT_DESK, IN_LINE, OVER, Call, FollowedDay, FollowedDesk, FollowedTicket, Place

UNDO_S = 10
"""Declared in `docs/rules.md`, as the next one is in `docs/occupancy.md`."""
INVITATIONS_MAX = 3
AWAY = (Place.MISSED, Place.PARKED)
"""Whoever is thought to be gone, and stands before a desk after all, is called there by hand."""

Breaches = Iterator[str]


class LifeChecker:
    """Follows the tickets of one day."""

    def __init__(self, day: FollowedDay) -> None:
        self.day = day
        self._steps: dict[type, Callable[[Any, datetime, int], Breaches]] = {
            events.TicketIssued: self._issued,
            events.TicketAdmitted: self._admitted,
            events.ReservationLapsed: self._lapsed,
            events.TicketCalled: self._called,
            events.CallUndone: self._undone,
            events.TicketRecalled: self._recalled,
            events.TicketMissed: self._missed,
            events.TicketReturned: self._returned,
            events.TicketParked: self._parked,
            events.TicketResumed: self._resumed,
            events.TicketTransferred: self._transferred,
            events.ServiceStarted: self._started,
            events.TicketServed: self._served,
            events.TicketClosed: self._closed,
            events.TicketMerged: self._merged,
            number_events.TicketAliased: self._aliased,
            number_events.RangeLeased: self._leased,
            events.DeskOpened: self._desk_opened,
            events.DeskClosed: self._desk_closed,
        }

    def take(self, event: events.AnyEvent, at: datetime, seq: int) -> Breaches:
        """What `event` changes; a sentence for each rule that it breaks."""
        step = self._steps.get(type(event))
        if step is None:
            return
        name, desk = getattr(event, "ticket", None), getattr(event, "desk", "")
        if name is not None and name not in self.day.tickets and not isinstance(event, events.TicketIssued):
            yield f"{type(event).__name__} of {name}, which was never issued"
        elif desk and desk not in self.day.desks:
            yield f"{type(event).__name__} at {desk}, which the lobby does not have"
        else:
            yield from step(event, at, seq)

    # --- joining and waiting -----------------------------------------------------------------------------------

    def _issued(self, event: events.TicketIssued, at: datetime, seq: int) -> Breaches:
        yield from issue_checker.breaches(self.day, event, at)
        issue_checker.join(self.day, event, at)

    def _admitted(self, event: events.TicketAdmitted, at: datetime, seq: int) -> Breaches:
        ticket = self.day.tickets[event.ticket]
        if ticket.place is not Place.WAITING or not ticket.is_outside:
            yield f"{ticket.number} was invited into {event.room} and did not wait outside: it is {ticket.place}"
        if self.day.facts.gate_of_service.get(ticket.service, "") != event.room:
            yield f"{ticket.number} was invited into {event.room}, which is not before the desks of {ticket.service}"
        self.day.move(ticket, Place.INVITED, at, is_outside=False)
        ticket.places_kept = ticket.places_kept | {event.room: event.lapses_at}

    def _lapsed(self, event: events.ReservationLapsed, at: datetime, seq: int) -> Breaches:
        ticket = self.day.tickets[event.ticket]
        yield from self._place_is_over(ticket, at, event.room)
        ticket.places_kept = {room: until_at for room, until_at in ticket.places_kept.items() if room != event.room}
        if event.outside and ticket.place in IN_LINE:
            ticket.lapses += 1
            if ticket.lapses >= INVITATIONS_MAX:
                yield f"{ticket.number} waits on after {ticket.lapses} invitations in vain"
            outside = bool(self.day.facts.gate_of_service.get(ticket.service))
            self.day.move(ticket, Place.WAITING, at, is_outside=outside)

    def _place_is_over(self, ticket: FollowedTicket, at: datetime, room: str) -> Breaches:
        until_at = ticket.places_kept.get(room)
        if until_at is None:
            yield f"the place of {ticket.number} lapsed, and none was kept for it"
        elif at < until_at:
            yield f"the place of {ticket.number} lapsed {until_at - at} too early"

    def _returned(self, event: events.TicketReturned, at: datetime, seq: int) -> Breaches:
        ticket = self.day.tickets[event.ticket]
        if ticket.place is not Place.MISSED:
            yield f"{ticket.number} came back in line, and it is {ticket.place}"
        elif ticket.until_at is not None and at < ticket.until_at:
            yield f"{ticket.number} came back in line {ticket.until_at - at} before its grace was over"
        ticket.until_at = None
        self.day.move(ticket, Place.WAITING, at, is_outside=event.outside)

    def _resumed(self, event: events.TicketResumed, at: datetime, seq: int) -> Breaches:
        ticket = self.day.tickets[event.ticket]
        if ticket.place is not Place.PARKED:
            yield f"{ticket.number} was resumed, and it is {ticket.place}"
        room = ""
        if event.desk:
            desk = self.day.desks[event.desk].desk
            room = desk.room
            if not self.day.may_take(desk, ticket):
                yield f"{event.desk} resumed {ticket.number}, whose service it does not serve"
        if event.outside != self.day.facts.waits_outside(ticket.service, room):
            yield f"{ticket.number} was resumed {_where(event.outside)}, and belongs {_where(not event.outside)}"
        ticket.until_at = None
        self.day.move(ticket, Place.WAITING, at, is_outside=event.outside)

    # --- at a desk ---------------------------------------------------------------------------------------------

    def _called(self, event: events.TicketCalled, at: datetime, seq: int) -> Breaches:
        ticket, desk = self.day.tickets[event.ticket], self.day.desks[event.desk]
        is_here = event.rule == "by-hand" and ticket.place in AWAY
        if not is_here and (ticket.place not in IN_LINE or ticket.is_outside):
            where = "outside" if ticket.is_outside and ticket.place in IN_LINE else ticket.place
            yield f"{ticket.number} was called to {event.desk} while it was {where} {ticket.desk}".rstrip()
        if not desk.is_open:
            yield f"{event.desk} called {ticket.number} while it was closed"
        if desk.ticket:
            yield f"{event.desk} called {ticket.number} while it had {self.day.number(desk.ticket)}"
        if ticket.only_desk not in ("", event.desk):
            yield f"{event.desk} called {ticket.number}, which was sent to {ticket.only_desk}"
        is_served = ticket.service in (*desk.desk.services, *desk.desk.helps)
        if not is_served and not (event.rule == "by-hand" and self.day.may_take(desk.desk, ticket)):
            yield f"{event.desk} called {ticket.number}, whose service it does not serve"
        finished = self.day.finished_by(event, seq)
        if event.finished and finished is None:
            yield f"{event.desk} finished {self.day.number(event.finished)} by calling {ticket.number}, and did not"
        desk.call = Call(seq=seq, at=at, before=copy(ticket), finished=finished)
        self.day.leave(ticket, seq)
        self.day.move(ticket, Place.CALLED, at)
        ticket.desk, ticket.was_called, ticket.calls = event.desk, True, 1
        if event.kept_until_at is not None:
            ticket.places_kept = ticket.places_kept | {place.room: event.kept_until_at for place in event.places}
        desk.ticket, desk.touched_seq = ticket.id, seq

    def _must_be(self, event: Any, *places: Place) -> Breaches:
        """Staff act on their own visitor only, in a state that allows it, at an open desk."""
        ticket, desk = self.day.tickets[event.ticket], self.day.desks[event.desk]
        what = type(event).__name__
        if ticket.place not in places or ticket.desk != event.desk:
            yield f"{what} of {ticket.number} at {event.desk}, but it is {ticket.place} {ticket.desk}".rstrip()
        if not desk.is_open:
            yield f"{what} of {ticket.number} at {event.desk}, which is closed"

    def _recalled(self, event: events.TicketRecalled, at: datetime, seq: int) -> Breaches:
        yield from self._must_be(event, Place.CALLED)
        ticket = self.day.tickets[event.ticket]
        ticket.calls += 1
        times_max = self.day.facts.site.recall_times_max
        if ticket.calls - 1 > times_max:
            yield f"{event.desk} repeated the call of {ticket.number} {ticket.calls - 1} times; {times_max} are allowed"
        self.day.desks[event.desk].touched_seq = seq

    def _missed(self, event: events.TicketMissed, at: datetime, seq: int) -> Breaches:
        yield from self._must_be(event, Place.CALLED)
        ticket = self.day.tickets[event.ticket]
        ticket.misses += 1
        if ticket.misses > 1:
            yield f"{ticket.number} goes back in line after it was missed {ticket.misses} times"
        grace_s = self.day.facts.site.no_show_grace_s
        if event.back_at != at + timedelta(seconds=grace_s):
            yield f"{ticket.number} is back in line {event.back_at - at} after it was missed, not after {grace_s} s"
        self._away(ticket, Place.MISSED, at, seq)
        ticket.until_at = event.back_at

    def _parked(self, event: events.TicketParked, at: datetime, seq: int) -> Breaches:
        yield from self._must_be(event, Place.CALLED, Place.SERVING)
        ticket, kept_for = self.day.tickets[event.ticket], self.day.parked_for(at)
        if event.until_at != at + kept_for:
            yield f"the place of {ticket.number} is kept for {event.until_at - at}, not for {kept_for}"
        self._away(ticket, Place.PARKED, at, seq)
        ticket.until_at, ticket.places_kept = event.until_at, {}

    def _started(self, event: events.ServiceStarted, at: datetime, seq: int) -> Breaches:
        yield from self._must_be(event, Place.CALLED)
        self.day.move(self.day.tickets[event.ticket], Place.SERVING, at)
        self.day.desks[event.desk].touched_seq = seq

    def _served(self, event: events.TicketServed, at: datetime, seq: int) -> Breaches:
        yield from self._must_be(event, Place.CALLED, Place.SERVING)
        ticket = self.day.tickets[event.ticket]
        if steps := self._steps_left(ticket):
            yield f"{ticket.number} ended as served, and its visit was to go on to {steps[0]}"
        self._away(ticket, Place.SERVED, at, seq)
        until_at = event.place_until_at
        if until_at is not None and until_at - at > timedelta(seconds=UNDO_S):
            yield f"the place of {ticket.number}, who has been served, is kept for {until_at - at}"
        ticket.places_kept = dict.fromkeys(ticket.places_kept, until_at) if until_at is not None else {}

    def _transferred(self, event: events.TicketTransferred, at: datetime, seq: int) -> Breaches:
        yield from self._must_be(event, Place.CALLED, Place.SERVING)
        ticket, facts = self.day.tickets[event.ticket], self.day.facts
        who = f"{ticket.number} was sent on to {event.service}"
        if event.service not in facts.services:
            yield f"{who}, which the lobby does not have"
        target_s = self.day.services[event.service].target_wait_s if event.service in self.day.services else 0
        due_at = ticket.counts_from + timedelta(seconds=target_s)
        if event.due_at != due_at:
            yield f"{who}, due at {event.due_at:%H:%M:%S}; who came when she did is due at {due_at:%H:%M:%S}"
        steps = self._steps_left(ticket)
        if event.planned and (event.to_desk or (event.service, *event.then) != steps):
            yield f"{who} by itself, and its visit was to go on to {steps}"
        if not event.planned:
            then = ticket.then[1:] if ticket.then[:1] == (event.service,) else ticket.then
            if event.then != then:
                yield f"{who} and then to {event.then}, instead of {then}"
        to_desk = self.day.desks.get(event.to_desk)
        if event.to_desk and (to_desk is None or not to_desk.is_open):
            yield f"{who} at {event.to_desk}, which is not open"
        elif to_desk and event.service not in (*to_desk.desk.services, *to_desk.desk.helps):
            yield f"{who} at {event.to_desk}, which does not serve it"
        self._away(ticket, ticket.place, at, seq)
        ticket.service, ticket.due_at, ticket.then = event.service, event.due_at, event.then
        ticket.only_desk, ticket.slot_at = event.to_desk, None
        if not event.keeps_place:
            ticket.places_kept = {}
        self.day.move(ticket, Place.WAITING, at, is_outside=event.outside)

    def _steps_left(self, ticket: FollowedTicket) -> tuple[str, ...]:
        return tuple(step for step in ticket.then if step in self.day.facts.services)

    def _away(self, ticket: FollowedTicket, place: Place, at: datetime, seq: int) -> None:
        """The ticket leaves its desk, or its line, for `place`."""
        self.day.leave(ticket, seq)
        self.day.move(ticket, place, at)

    def _undone(self, event: events.CallUndone, at: datetime, seq: int) -> Breaches:
        yield from self._must_be(event, Place.CALLED)
        ticket, desk = self.day.tickets[event.ticket], self.day.desks[event.desk]
        call, desk.call, desk.left = desk.call, None, None
        if call is None or call.before.id != event.ticket:
            yield f"{event.desk} undid a call of {ticket.number}, which was not its newest"
            return
        if desk.touched_seq != call.seq:
            yield f"{event.desk} undid its call of {ticket.number}, and something had happened since"
        if at - call.at > timedelta(seconds=UNDO_S):
            yield f"{event.desk} undid its call of {ticket.number} after {at - call.at}; {UNDO_S} s are allowed"
        sent_away = call.finished.id if call.finished else ""
        if event.restored != sent_away:
            restored = self.day.number(event.restored)
            yield f"{event.desk} undid a call and got {restored} back; the call had sent {self.day.number(sent_away)}"
        desk.ticket, desk.touched_seq = "", seq
        kept = ticket.places_kept.items()
        ticket.places_kept = {room: until_at for room, until_at in kept if room in call.before.places_kept}
        self._restore(ticket, call.before, at, at_desk=None)
        if event.outside:
            self.day.move(ticket, Place.WAITING, at, is_outside=True)
        if call.finished is not None and event.restored == sent_away:
            finished = self.day.tickets[sent_away]
            if finished.place not in IN_LINE and finished.place is not Place.SERVED:
                yield f"{event.desk} got {finished.number} back, which is {finished.place} by now"
            self._restore(finished, call.finished, at, at_desk=desk)

    def _restore(
        self, ticket: FollowedTicket, before: FollowedTicket, at: datetime, *, at_desk: FollowedDesk | None
    ) -> None:
        """The ticket is what it was `before`."""
        self.day.out_of_line(ticket)
        ticket.place, ticket.desk, ticket.since_at = before.place, before.desk, at
        ticket.was_called, ticket.calls = before.was_called, before.calls
        ticket.service, ticket.due_at, ticket.then = before.service, before.due_at, before.then
        ticket.only_desk, ticket.slot_at, ticket.until_at = before.only_desk, before.slot_at, before.until_at
        if at_desk is not None:
            ticket.is_outside, ticket.places_kept = False, before.places_kept
            at_desk.ticket = ticket.id
        self.day.into_line(ticket)

    # --- ends --------------------------------------------------------------------------------------------------

    def _closed(self, event: events.TicketClosed, at: datetime, seq: int) -> Breaches:
        ticket = self.day.tickets[event.ticket]
        if ticket.place in OVER:
            yield f"{ticket.number} ended ({event.why}), and it was {ticket.place} already"
        yield from self._may_end(event, ticket, at)
        self._away(ticket, Place.CLOSED, at, seq)
        ticket.places_kept, ticket.ended_why = {}, event.why

    def _may_end(self, event: events.TicketClosed, ticket: FollowedTicket, at: datetime) -> Breaches:
        hours, is_in_vain = self.day.hours, ticket.place is Place.CALLED and ticket.misses > 0
        match event.why:
            case "cancelled" if event.desk and ticket.place in AT_DESK and ticket.desk != event.desk:
                yield f"{event.desk} cancelled {ticket.number}, which is at {ticket.desk}"
            case "cancelled" if not event.desk and ticket.place is Place.SERVING:
                yield f"{ticket.number} was given back while it was being served"
            case "no-show" if ticket.place in IN_LINE and ticket.lapses + 1 >= INVITATIONS_MAX:
                yield from self._place_is_over(ticket, at, self.day.facts.gate_of_service.get(ticket.service, ""))
            case "no-show" if not is_in_vain:
                yield f"{ticket.number} ended as a no-show while it was {ticket.place}, missed {ticket.misses} times"
            case "parked" if ticket.place is not Place.PARKED or ticket.until_at is None or at < ticket.until_at:
                yield f"{ticket.number} ended as if it had been parked until now; it is {ticket.place}"
            case "closing":
                ends_at = self.day.sent_away_at(ticket)
                if self.day.facts.site.at_close != "end" or ends_at is None or at < ends_at:
                    yield f"{ticket.number} was sent away as if the lobby closed, and all are served"
                elif ticket.was_called or ticket.place not in IN_LINE:
                    yield f"{ticket.number} was sent away at closing, and it had been called"
            case "day-end" if at < hours.ends_at:
                yield f"{ticket.number} ended with the day, {hours.ends_at - at} too early"
            case _:
                pass

    def _aliased(self, event: number_events.TicketAliased, at: datetime, seq: int) -> Breaches:
        yield from issue_checker.alias(self.day, event)

    def _leased(self, event: number_events.RangeLeased, at: datetime, seq: int) -> Breaches:
        yield from issue_checker.lease(self.day, event, at)

    def _merged(self, event: events.TicketMerged, at: datetime, seq: int) -> Breaches:
        if event.duplicate not in self.day.tickets or event.duplicate == event.ticket:
            yield f"{self.day.number(event.ticket)} and {event.duplicate} became one, and are not two tickets"
            return
        kept, duplicate = self.day.tickets[event.ticket], self.day.tickets[event.duplicate]
        who = f"{duplicate.number} became {kept.number}"
        if kept.place in OVER or duplicate.place in OVER:
            yield f"{who}, and they are {duplicate.place} and {kept.place}"
        if duplicate.place in AT_DESK:
            yield f"{who} while it was at {duplicate.desk}"
        if kept.service != duplicate.service:
            yield f"{who}, which is for {kept.service} and not for {duplicate.service}"
        if duplicate.nearness < kept.nearness:
            yield f"{who}, which was called later or came later"
        if event.due_at != min(kept.due_at, duplicate.due_at):
            yield f"{who}, due at {event.due_at:%H:%M:%S}, which is not the earlier of the two"
        yield from self._taken_over(event, kept, duplicate, who)
        self._away(duplicate, Place.CLOSED, at, seq)
        duplicate.places_kept = {}
        self.day.out_of_line(kept)
        kept.party_people, kept.misses, kept.lapses = event.party_people, event.times_missed, event.times_lapsed
        kept.priority, kept.earlier_s = event.priority or "", event.earlier_s
        kept.was_called = kept.was_called or duplicate.was_called
        kept.due_at, kept.order = event.due_at, min(kept.order, duplicate.order)
        kept.arrived_at = min(kept.arrived_at, duplicate.arrived_at)
        kept.counts_from = min(kept.counts_from, duplicate.counts_from)
        kept.slot_at = kept.slot_at or duplicate.slot_at
        self.day.into_line(kept)
        if duplicate.appointment in self.day.appointments:
            self.day.appointments[duplicate.appointment].ticket = kept.id
            kept.appointment = kept.appointment or duplicate.appointment
        if kept.place in AT_DESK and kept.desk in self.day.desks:
            self.day.desks[kept.desk].touched_seq = seq

    def _taken_over(
        self, event: events.TicketMerged, kept: FollowedTicket, duplicate: FollowedTicket, who: str
    ) -> Breaches:
        """Of two tickets of one visitor all counts that speaks for her, and all that speaks against her."""
        if event.party_people != max(kept.party_people, duplicate.party_people):
            yield f"{who} for {event.party_people} people, which is not the larger party"
        first = duplicate if duplicate.due_at < kept.due_at else kept
        if (event.priority, event.earlier_s) != (first.priority, first.earlier_s):
            yield f"{who}, due earlier for {event.priority or 'no reason'}, and {first.number} for {first.priority}"
        in_vain = max(kept.misses, duplicate.misses), max(kept.lapses, duplicate.lapses)
        if (event.times_missed, event.times_lapsed) != in_vain:
            yield f"{who}, missed {event.times_missed} times and invited in vain {event.times_lapsed}, not {in_vain}"

    # --- desks -------------------------------------------------------------------------------------------------

    def _desk_opened(self, event: events.DeskOpened, at: datetime, seq: int) -> Breaches:
        desk = self.day.desks[event.desk]
        if desk.is_open:
            yield f"{event.desk} opened, and was open"
        if event.desk not in self.day.facts.desks:
            yield f"{event.desk} opened, which the lobby no longer has"
        desk.is_open, desk.touched_seq = True, seq

    def _desk_closed(self, event: events.DeskClosed, at: datetime, seq: int) -> Breaches:
        desk = self.day.desks[event.desk]
        if not desk.is_open:
            yield f"{event.desk} closed, and was closed"
        if desk.ticket:
            yield f"{event.desk} closed while it had {self.day.number(desk.ticket)}"
        desk.is_open, desk.touched_seq = False, seq
        self.day.send_on_from_desks()


def _where(is_outside: bool) -> str:
    return "outside" if is_outside else "inside"
