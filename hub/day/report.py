"""What a day's rows say of its rooms: limits, estimates, who was let in and who had to wait, alarms, corrections.

The rows are lived through once more on a day of its own, with the rules of the hub itself; so the report of a day that
is long over tells what was known then. Pure, like all of the day. Who set a limit or corrected a count is not in the
journal: `seq` is where an act of somebody is looked up.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from hub.day import change_events, events, occupancy, people_events
from hub.day.admission import tickets_outside
from hub.day.apply import apply
from hub.day.evacuation_events import EvacuationBegan, EvacuationEnded
from hub.day.event import OfTicket
from hub.day.events import AnyEvent
from hub.day.gate_state import taken_people
from hub.day.lobby import Label
from hub.day.model import IN_LINE, Day, Ticket
from hub.day.place import PlaceTaken
from hub.day.rooms import CurvePoint, OverLimit, RoomState

AT_ONCE_S = 2.0
"""Who is invited within this time did not have to wait."""


class LimitStep(Struct, frozen=True, kw_only=True):
    """A limit of a room, until the next one."""

    at: datetime
    limit_people: int
    by: Literal["file", "hour", "hand"]
    why: str = ""
    """If by hand: its reason."""
    seq: int
    who: str = ""


Admitting = Literal["invited", "called"]


class Admission(Struct, frozen=True, kw_only=True):
    """A party that was let in, and the numbers that allowed it."""

    at: datetime
    number: str
    kind: Admitting
    party_people: int
    upper_people: int
    reserved_people: int
    limit_people: int
    confidence: float | None = None
    """With which `upper_people` held (0.5 to 1); None where it was a sum of margins, or of the people of tickets."""


class Hold(Struct, frozen=True, kw_only=True):
    """A party that had to wait outside, and the numbers at its beginning."""

    number: str
    party_people: int
    from_at: datetime
    until_at: datetime | None
    """None while it goes on."""
    ended: Literal["", "invited", "otherwise"]
    taken_people: int | None
    """None: nobody knew how many were inside."""
    limit_people: int
    before_it: int
    """Tickets that waited outside already."""


class AlarmSpan(Struct, frozen=True, kw_only=True):
    """More people than allowed."""

    from_at: datetime
    until_at: datetime | None
    highest_people: int
    most_over_people: int


class CorrectionRow(Struct, frozen=True, kw_only=True):
    """What somebody has counted, and what was thought before."""

    at: datetime
    people: int
    why: str
    before_people: int | None
    before_lower: int | None
    before_upper: int | None
    seq: int
    who: str = ""
    upper_people: int | None = None
    """At most so many, where that is not known for sure; None where it is `people`."""
    by: Literal["hand", "file"] = "hand"
    """Somebody, or what the lobby file says of the room."""


class EvacuationSpan(Struct, frozen=True, kw_only=True):
    """Everybody was to leave the building."""

    from_at: datetime
    by: str
    """By role."""
    seq: int
    who: str = ""
    until_at: datetime | None = None
    ended_by: str = ""
    ended_seq: int = 0
    ended_who: str = ""


class RoomReport(Struct, frozen=True, kw_only=True):
    """One room's day."""

    room: str
    name: Label
    admitted: bool
    limits: tuple[LimitStep, ...]
    points: tuple[CurvePoint, ...]
    highest_people: int
    entered_people: int
    left_people: int
    unknown_s: int
    """For how long nobody knew how many were inside, from the first number on."""
    admissions: tuple[Admission, ...]
    holds: tuple[Hold, ...]
    alarms: tuple[AlarmSpan, ...]
    corrections: tuple[CorrectionRow, ...]


class DayReport(Struct, frozen=True, kw_only=True):
    """One service day of a site, or as much of it as is over."""

    site: str
    day: date
    from_at: datetime
    until_at: datetime
    is_over: bool
    first_seq: int
    last_seq: int
    evacuations: tuple[EvacuationSpan, ...]
    rooms: tuple[RoomReport, ...]


class _Room:
    """What is being collected of one room."""

    def __init__(self) -> None:
        self.limits: list[LimitStep] = []
        self.admissions: list[Admission] = []
        self.holds: dict[str, Hold] = {}
        """By ticket, those that go on."""
        self.over_holds: list[Hold] = []
        self.alarms: list[AlarmSpan] = []
        self.corrections: list[CorrectionRow] = []


class Recorder:
    """Lives through the rows of one service day, from its `DayOpened` on."""

    def __init__(self) -> None:
        self.day = Day()
        """As it was after the newest row."""
        self._rooms: dict[str, _Room] = {}
        self._evacuations: list[EvacuationSpan] = []
        self._named: date | None = None
        self._from: tuple[datetime, int] | None = None

    def take(self, event: AnyEvent, at: datetime, seq: int) -> None:
        """The next row. Rows before the day opened are passed over."""
        if isinstance(event, events.DayOpened):
            self._named, self._from = event.day, (at, seq)
        elif self._from is None:
            return
        if isinstance(event, people_events.PeopleCorrected):
            self._correct(event, at, seq)
        elif isinstance(event, events.TicketCalled):
            self._call(event, at)
        apply(self.day, event, at, seq)
        if isinstance(event, OfTicket):
            self._hold(self.day.tickets[event.ticket], event, at)
        else:
            self._note(event, at, seq)

    def report(self, site: str, now: datetime) -> DayReport | None:
        """All of it; None if no day has opened. A day that goes on is told until `now`."""
        if self._from is None or self._named is None or self.day.at is None:
            return None
        is_over = not self.day.is_open
        until_at = self.day.at if is_over else max(now, self.day.at)
        return DayReport(
            site=site,
            day=self._named,
            from_at=self._from[0],
            until_at=until_at,
            is_over=is_over,
            first_seq=self._from[1],
            last_seq=self.day.seq,
            evacuations=tuple(self._evacuations),
            rooms=tuple(self._room_report(room, until_at) for room in self.day.rooms.values()),
        )

    def _of(self, room: str) -> _Room:
        return self._rooms.setdefault(room, _Room())

    def _note(self, event: AnyEvent, at: datetime, seq: int) -> None:
        match event:
            case EvacuationBegan(by=by):
                self._evacuations.append(EvacuationSpan(from_at=at, by=by, seq=seq))
            case EvacuationEnded(by=by):
                began = self._evacuations.pop()
                self._evacuations.append(replace(began, until_at=at, ended_by=by, ended_seq=seq))
                self._everybody(event, at)
            case events.DayOpened() | events.LobbyChanged():
                if isinstance(event, events.DayOpened) and event.evacuated_since_at is not None:
                    goes_on = EvacuationSpan(from_at=event.evacuated_since_at, by=event.evacuated_by or "", seq=seq)
                    self._evacuations.append(goes_on)
                for room in self.day.rooms.values():
                    self._limit(room, at, seq)
                self._everybody(event, at)
            case change_events.LimitChanged(room=name, why=why):
                self._limit(self.day.rooms[name], at, seq, why, is_asked=True)
            case change_events.LimitScheduled(room=name):
                self._limit(self.day.rooms[name], at, seq)
            case people_events.OverLimitBegan(room=name, people=people, limit_people=limit):
                alarm = AlarmSpan(from_at=at, until_at=None, highest_people=people, most_over_people=people - limit)
                self._of(name).alarms.append(alarm)
            case people_events.OverLimitEnded(room=name, highest_people=highest, most_over_people=most):
                alarms = self._of(name).alarms
                alarms[-1] = replace(alarms[-1], until_at=at, highest_people=highest, most_over_people=most)
            case _:
                pass

    def _everybody(self, event: AnyEvent, at: datetime) -> None:
        """An event after which any ticket may be somewhere else."""
        for ticket in self.day.tickets.values():
            self._hold(ticket, event, at)

    def _limit(self, room: RoomState, at: datetime, seq: int, why: str = "", *, is_asked: bool = False) -> None:
        by: Literal["file", "hour", "hand"] = "file" if room.limit_by_schedule is None else "hour"
        by = by if room.limit_by_hand is None else "hand"
        steps = self._of(room.room.id).limits
        if is_asked or not steps or steps[-1].limit_people != room.limit_people:
            steps.append(LimitStep(at=at, limit_people=room.limit_people, by=by, why=why, seq=seq))

    def _correct(self, event: people_events.PeopleCorrected, at: datetime, seq: int) -> None:
        known = occupancy.estimate(self.day, event.room)
        row = CorrectionRow(
            at=at,
            people=event.people,
            why=event.why,
            before_people=known.value,
            before_lower=known.lower,
            before_upper=known.upper,
            seq=seq,
            upper_people=event.upper_people,
            by="hand" if event.why in people_events.BY_HAND else "file",
        )
        self._of(event.room).corrections.append(row)

    def _call(self, event: events.TicketCalled, at: datetime) -> None:
        for place in event.places:
            self._admit(self.day.tickets[event.ticket], "called", place, at)

    def _admit(
        self,
        ticket: Ticket,
        kind: Admitting,
        taken: events.TicketAdmitted | PlaceTaken,
        at: datetime,
    ) -> None:
        """She takes a place, by the numbers that `taken` has kept."""
        admission = Admission(
            at=at,
            number=ticket.number,
            kind=kind,
            party_people=ticket.party_people,
            upper_people=taken.upper_people,
            reserved_people=taken.reserved_people,
            limit_people=taken.limit_people,
            confidence=taken.confidence,
        )
        self._of(taken.room).admissions.append(admission)

    def _hold(self, ticket: Ticket, event: AnyEvent, at: datetime) -> None:
        """After an event of the ticket: she is let in, has to wait outside, or does not wait there any more."""
        if isinstance(event, events.TicketAdmitted):
            self._admit(ticket, "invited", event, at)
        waits_before = self.day.services[ticket.service].admitted_room if _waits_outside(ticket) else ""
        for name, known in self._rooms.items():
            if ticket.id in known.holds and name != waits_before:
                over = known.holds.pop(ticket.id)
                ended: Literal["invited", "otherwise"] = (
                    "invited" if isinstance(event, events.TicketAdmitted) else "otherwise"
                )
                if ended == "otherwise" or (at - over.from_at).total_seconds() > AT_ONCE_S:
                    known.over_holds.append(replace(over, until_at=at, ended=ended))
        if waits_before and ticket.id not in self._of(waits_before).holds:
            self._of(waits_before).holds[ticket.id] = self._begin(ticket, self.day.rooms[waits_before], at)

    def _begin(self, ticket: Ticket, room: RoomState, at: datetime) -> Hold:
        known = occupancy.estimate(self.day, room.room.id)
        return Hold(
            number=ticket.number,
            party_people=ticket.party_people,
            from_at=at,
            until_at=None,
            ended="",
            taken_people=taken_people(self.day, room, known),
            limit_people=room.limit_people,
            before_it=tickets_outside(self.day, room.room.id) - 1,
        )

    def _room_report(self, room: RoomState, until_at: datetime) -> RoomReport:
        known = self._of(room.room.id)
        still = [it for it in known.holds.values() if (until_at - it.from_at).total_seconds() > AT_ONCE_S]
        return RoomReport(
            room=room.room.id,
            name=room.room.name,
            admitted=room.room.admitted,
            limits=tuple(known.limits),
            points=tuple(room.curve),
            highest_people=room.highest_people,
            entered_people=room.entered_people,
            left_people=room.left_people,
            unknown_s=_unknown_s(room.curve, until_at),
            admissions=tuple(known.admissions),
            holds=tuple(sorted([*known.over_holds, *still], key=lambda it: it.from_at)),
            alarms=_alarms(known.alarms, room.over),
            corrections=tuple(known.corrections),
        )


def _waits_outside(ticket: Ticket) -> bool:
    return ticket.is_outside and ticket.state in IN_LINE


def _unknown_s(points: list[CurvePoint], until_at: datetime) -> int:
    """Before the first number nothing was counted yet."""
    first = next((n for n, point in enumerate(points) if point.people is not None), len(points))
    if first == len(points):
        return 0
    ends = [*(point.at for point in points[first + 1 :]), until_at]
    spans = zip(points[first:], ends, strict=True)
    return round(sum((end - point.at).total_seconds() for point, end in spans if point.people is None))


def _alarms(alarms: Sequence[AlarmSpan], over: OverLimit | None) -> tuple[AlarmSpan, ...]:
    """The last one, if it goes on, with what it has come to so far."""
    if over is None or not alarms or alarms[-1].until_at is not None:
        return tuple(alarms)
    so_far = replace(alarms[-1], highest_people=over.highest_people, most_over_people=over.most_over_people)
    return (*alarms[:-1], so_far)
