"""What pages and the API show of the lobby as a whole: services, rooms, notices; a pure function of (day, now)."""

from datetime import datetime

from msgspec import Struct

from hub.day import estimates, gate_state
from hub.day.hours import opens_at, takes_tickets
from hub.day.lobby import Label
from hub.day.model import Day
from hub.day.room_views import RoomView, room_view
from wire.messages import GateState


class ServiceView(Struct, frozen=True, kw_only=True):
    """A service as a visitor may choose it."""

    id: str
    letter: str
    name: Label
    bring: Label
    waiting: int
    wait_s: int | None
    """Expected wait of someone who joins now; None if it cannot be said."""
    takes_tickets: bool
    """Whether a ticket is issued now: the lobby is open and not about to close, and the service is not paused."""
    paused: bool
    paused_until_at: datetime | None
    """When tickets are issued again by themselves; None if that is not known, or is so already."""
    room_state: GateState | None
    """Of the room before which its visitors wait until they are invited; None if they may wait inside."""


class PriorityView(Struct, frozen=True, kw_only=True):
    """A reason to be called earlier, which visitors may choose themselves."""

    id: str
    name: Label
    earlier_s: int


class NoticeView(Struct, frozen=True, kw_only=True):
    """Something that all visitors of a place should know."""

    room: str
    """Empty for everywhere."""
    text: Label
    until_at: datetime | None
    """None until it is withdrawn."""


class LobbyView(Struct, frozen=True, kw_only=True):
    """The lobby as a whole."""

    site: str
    name: Label
    languages: tuple[str, ...]
    open: bool
    opens_at: datetime | None
    """The next opening when closed; None if open or not within a week."""
    services: tuple[ServiceView, ...]
    priorities: tuple[PriorityView, ...]
    rooms: tuple[RoomView, ...]
    notices: tuple[NoticeView, ...]
    """What is posted everywhere first."""
    evacuated_since_at: datetime | None
    """Everybody is to leave the building since then; None if not."""
    seq: int


def lobby_view(day: Day, now: datetime) -> LobbyView:
    """The lobby as a whole; `day` must be open."""
    lobby = day.lobby
    assert lobby is not None, "views are of an open day"
    services = tuple(
        ServiceView(
            id=state.service.id,
            letter=state.service.letter,
            name=state.service.name,
            bring=state.service.bring,
            waiting=state.waiting,
            wait_s=estimates.wait_s(day, state.service.id, state.waiting, now),
            takes_tickets=day.evacuation is None
            and state.service.id not in day.paused
            and takes_tickets(lobby, state.service, now),
            paused=state.service.id in day.paused,
            paused_until_at=day.paused.get(state.service.id),
            room_state=gate_state.state_before(day, state),
        )
        for state in day.services.values()
        if not state.withdrawn
    )
    rooms = tuple(room_view(day, room) for room in day.rooms.values())
    opening = opens_at(lobby, now)
    return LobbyView(
        site=lobby.site.id,
        name=lobby.site.name,
        languages=lobby.site.languages,
        open=opening is not None and opening <= now,
        opens_at=opening if opening is not None and opening > now else None,
        services=services,
        priorities=tuple(
            PriorityView(id=it.id, name=it.name, earlier_s=it.earlier_s) for it in lobby.priorities if it.offered
        ),
        rooms=rooms,
        notices=tuple(
            NoticeView(room=place, text=day.notices[place].text, until_at=day.notices[place].until_at)
            for place in ("", *day.rooms)
            if place in day.notices
        ),
        evacuated_since_at=day.evacuation.since_at if day.evacuation else None,
        seq=day.seq,
    )
