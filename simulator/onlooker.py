"""Somebody who stands in a lobby at work and looks around: the hub's committed day, and the fakes of every node.

Makes the stage and the looks of the glance page. It changes nothing.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from edge.drivers.fake_printer import PrintedSlip
from edge.hands import Hands, NoSuchThing
from hub.day.lobby import Device, DeviceKind, Lobby
from hub.day.model import ENDED, Day, Ticket, TicketState
from hub.day.page_views import panel_state
from hub.hub import Hub
from hub.keyring import Keyring
from simulator.fleet import Post
from simulator.glance.scene import DeskLook, DeskPlace, Look, RoomLook, RoomPlace, ScreenPlace, Stage
from wire.messages import Key

RATE_S = 5.0
"""Rates are those of the last so many real seconds."""
PHONE_AHEAD = 3
"""The phone to look at is one whose turn comes soon: with about so many before it, there is something to see."""


class _Seen(NamedTuple):
    """What is read of the day, all at one moment."""

    seq: int
    desks: tuple[DeskLook, ...]
    rooms: tuple[RoomLook, ...]
    waiting: int
    calls: int
    phone: str
    """The ticket whose page is looked at; empty if none."""


class Onlooker:
    """Looks at one lobby."""

    def __init__(
        self,
        lobby: Lobby,
        hub: Hub,
        posts: Mapping[str, Post],
        keyring: Keyring,
        *,
        speed: float,
        messages: Callable[[], int],
        commits: Callable[[], int],
    ) -> None:
        """`posts` by the name of their node; `messages()` and `commits()` are totals since the start."""
        self._lobby = lobby
        self._site = hub.sites[lobby.site.id]
        self._now = hub.now
        self._posts = posts
        self._keyring = keyring
        self._speed = speed
        self._zone = ZoneInfo(lobby.site.time_zone)
        self._messages, self._commits = messages, commits
        self._history: deque[tuple[float, int, int]] = deque([(0.0, 0, 0)])
        """Instants of the loop with the totals at them, oldest first, about `RATE_S` long."""
        self._phone = ""
        self._panels = {device.desk: self._hands(device) for device in self._devices(DeviceKind.PANEL)}
        self._printer = next((self._hands(device) for device in self._devices(DeviceKind.PRINTER)), None)

    # --- the stage -------------------------------------------------------------------------------------------

    def stage(self) -> Stage:
        site = self._lobby.site
        boards = self._devices(DeviceKind.BOARD)
        signs = self._devices(DeviceKind.SIGN)
        return Stage(
            name=site.name,
            languages=site.languages,
            speed=self._speed,
            sign=_page(signs[0]) if signs else "",
            facilities=f"/{site.id}/facilities",
            boards=tuple(ScreenPlace(page=_page(it), place=self._room_name(it)) for it in boards if not self._led(it)),
            leds=tuple(self._room_name(it) for it in boards if self._led(it)),
            desks=tuple(
                DeskPlace(
                    id=desk.id, name=desk.name, page=f"/{site.id}/desk/{desk.id}", has_panel=desk.id in self._panels
                )
                for desk in self._lobby.desks
            ),
            rooms=tuple(
                RoomPlace(id=room.id, name=room.name, limit_people=room.limit_people) for room in self._lobby.rooms
            ),
            paper_columns=self._printer[0].printer(self._printer[1]).columns if self._printer else 0,
        )

    def scan(self) -> str:
        """The path that the code on a sign opens now; without one that of the page that says where to find it."""
        signs = (sign for post in self._posts.values() for sign in post.signs)
        shown = (sign.picture.join_url for sign in signs if sign.picture is not None)
        url = next((url for url in shown if url), "")
        return "/" + url.split("/", 3)[3] if url else f"/{self._lobby.site.id}/join"

    def _devices(self, kind: DeviceKind) -> list[Device]:
        return [device for device in self._lobby.devices if device.kind is kind]

    def _room_name(self, device: Device) -> dict[str, str]:
        return next((room.name for room in self._lobby.rooms if room.id == device.room), {})

    def _led(self, device: Device) -> Callable[[], str] | None:
        """What draws the LEDs of a board that has some."""
        return self._posts[device.node].devices.matrices.get(device.id)

    def _hands(self, device: Device) -> tuple[Hands, str]:
        hands = self._posts[device.node].devices.hands
        assert hands is not None, "a simulated node has fakes"
        return hands, device.id

    # --- looking ---------------------------------------------------------------------------------------------

    async def look(self) -> Look:
        """Everything as it is now."""
        seen = await self._site.read(self._see)
        self._phone = seen.phone
        messages_per_s, commits_per_s = self._rates()
        slips = self._slips()
        leds = [draw for board in self._devices(DeviceKind.BOARD) if (draw := self._led(board)) is not None]
        return Look(
            clock_at=self._now().astimezone(self._zone),
            seq=seen.seq,
            waiting=seen.waiting,
            calls=seen.calls,
            messages_per_s=messages_per_s,
            commits_per_s=commits_per_s,
            leds=tuple(draw() for draw in leds),
            desks=seen.desks,
            rooms=seen.rooms,
            phone=f"/t/{self._keyring.token(seen.phone)}" if seen.phone else "",
            slip=slips[-1] if slips else None,
        )

    def _see(self, day: Day, now: datetime) -> _Seen:
        return _Seen(
            seq=day.seq,
            desks=tuple(self._desk(day, desk.id) for desk in self._lobby.desks),
            rooms=tuple(_room(day, room.id) for room in self._lobby.rooms),
            waiting=sum(state.waiting for state in day.services.values()),
            calls=sum(state.tickets_called for state in day.services.values()),
            phone=_followed(day, self._phone),
        )

    def _desk(self, day: Day, desk_id: str) -> DeskLook:
        desk = day.desks[desk_id]
        return DeskLook(
            state=panel_state(day, desk),
            number=day.tickets[desk.ticket].number if desk.ticket else "",
            waiting=sum(len(day.services[service].line) for service in desk.desk.services),
            is_lit=self._is_lit(desk_id),
        )

    def _is_lit(self, desk: str) -> bool:
        if desk not in self._panels:
            return False
        hands, panel = self._panels[desk]
        try:
            return hands.is_lit(panel)
        except NoSuchThing:  # a panel without a lamp
            return False

    def _slips(self) -> Sequence[PrintedSlip]:
        return self._printer[0].slips(self._printer[1]) if self._printer else ()

    def _rates(self) -> tuple[float, float]:
        """Messages and commits per real second."""
        now_s = asyncio.get_running_loop().time()
        messages, commits = self._messages(), self._commits()
        self._history.append((now_s, messages, commits))
        while len(self._history) > 2 and self._history[1][0] <= now_s - RATE_S * self._speed:
            self._history.popleft()
        since_s, messages_then, commits_then = self._history[0]
        passed_s = max((now_s - since_s) / self._speed, 0.001)
        return (messages - messages_then) / passed_s, (commits - commits_then) / passed_s

    # --- touching --------------------------------------------------------------------------------------------

    async def press_next(self, desk: str) -> bool:
        """Move the pin of the key that calls the next visitor; False if the desk has none."""
        if desk not in self._panels:
            return False
        hands, panel = self._panels[desk]
        hands.press(panel, Key.NEXT)
        return True


def _page(device: Device) -> str:
    return f"/screens/{device.node}/{device.id}"


def _room(day: Day, room_id: str) -> RoomLook:
    room = day.rooms[room_id]
    return RoomLook(people=room.people, entered=room.entered_people, left=room.left_people)


def _followed(day: Day, followed: str) -> str:
    """The ticket whose phone is looked at: the same until its visit is over, then one whose turn comes soon."""
    ticket = day.tickets.get(followed)
    if ticket is not None and ticket.state not in ENDED and ticket.state is not TicketState.MISSED:
        return followed
    waiting = [key[2] for state in day.services.values() for key in islice(state.line, PHONE_AHEAD + 1)]
    candidates = [day.tickets[it] for it in (*waiting, *reversed(day.recent_calls))]
    on_phones = [it for it in candidates if not it.printer and it.state not in ENDED]
    chosen = max(on_phones, key=lambda it: _ahead(day, it), default=None)
    return chosen.id if chosen is not None else followed


def _ahead(day: Day, ticket: Ticket) -> int:
    """How many are called before this one; -1 if it is called already."""
    if ticket.state is not TicketState.WAITING:
        return -1
    return day.services[ticket.service].line.before(ticket.line_key)
