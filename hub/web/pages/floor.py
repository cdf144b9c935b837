"""`/{site}/floor`: all rooms and doors at a glance; `/{site}/wall/{room}`: one room for a display on a wall."""

from datetime import datetime
from functools import partial

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hub import standing
from hub.accounts.rights import Right
from hub.day.hours import local
from hub.day.lobby import OUTSIDE, Door, Label, Lobby
from hub.day.model import Day
from hub.day.people.checks import Fault
from hub.day.room_views import RoomView, room_view
from hub.self_tests import Against
from hub.web.floor import Passage, Place, Plan, plan
from hub.web.fullness import Fullness, free_people, fullness
from hub.web.gate import still
from hub.web.pages.reader import Reader, reader_of
from hub.web.pages.router import PageRouter
from wire.messages import CountQuality

router = PageRouter(Right.ROOMS)

WORST_FIRST = (
    standing.UNHEARD,
    standing.SILENT,
    Fault.STUCK.value,
    Fault.SWAPPED.value,
    CountQuality.BLOCKED.value,
    Fault.DRIFTING.value,
    Fault.DIFFERING.value,
    CountQuality.OK.value,
)
"""What is said of a door: of its counters, and of what one of them says and what speaks against it."""
UNCOUNTED = "uncounted"
"""Of a door of which the lobby file says that nothing counts it."""
LEVEL_MAX = 1.0
"""A room that is over its limit is drawn full."""


class RoomShown(Struct, frozen=True, kw_only=True):
    """A room and how full it is."""

    view: RoomView
    fullness: Fullness
    free_people: int
    level: float
    """Of its limit, 0 to 1; 0 while the number is not known."""


class RoomDrawn(Struct, frozen=True, kw_only=True):
    """A room on the plan."""

    place: Place
    shown: RoomShown


class DoorDrawn(Struct, frozen=True, kw_only=True):
    """A door on the plan, and what its counters say."""

    passage: Passage
    name: Label
    """Empty for a door without one."""
    from_room: Label
    to_room: Label
    """Empty for outside."""
    state: str
    """As of a counter, or what speaks against it; `UNCOUNTED`; empty for a door that nothing counts and of
    which nothing is said."""


class Floor(Struct, frozen=True, kw_only=True):
    """All that the plan says."""

    plan: Plan
    rooms: tuple[RoomDrawn, ...]
    doors: tuple[DoorDrawn, ...]

    @property
    def overfull(self) -> tuple[RoomShown, ...]:
        return tuple(room.shown for room in self.rooms if room.shown.fullness is Fullness.OVER)


class Wall(Struct, frozen=True, kw_only=True):
    """One room; `at` is the lobby's own time, to the minute."""

    room: RoomShown
    at: datetime


@router.get("/{site}/floor")
async def show_floor(request: Request, site: str) -> Response:
    """The plan as it stands."""
    reader = reader_of(request, site)
    seq, floor = await reader.site.read(partial(_floor, reader))
    return reader.page("floor.html", seq=seq, floor=floor)


@router.get("/{site}/floor/live")
async def follow_floor(request: Request, site: str) -> Response:
    """The plan, again whenever it looks different."""
    reader = reader_of(request, site)

    async def look() -> tuple[int, Floor | None]:
        return await reader.site.read(partial(_floor, reader))

    def draw(floor: Floor | None) -> str:
        return reader.web.drawing.fragment("_floor.html", reader.language, floor=floor, site=reader.site.id)

    return reader.web.live.stream(reader.site, look, draw, still(request))


@router.get("/{site}/wall/{room}")
async def show_wall(request: Request, site: str, room: str) -> Response:
    """One room in full screen."""
    reader = _reader_of_room(request, site, room)
    seq, wall = await reader.site.read(partial(_wall, room))
    here = f"/{reader.site.id}/wall/{room}"
    return reader.page("wall.html", here=here, seq=seq, wall=wall, name=_name_of(reader.site.lobby, room))


@router.get("/{site}/wall/{room}/live")
async def follow_wall(request: Request, site: str, room: str) -> Response:
    """The room, again whenever it looks different, and with every minute."""
    reader = _reader_of_room(request, site, room)

    async def look() -> tuple[int, Wall | None]:
        return await reader.site.read(partial(_wall, room))

    def draw(wall: Wall | None) -> str:
        name = _name_of(reader.site.lobby, room)
        return reader.web.drawing.fragment("_wall.html", reader.language, wall=wall, name=name)

    return reader.web.live.stream(reader.site, look, draw, still(request))


def _reader_of_room(request: Request, site: str, room: str) -> Reader:
    """
    Raises:
        HTTPException: 404, there is no such room.
    """
    reader = reader_of(request, site)
    if room not in {it.id for it in reader.site.lobby.rooms}:
        raise HTTPException(404)
    return reader


def _name_of(lobby: Lobby, room: str) -> Label:
    return next((it.name for it in lobby.rooms if it.id == room), {})


def _floor(reader: Reader, day: Day, now: datetime) -> tuple[int, Floor | None]:
    """None while no day is open."""
    if not day.is_open or day.lobby is None:
        return day.seq, None
    lobby, drawn = day.lobby, plan(day.lobby)
    states = _states_of_doors(day, reader.against_counters(day, now))
    passages = {passage.door: passage for passage in drawn.passages}
    floor = Floor(
        plan=drawn,
        rooms=tuple(RoomDrawn(place=place, shown=_room_shown(day, place.room)) for place in drawn.places),
        doors=tuple(_door_drawn(lobby, door, passages[door.id], states.get(door.id, "")) for door in lobby.doors),
    )
    return day.seq, floor


def _door_drawn(lobby: Lobby, door: Door, passage: Passage, state: str) -> DoorDrawn:
    ends = [{} if room == OUTSIDE else _name_of(lobby, room) for room in (door.from_room, door.to_room)]
    if not state and door.uncounted_share is not None:
        state = UNCOUNTED
    return DoorDrawn(passage=passage, name=door.name, from_room=ends[0], to_room=ends[1], state=state)


def _states_of_doors(day: Day, against: Against) -> dict[str, str]:
    """Door to the worst that its counters say, and that is said against them."""
    found: dict[str, str] = {}
    for device, _, state in standing.devices(day):
        door = day.devices[device].door
        if door:
            said = {state, *(fault.value for fault in against.get(device, ())), found.get(door, state)}
            found[door] = min(said, key=WORST_FIRST.index)
    return found


def _wall(room: str, day: Day, now: datetime) -> tuple[int, Wall | None]:
    """None while no day is open."""
    if not day.is_open or day.lobby is None or room not in day.rooms:
        return day.seq, None
    at = local(day.lobby, now).replace(second=0, microsecond=0)
    return day.seq, Wall(room=_room_shown(day, room), at=at)


def _room_shown(day: Day, room: str) -> RoomShown:
    view = room_view(day, day.rooms[room])
    return RoomShown(
        view=view,
        fullness=fullness(view),
        free_people=free_people(view),
        level=0.0 if view.people is None else round(min(LEVEL_MAX, view.people / view.limit_people), 3),
    )
