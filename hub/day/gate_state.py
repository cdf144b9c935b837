"""The state of a room's gate, worked out in one place: signs, lights, kiosks, boards, pages and invitations share it.

A room is full when the people that the gate reckons with and those on their way take all its places. One that
`reopens_below_people` stays full until they have fallen so far below the limit, so that a sign does not change with
every visitor. That is the only thing that a room remembers of its gate (`RoomState.is_held`); the rest is the moment.
"""

from collections.abc import Iterable
from math import ceil

from hub.day import occupancy
from hub.day.model import Day, ServiceState
from hub.day.occupancy import Estimate
from hub.day.rooms import RoomState
from wire.messages import GateState

SHARE_DIGITS = 9
"""A tenth of ten people is one person, and not two for a rounding error."""


def taken_people(day: Day, room: RoomState, known: Estimate) -> int | None:
    """How many places of the room, whose people are `known`, the gate takes for taken; None if it must not let anybody
    in. Without counters an open room has no gate to close. Who left it beyond all who can have been inside counts as
    present."""
    if room.room.admitted:
        upper = occupancy.gate_upper(day, room, known)
        return None if upper is None else upper + occupancy.reserved_people(room)
    if not room.counters:
        return 0
    return None if known.value is None else known.value + room.deficit_people


def gate_state(day: Day, room: RoomState, known: Estimate) -> GateState:
    """The one answer for the room, whose people are `known`."""
    if day.evacuation is not None:
        return GateState.EVACUATE
    taken = taken_people(day, room, known)
    if taken is None:
        return GateState.UNKNOWN
    if not room.counters and not room.room.admitted:
        return GateState.OPEN
    if room.is_held or taken >= room.limit_people:
        return GateState.FULL
    warns_at = warning_people(room)
    return GateState.NEARLY_FULL if warns_at is not None and taken >= warns_at else GateState.OPEN


def state_of(day: Day, room: RoomState) -> GateState:
    """`gate_state` of the room as it is now."""
    return gate_state(day, room, occupancy.estimate(day, room.room.id))


def state_before(day: Day, service: ServiceState) -> GateState | None:
    """Of the room before which visitors of the service wait to be invited; None if they may wait inside."""
    return state_of(day, day.rooms[service.admitted_room]) if service.admitted_room else None


def states(day: Day, rooms: Iterable[RoomState]) -> list[GateState]:
    """Those of several rooms."""
    return [state_of(day, room) for room in rooms]


def has_place(room: RoomState, taken: int, party: int) -> bool:
    """Whether so many people can come in while `taken` places are taken: they fit, and the room is not kept shut until
    more have left."""
    return not room.is_held and taken + party <= room.limit_people


def warning_people(room: RoomState) -> int | None:
    """From how many taken places on the room is nearly full; None if nobody wants to know."""
    described = room.room
    if described.warn_at_people is not None:
        return described.warn_at_people
    if described.warn_at_share is None:
        return None
    return ceil(round(described.warn_at_share * room.limit_people, SHARE_DIGITS))


def hold(day: Day) -> None:
    """After an event: rooms that are full now are held, and those that have emptied far enough are no more. While
    nobody knows how many are inside, they stay as they were."""
    for room in day.rooms.values():
        room.is_held = _is_held(day, room)


def _is_held(day: Day, room: RoomState) -> bool:
    below = room.room.reopens_below_people
    if not below:
        return False
    taken = taken_people(day, room, occupancy.estimate(day, room.room.id))
    if taken is None:
        return room.is_held
    limit = room.limit_people
    return taken >= limit or (room.is_held and taken > max(limit - below, 0))
