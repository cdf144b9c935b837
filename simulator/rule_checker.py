"""The rules of the lobby, held against every row of a journal. See `docs/rules-in-detail.md`; a breach is a
sentence.

It follows the rows with obvious code of its own and shares nothing with the hub but the events and the lobby's
description: neither what decides, nor what applies, nor how hours and gates are worked out. It never stops at a breach:
what a row says has happened, and the rows that follow are judged from there.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from hub.day import events
from hub.journal import Entry
from simulator import change_checker, evacuation_checker, order_checker
from simulator.correction_checker import CorrectionChecker
from simulator.followed import OVER, FollowedAppointment, FollowedDay, Place
from simulator.gate_checker import Gates
from simulator.life_checker import LifeChecker
from simulator.lobby_facts import LobbyFacts, ServiceDay
from simulator.time_checker import Down, Lateness, TimeChecker

BY_HAND = timedelta(seconds=1)
"""So near to the instant at which somebody closes a day by hand it is closed."""

WITHOUT_A_DAY = (events.DayOpened, events.TookOver)


def rule_violations(
    entries: Sequence[Entry],
    *,
    until: datetime | None = None,
    down: Down = (),
    closed_at: Sequence[datetime] = (),
) -> Iterator[str]:
    """Every rule that the journal breaks. It ends at its last row, or `until`; `down` is when the hub could do nothing,
    as far as the rows do not show it, and `closed_at` when somebody closed a day by hand."""
    checker = RuleChecker(down, closed_at)
    for entry in entries:
        yield from checker.take(entry)
    if until is not None:
        yield from checker.end(until)


def _ends_day(event: events.AnyEvent) -> bool:
    return isinstance(event, events.DayClosed) or (isinstance(event, events.TicketClosed) and event.why == "day-end")


class RuleChecker:
    """Follows a journal, row by row."""

    def __init__(self, down: Down = (), closed_at: Sequence[datetime] = ()) -> None:
        self.day: FollowedDay | None = None
        self._lateness = Lateness(down)
        self._gates = Gates(None, Lateness(down))
        self._life: LifeChecker | None = None
        self._time: TimeChecker | None = None
        self._corrections: CorrectionChecker | None = None
        self._seq = 0
        self._at: datetime | None = None
        self._term = 0
        self._day_name = ""
        self._is_ending = False
        self._closed_at = closed_at

    def take(self, entry: Entry) -> Iterator[str]:
        """Sentences for what `entry` breaks."""
        if (
            self.day is not None
            and _ends_day(entry.event)
            and any(abs(entry.at - at) < BY_HAND for at in self._closed_at)
        ):
            self.day.hours.ends_at = min(self.day.hours.ends_at, entry.at)
        for sentence in self._take(entry):
            yield f"{sentence} (row {entry.seq}, {entry.at:%H:%M:%S})"
        ticket = getattr(entry.event, "ticket", "")
        if not ticket or (self.day is not None and ticket in self.day.tickets):
            list(self._gates.take(entry))  # what is wrong there is said by a report of its own

    def next_for(self, desk: str, at: datetime) -> order_checker.Choice | None:
        """Whom a desk is to call at `at`, as things stand after the rows taken; None if it may call nobody."""
        assert self.day is not None
        return order_checker.next_for(self.day, self.day.desks[desk], at, held=self._gates.without_place(desk))

    def end(self, until: datetime) -> Iterator[str]:
        """The journal ends, and it is `until`."""
        if self._time is not None:
            yield from self._time.overdue(until)

    def _take(self, entry: Entry) -> Iterator[str]:
        yield from self._in_its_place(entry)
        event = entry.event
        if isinstance(event, events.TookOver):
            yield from self._took_over(event, entry.at)
        elif isinstance(event, events.DayOpened):
            yield from self._opened(event, entry)
        elif self.day is None or self._life is None or self._time is None or self._corrections is None:
            yield f"{type(event).__name__} while no day is open"
        else:
            yield from self._corrections.take(event, entry.at)
            yield from self._within(self.day, self._life, self._time, entry)

    def _in_its_place(self, entry: Entry) -> Iterator[str]:
        if self._seq and entry.seq != self._seq + 1:
            yield f"the row follows row {self._seq}"
        if self._at is not None and entry.at < self._at:
            yield f"time goes back by {self._at - entry.at}"
        self._seq, self._at = entry.seq, entry.at
        if not isinstance(entry.event, events.DayOpened) and entry.day != self._day_name:
            yield f"the row stands in the day {entry.day!r}, not in {self._day_name!r}"

    def _took_over(self, event: events.TookOver, at: datetime) -> Iterator[str]:
        if event.term <= self._term:
            yield f"term {event.term} follows term {self._term}"
        self._term = event.term
        self._lateness.took_over(at)
        if self._corrections is not None:
            self._corrections.listens_anew(at)

    # --- days ------------------------------------------------------------------------------------------------

    def _opened(self, event: events.DayOpened, entry: Entry) -> Iterator[str]:
        if self.day is not None:
            yield f"the day {event.day} opened, and {self.day.hours.day} was open"
        if self._day_name and str(event.day) <= self._day_name:
            yield f"the day {event.day} follows {self._day_name}"
        if entry.day != str(event.day):
            yield f"the row opens {event.day} and stands in {entry.day!r}"
        hours = ServiceDay(event.lobby, event.day)
        if not hours.begins_at <= entry.at < hours.ends_at:
            yield f"the day {event.day} opened outside of itself"
        self._day_name = str(event.day)
        self.day = day = FollowedDay(facts=LobbyFacts(event.lobby), hours=hours)
        day.describe(event.lobby)
        day.evacuated_at = event.evacuated_since_at
        for known in event.appointments:
            self._know(day, known)
        self._life, self._time = LifeChecker(day), TimeChecker(day, self._lateness, entry.at)
        self._corrections = CorrectionChecker(day, self._lateness, event, entry.at)
        self._is_ending = False

    def _within(self, day: FollowedDay, life: LifeChecker, time: TimeChecker, entry: Entry) -> Iterator[str]:
        event = entry.event
        yield from time.overdue(entry.at)
        yield from evacuation_checker.breaches(day, event)
        is_end = isinstance(event, events.TicketClosed) and event.why == "day-end"
        if self._is_ending and not is_end and not isinstance(event, events.DayClosed):
            yield f"{type(event).__name__} while the day ends"
        self._is_ending |= is_end
        match event:
            case events.DayClosed():
                yield from self._closed(day, event, entry.at)
            case events.LobbyChanged(lobby=lobby):
                if lobby == day.facts.lobby:
                    yield "the lobby changed to what it was"
                day.describe(lobby)
                time.described_at = entry.at
                for desk in day.desks.values():
                    if desk.ticket and desk.desk.id not in day.facts.desks:
                        yield f"{desk.desk.id} was taken out of the lobby while it had {day.number(desk.ticket)}"
            case events.AppointmentKnown() | events.AppointmentMoved() | events.AppointmentCancelled():
                yield from self._appointment(day, event)
            case _ if isinstance(event, (*change_checker.CHANGES, *evacuation_checker.ORDERS)):
                yield from change_checker.take(day, event, entry.at)
                yield from evacuation_checker.take(day, event, entry.at, entry.seq)
                time.wait_anew()
            case _:
                if isinstance(event, events.TicketCalled) and event.ticket in day.tickets and event.desk in day.desks:
                    held = self._gates.without_place(event.desk, had_visitor=bool(event.finished))
                    yield from order_checker.breaches(day, event, entry.at, held)
                yield from life.take(event, entry.at, entry.seq)
                time.note(event)

    def _closed(self, day: FollowedDay, event: events.DayClosed, at: datetime) -> Iterator[str]:
        if event.day != day.hours.day:
            yield f"the day {event.day} closed, and it is {day.hours.day}"
        if at < day.hours.ends_at:
            yield f"the day closed {day.hours.ends_at - at} too early"
        for ticket in day.tickets.values():
            if ticket.place not in OVER:
                yield f"the day closed, and {ticket.number} is {ticket.place}"
        self.day = self._life = self._time = None

    # --- appointments ----------------------------------------------------------------------------------------

    def _appointment(
        self,
        day: FollowedDay,
        event: events.AppointmentKnown | events.AppointmentMoved | events.AppointmentCancelled,
    ) -> Iterator[str]:
        known, what = day.appointments.get(event.appointment), type(event).__name__
        if isinstance(event, events.AppointmentKnown):
            if known is not None:
                yield f"the appointment {event.appointment} became known twice"
            self._know(day, event)
        elif known is None:
            yield f"{what} of {event.appointment}, which nobody knows"
        else:
            if known.ticket in day.tickets and day.tickets[known.ticket].place is not Place.CLOSED:
                yield f"{what} of {event.appointment}, for which {day.number(known.ticket)} is here"
            if isinstance(event, events.AppointmentMoved):
                self._know(day, event)
            else:
                del day.appointments[event.appointment]

    def _know(
        self, day: FollowedDay, known: events.AppointmentKnown | events.AppointmentMoved | events.Appointment
    ) -> None:
        day.appointments[known.appointment] = FollowedAppointment(
            service=known.service, slot_at=known.slot_at, party_people=known.party_people
        )
