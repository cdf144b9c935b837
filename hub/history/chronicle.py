"""A site's journal, read as the points that people look back on. It knows events and the day, and no store."""

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from hub import standing
from hub.chain import Entry
from hub.day import events, occupancy, people_events
from hub.day.apply import apply
from hub.day.change_events import LimitChanged, LimitScheduled
from hub.day.evacuation_events import EvacuationBegan, EvacuationEnded
from hub.day.event import Event
from hub.day.model import Day
from hub.day.rooms import NOWHERE, RoomState
from hub.history.points import SAMPLE, TICK, Crossing, DeskState, DeviceState, Line, Occupancy, Point, Visit
from hub.schema import EPOCH


class Chronicle:
    """One site's journal, read on from a `DayOpened` or its beginning, and the points that it makes.

    The points of an entry follow from the entries since its day was opened: read them again, and they are the same.
    """

    def __init__(self, site: str) -> None:
        self._site = site
        self._day = Day()
        self._noted_until: datetime | None = None
        """The newest entry, or the newest moment until which all is told."""
        self._at = EPOCH
        """Of the newest point that is no sample."""
        self._gauges: dict[tuple[str, ...], Point] = {}
        """Series to what was noted last."""
        self._called_at: dict[str, datetime] = {}
        """Ticket to its first call."""
        self._started_at: dict[str, datetime] = {}
        self._told: set[str] = set()
        """Tickets that are at a desk again although their visit has been told."""

    def take(self, entry: Entry) -> list[Point]:
        """The points of the next entry, and the samples of the time before it."""
        event = entry.event
        # Whatever happened before a hub took over, it was not there to see it.
        points = [] if isinstance(event, events.TookOver) else self._samples(entry.at)
        self._begin(entry)
        if isinstance(event, people_events.PeopleCounted):
            points += self._crossings(event)
        apply(self._day, event, entry.at, entry.seq)
        self._noted_until = entry.at
        if isinstance(event, _OF_A_COUNTER):
            points += self._changed(_about_counter(self._day, self._site, self._at, event.device))
        else:
            for moving, gauges in _GAUGES:
                if isinstance(event, moving):
                    points += self._changed(gauges(self._day, self._site, self._at))
        return points + self._visits(event, entry.at)

    def quiet_until(self, at: datetime) -> list[Point]:
        """The samples of a time in which nothing happened, up to `at`: no entry may come that is older."""
        if self._noted_until is None or at <= self._noted_until:
            return []
        points = self._samples(at)
        self._noted_until = at
        return points

    def _begin(self, entry: Entry) -> None:
        """Move the points' clock on. All entries of one commit have the same instant; their points must not."""
        at = entry.at - (entry.at - EPOCH) % TICK
        if isinstance(entry.event, events.DayOpened):
            self._at = at
            self._gauges, self._called_at, self._started_at, self._told = {}, {}, {}, set()
        else:
            self._at = max(at, self._at + TICK)

    def _samples(self, until: datetime) -> list[Point]:
        """Every gauge at each multiple of `SAMPLE` since all was told."""
        if self._noted_until is None or not self._day.is_open:
            return []
        at = self._noted_until - (self._noted_until - EPOCH) % SAMPLE + SAMPLE
        points: list[Point] = []
        while at <= until:
            points += (msgspec.structs.replace(gauge, at=at) for gauge in self._gauges.values())
            at += SAMPLE
        return points

    def _changed(self, gauges: Iterable[Point]) -> list[Point]:
        """Those that differ from what was noted last, which they become."""
        changed = []
        for gauge in gauges:
            before = self._gauges.get(gauge.series)
            if before is None or msgspec.structs.replace(before, at=gauge.at) != gauge:
                self._gauges[gauge.series] = gauge
                changed.append(gauge)
        return changed

    def _crossings(self, event: people_events.PeopleCounted) -> list[Point]:
        """Told by the day before the event, which holds the totals before."""
        known, device = self._day.counters.get(event.device), self._day.devices.get(event.device)
        if known is None or device is None or self._only_checks(event.device):
            return []
        entered_before, left_before = known.totals.get(event.epoch, (0, 0))
        entered, left = event.entered - entered_before, event.left - left_before
        if not entered and not left:
            return []
        return [Crossing(at=self._at, site=self._site, door=device.door, entered=entered, left=left)]

    def _only_checks(self, device: str) -> bool:
        """Of two counters that watch the same passage one is told."""
        same = self._day.same_doors.get(device)
        return same is not None and same.lead != device

    def _visits(self, event: events.AnyEvent, at: datetime) -> list[Point]:
        if isinstance(event, events.TicketCalled):
            self._called_at.setdefault(event.ticket, at)
        elif isinstance(event, events.ServiceStarted):
            self._started_at[event.ticket] = at
        elif isinstance(event, events.CallUndone):
            self._undone(event)
        elif isinstance(event, events.TicketParked | events.TicketTransferred):
            self._started_at.pop(event.ticket, None)
        elif isinstance(event, EvacuationBegan):
            self._started_at.clear()  # who comes back is served anew
        elif isinstance(event, events.TicketServed):
            return self._visit(event.ticket, "served", at)
        elif isinstance(event, events.TicketClosed):
            return self._visit(event.ticket, event.why, at)
        return []

    def _undone(self, event: events.CallUndone) -> None:
        """A call that was none; the visit that it ended has been told already."""
        if self._day.tickets[event.ticket].called_at is None:
            self._called_at.pop(event.ticket, None)
        if event.restored:
            self._told.add(event.restored)

    def _visit(self, ticket_id: str, outcome: str, at: datetime) -> list[Point]:
        """The visit, unless it has been told."""
        if ticket_id in self._told:
            return []
        ticket = self._day.tickets[ticket_id]
        called_at = self._called_at.pop(ticket_id, None)
        started_at = self._started_at.pop(ticket_id, None)
        if outcome == "served":
            started_at = started_at or ticket.called_at
        visit = Visit(
            at=self._at,
            site=self._site,
            service=ticket.service,
            desk=ticket.desk,
            outcome=outcome,
            wait_s=_seconds(ticket.issued_at, called_at),
            service_s=_seconds(started_at, at),
            party_people=ticket.party_people,
        )
        return [visit]


def _seconds(begin: datetime | None, end: datetime | None) -> int | None:
    return None if begin is None or end is None else round((end - begin).total_seconds())


def _rooms(day: Day, site: str, at: datetime) -> Iterable[Point]:
    return (_room(day, site, at, room) for room in day.rooms.values())


def _room(day: Day, site: str, at: datetime, room: RoomState) -> Occupancy:
    estimate = occupancy.estimate(day, room.room.id)
    return Occupancy(
        at=at,
        site=site,
        room=room.room.id,
        people=estimate.value,
        lower_people=estimate.lower,
        upper_people=estimate.upper,
        limit_people=room.limit_people,
        quality=estimate.quality.value,
    )


def _about_counter(day: Day, site: str, at: datetime, device: str) -> Iterable[Point]:
    """The rooms on both sides of it, and itself: of two hundred counters one speaks at a time."""
    for room in day.passages.get(device, NOWHERE).rooms:
        yield _room(day, site, at, room)
    if device in day.devices:
        yield DeviceState(at=at, site=site, device=device, state=standing.counter(day, device))


def _lines(day: Day, site: str, at: datetime) -> Iterable[Point]:
    for service, state in day.services.items():
        yield Line(at=at, site=site, service=service, inside=state.inside, outside=len(state.outside))


def _desks(day: Day, site: str, at: datetime) -> Iterable[Point]:
    return (DeskState(at=at, site=site, desk=desk, state=state) for desk, state in standing.desks(day))


def _devices(day: Day, site: str, at: datetime) -> Iterable[Point]:
    return (DeviceState(at=at, site=site, device=it.device, state=it.state) for it in standing.devices(day))


_OF_A_COUNTER = (people_events.PeopleCounted, people_events.CounterSilenced, people_events.CounterHeard)
"""What moves the rooms beside one counter, and nothing else."""

_GAUGES: tuple[tuple[tuple[type[Event], ...], Callable[[Day, str, datetime], Iterable[Point]]], ...] = (
    (
        (
            events.DayOpened,
            events.LobbyChanged,
            people_events.PeopleCorrected,
            people_events.PeopleReckoned,
            LimitChanged,
            LimitScheduled,
            EvacuationBegan,
            events.ServiceStarted,
            events.CallUndone,
            events.TicketParked,
            events.TicketTransferred,
            events.TicketServed,
            events.TicketClosed,
        ),
        _rooms,
    ),
    (
        (
            events.DayOpened,
            events.LobbyChanged,
            events.TicketIssued,
            events.TicketAdmitted,
            events.ReservationLapsed,
            events.TicketCalled,
            events.CallUndone,
            events.TicketReturned,
            events.TicketResumed,
            events.TicketTransferred,
            events.TicketMerged,
            events.TicketClosed,
            EvacuationEnded,
        ),
        _lines,
    ),
    (
        (
            events.DayOpened,
            events.LobbyChanged,
            events.PaperNoted,
        ),
        _devices,
    ),
    (
        (
            events.DayOpened,
            events.LobbyChanged,
            events.DeskOpened,
            events.DeskClosed,
            events.TicketCalled,
            events.CallUndone,
            events.TicketMissed,
            events.TicketParked,
            events.TicketTransferred,
            events.ServiceStarted,
            events.TicketServed,
            events.TicketClosed,
            EvacuationBegan,
        ),
        _desks,
    ),
)
"""The gauges, each with the other events that may move it."""
