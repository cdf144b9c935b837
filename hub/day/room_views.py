"""What pages and the API show of a room: its people against its limit, now and in the course of the day."""

from datetime import datetime

from msgspec import Struct

from hub.day import admission, gate_state, occupancy
from hub.day.lobby import Label
from hub.day.model import Day
from hub.day.rooms import CurvePoint, RoomState
from wire.messages import GateState, RoomQuality


class AlarmView(Struct, frozen=True, kw_only=True):
    """A room that holds more people than it may."""

    room: str
    name: Label
    people: int | None
    """None while nobody knows."""
    limit_people: int
    over_people: int | None
    """Too many now; None while nobody knows."""
    most_over_people: int
    """Too many at most, since it began."""
    since_at: datetime


class RoomView(Struct, frozen=True, kw_only=True):
    """A room and its people; `people` and its bounds are None while they are not known."""

    id: str
    name: Label
    people: int | None
    lower: int | None
    upper: int | None
    quality: RoomQuality
    uncounted_doors: int
    """Doors that nothing counts and the lobby file says so: the bounds allow for them, and the count is not `live`."""
    state: GateState
    """The same that signs, boards, kiosks and tickets show."""
    limit_people: int
    described_limit_people: int
    """As the lobby file says; another than `limit_people` while somebody has set one for the day."""
    limit_by_hand: bool
    limit_by_schedule: bool
    """Whether the lobby file says it for this hour alone."""
    admitted: bool
    takes_more: bool
    """Whether there is a place for somebody who comes now and has not been invited."""
    outside: int
    """Tickets whose visitors wait before it until they are invited in."""
    reserved_people: int
    """Invited, and not counted in yet."""
    over: AlarmView | None
    """While it holds more people than it may."""
    highest_people: int
    entered_people: int
    left_people: int


class RoomCurve(Struct, frozen=True, kw_only=True):
    """How many people a room held in the course of the day."""

    room: str
    limit_people: int
    points: tuple[CurvePoint, ...]
    """Oldest first; each holds until the next one, the last until now."""
    seq: int


def room_view(day: Day, room: RoomState) -> RoomView:
    """A room against its limit."""
    known = occupancy.estimate(day, room.room.id)
    return RoomView(
        id=room.room.id,
        name=room.room.name,
        people=known.value,
        lower=known.lower,
        upper=known.upper,
        quality=known.quality,
        uncounted_doors=_uncounted_doors(day, room),
        state=gate_state.gate_state(day, room, known),
        limit_people=room.limit_people,
        described_limit_people=room.room.limit_people,
        limit_by_hand=room.limit_by_hand is not None,
        limit_by_schedule=room.limit_by_hand is None and room.limit_by_schedule is not None,
        admitted=room.room.admitted,
        takes_more=admission.takes_more(day, room, known),
        outside=admission.tickets_outside(day, room.room.id),
        reserved_people=occupancy.reserved_people(room),
        over=_alarm(room, known.value),
        highest_people=room.highest_people,
        entered_people=room.entered_people,
        left_people=room.left_people,
    )


def _uncounted_doors(day: Day, room: RoomState) -> int:
    doors = () if day.lobby is None else day.lobby.doors
    return sum(it.uncounted_share is not None and room.room.id in (it.from_room, it.to_room) for it in doors)


def alarm_views(day: Day) -> tuple[AlarmView, ...]:
    """Every room that holds more people than it may, in the lobby's order."""
    over = (room for room in day.rooms.values() if room.over is not None)
    found = (_alarm(room, occupancy.estimate(day, room.room.id).value) for room in over)
    return tuple(alarm for alarm in found if alarm is not None)


def _alarm(room: RoomState, people: int | None) -> AlarmView | None:
    if room.over is None:
        return None
    return AlarmView(
        room=room.room.id,
        name=room.room.name,
        people=people,
        limit_people=room.limit_people,
        over_people=None if people is None else max(0, people - room.limit_people),
        most_over_people=room.over.most_over_people,
        since_at=room.over.since_at,
    )


def room_curve(day: Day, room: RoomState) -> RoomCurve:
    """Today's curve of a room."""
    return RoomCurve(room=room.room.id, limit_people=room.limit_people, points=tuple(room.curve), seq=day.seq)
