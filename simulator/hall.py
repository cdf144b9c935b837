"""The building as people meet it: doors with beams, kiosks with keys, desks to stand at, boards to look up at.

Everything here goes through the fakes' hands and what the fakes have drawn or printed; the hub is not asked.
"""

import asyncio
import random
import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

import words
from edge.beams import Crossing
from edge.devices.kiosk_gpio import KioskGpio
from edge.drivers.fake_printer import PrintedLine, PrintedSlip
from edge.hands import Hands, NoSuchThing
from edge.kiosk_face import Asked
from edge.roles.board import Board, CallPicture
from edge.roles.sign import Sign, SignState
from edge.screens.kiosk_screen import KioskScreen
from hub.day.lobby import OUTSIDE, Desk, Device, DeviceKind, Lobby
from simulator.census import Census
from simulator.crowd import Character
from simulator.door_frame import DoorFrame
from simulator.fleet import Post

STEP_S = (0.5, 1.2)
"""From one person through a door to the next: least and most."""
SLIP_LOOK_S = 0.5
"""How often somebody before a printer looks whether the slip is there."""
SLIP_WAIT_S = 25.0
"""Longer than the kiosk itself waits for an answer."""

NUMBER = re.compile(r"[A-Z]\d{3,}")

COPY = frozenset(words.of(language).gettext("Copy") for language in words.LANGUAGES)
"""What a slip says that may have been printed before."""

Told = Callable[[str], None]
"""Takes the name of the desk that a board shows beside one's number."""


class Step(NamedTuple):
    """A door on somebody's way, and the direction."""

    door: str
    way: Crossing


class Slip(NamedTuple):
    """A slip as a person reads it."""

    printer: str
    """`node/device`."""
    number: str
    """Empty when it says that there is none, and where to go instead."""
    is_copy: bool


def slip_of(printer: str, printed: PrintedSlip) -> Slip:
    """What one reads from afar: the largest letters are the number, and a copy says so at its head."""
    lines = [row for row in printed.rows if isinstance(row, PrintedLine) and row.text.strip()]
    largest = max(lines, key=lambda row: row.height).text.strip() if lines else ""
    number = largest if NUMBER.fullmatch(largest) else ""
    return Slip(printer, number, bool(lines) and lines[0].text.strip() in COPY)


@dataclass(kw_only=True)
class KioskPlace:
    """A kiosk, the printer beside it, and the people who queue before them."""

    hands: Hands
    device: str
    services: frozenset[str]
    screen: KioskScreen | None = None
    """What is touched in place of keys."""
    printer: str
    """`node/device`."""
    room: str
    free: asyncio.Lock = field(default_factory=asyncio.Lock)

    def ask(self, service: str, language: str) -> None:
        """A finger on that key, or on that place of the page."""
        if self.screen is None:
            self.hands.press(self.device, service)
        else:
            self.hands.told(self.device, service)
            key = self.screen.new_token()
            self.screen.ask(Asked(key=key, language=language, service=service))


class Fate(Enum):
    """How somebody leaves a desk."""

    SERVED = auto()
    TO_FETCH = auto()
    """Something is missing: the place in line is kept."""
    SENT_ON = auto()
    """To wait for another service."""


class DeskPlace:
    """The two chairs of a desk. Whoever has the number that the staff called sits down."""

    def __init__(self, desk: Desk, panel: tuple[Hands, str] | None) -> None:
        self.desk = desk
        self.panel = panel
        self.rung = asyncio.Event()
        """A board has called somebody here, and the staff have not taken note."""
        self.rung_number = ""
        """Whom it called."""
        self.stirred = asyncio.Event()
        """A board has called somebody here, or the panel's lamp is another."""
        if panel is not None:
            hands, device = panel
            with suppress(NoSuchThing):  # a panel without a lamp
                hands.watch_lamp(device, self.stirred.set)
        self.arrived = asyncio.Event()
        self.visitor: Character | None = None
        """Who sits here."""
        self.second_number = ""
        """Another ticket that the visitor has, and tells of."""
        self._expected = ""
        self._served: asyncio.Future[Fate] | None = None

    def expect(self, number: str) -> None:
        """The staff expect whoever has `number`."""
        self._expected = number
        self.arrived.clear()

    def give_up(self) -> None:
        """The staff expect nobody any more."""
        self._expected = ""

    def sit_down(self, visitor: Character, number: str, second_number: str = "") -> "asyncio.Future[Fate] | None":
        """What ends when one may go; None when one is not expected here, or not any more."""
        if not number or number != self._expected:
            return None
        self._expected = ""
        self.visitor, self.second_number = visitor, second_number
        self._served = asyncio.get_running_loop().create_future()
        self.arrived.set()
        return self._served

    def dismiss(self, fate: Fate = Fate.SERVED) -> None:
        """The visitor may go."""
        self.visitor = None
        if self._served is not None and not self._served.done():
            self._served.set_result(fate)


class Boards:
    """What is drawn on all boards, and who looks up at them."""

    def __init__(self, rang: Callable[[str, str], None]) -> None:
        """`rang(desk, number)` is told whom a board begins to call, and to which desk."""
        self._rang = rang
        self.first_drawn_s: dict[str, float] = {}
        """Number to the loop's instant at which a board first showed it."""
        self._drawn: dict[str, Sequence[CallPicture]] = {}
        self._looking: dict[str, Told] = {}

    def look_up(self, number: str, told: Told) -> None:
        """Call `told` whenever a board begins to show `number`, or shows it as new again."""
        self._looking[number] = told

    def look_away(self, number: str) -> None:
        self._looking.pop(number, None)

    def calling(self, number: str) -> str:
        """The desk that a board shows beside `number` now; empty if none does."""
        return next((call.desk for calls in self._drawn.values() for call in calls if call.number == number), "")

    def drawn(self, board: str, calls: Sequence[CallPicture]) -> None:
        """`board` shows these calls now."""
        last = self._drawn.get(board, ())
        if calls == last:
            return
        self._drawn[board] = calls
        before = {(call.number, call.desk, call.is_new) for call in last}
        now_s = asyncio.get_running_loop().time()
        for call in calls:
            if (call.number, call.desk, call.is_new) in before or (call.number, call.desk, True) in before:
                continue
            self.first_drawn_s.setdefault(call.number, now_s)
            self._rang(call.desk, call.number)
            if (told := self._looking.get(call.number)) is not None:
                told(call.desk)


class Hall:
    """The building of one lobby, with the nodes that hang in it."""

    def __init__(self, lobby: Lobby, posts: Mapping[str, Post], chance: random.Random) -> None:
        """`posts` by the name of their node."""
        self.lobby = lobby
        self.boards = Boards(self._rang)
        self.census = Census(lobby)
        self._chance = chance
        self._posts = posts
        self._frames = {door.id: DoorFrame() for door in lobby.doors}
        self.kiosks: list[KioskPlace] = []
        self.slips: list[Slip] = []
        """All that were torn off."""
        self._sign_rooms = {it.address: it.room for it in lobby.devices if it.kind is DeviceKind.SIGN}
        self._signs: list[tuple[str, Sign]] = []
        """With the room behind its door."""
        self._seen_boards: dict[tuple[str, str], Board] = {}
        self.look_around()
        panels: dict[str, tuple[Hands, str]] = {}
        for device in lobby.devices:
            match device.kind:
                case DeviceKind.COUNTER:
                    self._frames[device.door].counters.append((self._hands(device), device.id))
                case DeviceKind.KIOSK:
                    self.kiosks.append(self._kiosk(device))
                case DeviceKind.PANEL:
                    panels[device.desk] = (self._hands(device), device.id)
                case _:
                    pass
        self.desks = {desk.name: DeskPlace(desk, panels.get(desk.id)) for desk in lobby.desks}
        """By the name that stands above them."""
        self._entrances = {service.id: self._entrance(service.id) for service in lobby.services}

    def look_around(self) -> None:
        """See the screens that hang here: those of a node that has started again are others."""
        self._signs = [
            (self._sign_rooms[f"{name}/{sign.info.id}"], sign)
            for name, post in self._posts.items()
            for sign in post.signs
        ]
        self._seen_boards = {
            (name, board.info.id): board for name, post in self._posts.items() for board in post.boards
        }

    def drawn(self, node: str, board: str) -> None:
        """Look at what `board` shows now. Call it on the event loop."""
        picture = self._seen_boards[node, board].picture
        if picture is not None:
            self.boards.drawn(f"{node}/{board}", picture.calls)

    def _rang(self, desk: str, number: str) -> None:
        if (place := self.desks.get(desk)) is not None:
            place.rung_number = number
            place.rung.set()
            place.stirred.set()

    # --- going somewhere -------------------------------------------------------------------------------------

    def way(self, start: str, goal: str) -> list[Step]:
        """The doors from one room to another, the fewest; empty when there is no way but through the walls."""
        ways: dict[str, list[Step]] = {start: []}
        queue = deque([start])
        while queue and goal not in ways:
            room = queue.popleft()
            for door in self.lobby.doors:
                if room == door.from_room and door.to_room not in ways:
                    ways[door.to_room] = [*ways[room], Step(door.id, Crossing.ENTERED)]
                    queue.append(door.to_room)
                elif room == door.to_room and door.from_room not in ways:
                    ways[door.from_room] = [*ways[room], Step(door.id, Crossing.LEFT)]
                    queue.append(door.from_room)
        return ways.get(goal, [])

    async def walk(self, start: str, goal: str, people: int) -> None:
        """`people` go from one room to another, through every door on the way, one by one."""
        for door, way in self.way(start, goal):
            await self.go_through(door, way, people)

    async def go_through(self, door: str, way: Crossing, people: int) -> None:
        """`people` pass one door, one by one."""
        frame = self._frames[door]
        for _ in range(people):
            async with frame.free:
                frame.go_through(way)
                self.census.crossed(door, way)
                await asyncio.sleep(self._chance.uniform(*STEP_S))

    def frame(self, door: str) -> DoorFrame:
        return self._frames[door]

    def block(self, counter: str, *, is_blocked: bool) -> None:
        """Put something before a beam of the counter at `node/device`, or take it away. A blocked one sees nobody."""
        device = next(it for it in self.lobby.devices if it.address == counter)
        counters, its = self._frames[device.door].counters, (self._hands(device), device.id)
        its[0].block(device.id, is_blocked=is_blocked)
        if is_blocked:
            counters.remove(its)
        else:
            counters.append(its)

    def entrance(self, service: str) -> str:
        """The room that one comes into from outside, on the way to the desks of `service`."""
        return self._entrances[service]

    def is_by_invitation(self, service: str) -> bool:
        """It is written on the door: one takes a ticket outside and is invited in."""
        return any(room.admitted for room in self.lobby.rooms if room.id == self.entrance(service))

    def may_come_in(self, room: str) -> bool:
        """What the signs before the room say; where there is none, one walks in."""
        states = [sign.picture.state for behind, sign in self._signs if behind == room and sign.picture is not None]
        return not states or any(state is not SignState.WAIT for state in states)

    def invited(self, room: str) -> list[str]:
        """The numbers on the signs before the room, which may come in."""
        signs = (sign.picture for behind, sign in self._signs if behind == room)
        return [number for picture in signs if picture is not None for number in picture.invited]

    def join_path(self, room: str) -> str:
        """The address of the join page as a phone reads it at the door of the room: off the sign there, or off any
        other where there is none; on paper where no code is asked for. Empty when no sign shows one."""
        site = self.lobby.site
        if site.door_code == "printed":
            return f"/{site.id}/join"
        before = [sign for behind, sign in self._signs if behind == room] or [sign for _, sign in self._signs]
        shown = (sign.picture.join_url for sign in before if sign.picture is not None)
        url = next((url for url in shown if url), "")
        return "/" + url.split("/", 3)[3] if url else ""

    def _entrance(self, service: str) -> str:
        """The first room of a lobby without a way in."""
        desks = (desk for desk in self.lobby.desks if service in desk.serves)
        ways = (self.way(OUTSIDE, desk.room) for desk in desks)
        first = next((way[0].door for way in ways if way), None)
        return next((door.to_room for door in self.lobby.doors if door.id == first), self.lobby.rooms[0].id)

    # --- kiosks ----------------------------------------------------------------------------------------------

    def kiosk_for(self, service: str, room: str) -> KioskPlace | None:
        """One of the kiosks that have a key for `service`, best of those in `room`."""
        able = [kiosk for kiosk in self.kiosks if service in kiosk.services]
        able = [kiosk for kiosk in able if kiosk.room == room] or able
        return self._chance.choice(able) if able else None

    def has_kiosk_outside(self, service: str) -> bool:
        """Whether one gets a slip for `service` before one comes in."""
        return any(service in kiosk.services and kiosk.room == OUTSIDE for kiosk in self.kiosks)

    async def take_slip(self, kiosk: KioskPlace, service: str) -> str:
        """Press the key and tear off the slip: its number, empty when no slip comes. `kiosk.free` must be held."""
        self.tear_off(kiosk.printer)  # what others left hanging
        kiosk.ask(service, self.lobby.site.languages[0])
        give_up_s = asyncio.get_running_loop().time() + SLIP_WAIT_S
        while asyncio.get_running_loop().time() < give_up_s:
            await asyncio.sleep(SLIP_LOOK_S)
            if number := self.tear_off(kiosk.printer):
                return number
        return ""

    def tear_off(self, printer: str) -> str:
        """Everything that hangs from `printer` (`node/device`); the number of the first slip, empty if none hangs."""
        node, _, device = printer.partition("/")
        hands = self._posts[node].devices.hands
        assert hands is not None, "a simulated node has fakes"
        found = ""
        while (printed := hands.tear_off(device)) is not None:
            slip = slip_of(printer, printed)
            self.slips.append(slip)
            found = found or slip.number
        return found

    def _kiosk(self, device: Device) -> KioskPlace:
        post = self._posts[device.node]
        screen = post.devices.kiosks.get(device.id)
        services = frozenset(it.id for it in self.lobby.services) if screen else frozenset[str]()
        for config in post.config.devices:
            if config.id == device.id and isinstance(config, KioskGpio):
                services = frozenset(config.pins)
        return KioskPlace(
            hands=self._hands(device),
            device=device.id,
            services=services,
            screen=screen,
            printer=device.printer,
            room=device.room,
        )

    def _hands(self, device: Device) -> Hands:
        hands = self._posts[device.node].devices.hands
        assert hands is not None, "a simulated node has fakes"
        return hands
