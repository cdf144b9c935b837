"""How many people are in a room: the sum of what its doors' counters say.

Counters report cumulative totals per epoch. The first report of a device is its baseline; a new epoch of a known
device counts from zero, and whoever crossed while it was starting is missing, so the room is `degraded`. Nobody can be
less than absent: a room that would fall below zero stays empty.
"""

from datetime import datetime

from hub.day.events import PeopleCounted
from hub.day.lobby import OUTSIDE, DeviceKind, Door
from hub.day.model import CounterState, Day, RoomState
from wire.messages import CountQuality, Gate, RoomQuality


def count(day: Day, event: PeopleCounted, at: datetime) -> None:
    """Take a counter's newest totals: change the two rooms of its door by the difference."""
    known = day.counters.get(event.device)
    if known is None:
        known = day.counters[event.device] = CounterState(device=event.device, epoch=event.epoch)
        entered, left = 0, 0
    else:
        before = known.totals.get(event.epoch, (0, 0))
        entered, left = event.entered - before[0], event.left - before[1]
        known.epochs_seen += event.epoch not in known.totals
    # The newest epoch stands last, so that a day that is opened from these totals knows which one goes on.
    known.totals.pop(event.epoch, None)
    known.totals[event.epoch] = (event.entered, event.left)
    known.epoch, known.quality, known.counted_at = event.epoch, event.quality, at
    door = _door_of(day, event.device)
    _cross(day.rooms.get(door.to_room), entered, left)
    _cross(day.rooms.get(door.from_room), left, entered)


def _cross(room: RoomState | None, entered: int, left: int) -> None:
    if room is None:
        return
    room.people = max(0, (room.people or 0) + entered - left)
    room.highest_people = max(room.highest_people, room.people)
    room.entered_people += entered
    room.left_people += left


def quality(day: Day, room_id: str) -> RoomQuality:
    """What the room's number is worth: `unknown` before any count, `degraded` if a counter is blocked or began anew."""
    if day.rooms[room_id].people is None:
        return RoomQuality.UNKNOWN
    counters = [day.counters.get(address) for address in counters_of(day, room_id)]
    if not counters or all(counter is None for counter in counters):
        return RoomQuality.UNKNOWN
    sound = all(c is not None and c.quality is CountQuality.OK and c.epochs_seen == 1 for c in counters)
    return RoomQuality.LIVE if sound else RoomQuality.DEGRADED


def gate(day: Day, room_id: str) -> Gate:
    """What people before the room should do. A room that is counted but whose count is unknown lets nobody in;
    a room without counters has no gate to close."""
    room = day.rooms[room_id]
    if not counters_of(day, room_id):
        return Gate.COME_IN
    if quality(day, room_id) is RoomQuality.UNKNOWN or room.people is None:
        return Gate.WAIT
    return Gate.COME_IN if room.people < room.room.limit_people else Gate.WAIT


def counters_of(day: Day, room_id: str) -> list[str]:
    """`node/device` of every counter at a door of the room."""
    assert day.lobby is not None
    doors = {door.id for door in day.lobby.doors if room_id in (door.from_room, door.to_room)}
    return [a for a, device in day.devices.items() if device.kind is DeviceKind.COUNTER and device.door in doors]


def _door_of(day: Day, address: str) -> Door:
    """The door of a counter. A counter that the lobby no longer describes stands at a door between nowhere."""
    assert day.lobby is not None
    device = day.devices.get(address)
    for door in day.lobby.doors:
        if device is not None and door.id == device.door:
            return door
    return Door(id="none", to_room=OUTSIDE)
