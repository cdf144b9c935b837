"""What the tests of boards and signs share: a hub that can fall silent, and views told in few words."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from edge.node import Node
from edge.role import Role
from wire.link import HeardTime, Listener, heard_at_s
from wire.messages import (
    BoardCall,
    BoardLine,
    BoardView,
    DeviceInfo,
    Gate,
    HubTime,
    Message,
    RoomQuality,
    Show,
    SignView,
    View,
)
from wire.silence import Silence, Watch

TITLE = {"fr": "Mairie", "en": "Town hall", "de": "Gemeindeverwaltung", "it": "Amministrazione comunale"}
FR_EN = ("fr", "en")
START_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class HubOnAir:
    """A link that publishes nothing and hears the hub's time for as long as it is told to."""

    is_connected = False

    def __init__(self) -> None:
        self._heard: HeardTime | None = None

    def hub_time(self, site: str) -> HeardTime | None:
        return self._heard

    def when_silent(self, site: str, after_s: float, tell: Callable[[], None]) -> Callable[[], None]:
        watch = Watch(tell)
        Silence(lambda: heard_at_s(self.hub_time(site)), after_s).add(watch)
        return watch.give_up

    async def announce(self, topic: str, payload: bytes) -> None:
        raise NotImplementedError

    async def publish(self, topic: str, message: Message) -> None:
        raise NotImplementedError

    async def run(self, listener: Listener) -> None:
        raise NotImplementedError

    async def speak(self, for_s: int) -> None:
        """Tell the time each second, as a hub does; the wall clock was `START_AT` when the loop's was 0."""
        for _ in range(for_s):
            now_s = asyncio.get_running_loop().time()
            wall_at = START_AT + timedelta(seconds=now_s)
            self._heard = HeardTime(HubTime(term=1, seq=0, boot="boot", ms=round(now_s * 1000), wall_at=wall_at), now_s)
            await asyncio.sleep(1)


async def at_work(role: Role) -> None:
    """Run `role` as its agent does, until cancelled."""
    try:
        await role.run()
        await asyncio.Event().wait()
    finally:
        role.node.hub_clock.close()


def a_node(link: HubOnAir) -> Node:
    return Node(link, site="hall", name="node", session="session", new_token=lambda: "token")


def a_device(kind: str) -> DeviceInfo:
    return DeviceInfo(id=f"{kind}-1", kind=kind)


def shown(view: View) -> Show:
    return Show(term=1, seq=1, view=view)


def a_call(number: str, desk: str, called_at: datetime = START_AT, times: int = 1) -> BoardCall:
    return BoardCall(number=number, desk=desk, called_at=called_at, times=times)


def a_board(calls: Sequence[BoardCall], lines: Sequence[BoardLine] = (), languages: Sequence[str] = FR_EN) -> BoardView:
    return BoardView(title=TITLE, languages=list(languages), calls=list(calls), lines=list(lines))


def a_sign(
    gate: Gate = Gate.COME_IN,
    *,
    people: int | None = 12,
    wait_s: int | None = 480,
    invited: Sequence[str] = (),
    outside: int = 0,
    languages: Sequence[str] = FR_EN,
) -> SignView:
    return SignView(
        title=TITLE,
        languages=list(languages),
        join_url="https://guichet.example.org/join/front",
        gate=gate,
        quality=RoomQuality.UNKNOWN if people is None else RoomQuality.LIVE,
        people=people,
        limit=30,
        free=None if people is None else 30 - people,
        waiting=4,
        wait_s=wait_s,
        invited=list(invited),
        outside=outside,
    )
