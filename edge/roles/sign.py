"""The door sign: may people come in, how full is it, where do they take a ticket, and with which code.

It knows the view and the moment. Above all it never says "come in" on the strength of an old view, never shows an
unknown number of people as zero, and never shows a code that would be refused.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from edge.display import Display, DisplayDriver, DisplayPicture, Moment, clock_text
from edge.role import Node
from wire import door_code
from wire.messages import DeviceInfo, DoorCode, Gate, GateState, Label, SignView

EXACT_MIN = 10
"""Waits up to here are told by the minute, longer ones in steps of `STEP_MIN`: more would be a promise."""
STEP_MIN = 5


class SignState(StrEnum):
    """What a sign tells the people before it."""

    COME_IN = "come-in"
    WAIT = "wait"
    CLOSED = "closed"
    LEAVE = "leave"
    """Everybody is to leave the building, also while the hub is silent."""
    STALE = "stale"
    """The hub is silent: ask inside."""


class SignPicture(DisplayPicture, frozen=True):
    """All that a sign shows."""

    title: Label
    languages: tuple[str, ...]
    state: SignState
    join_url: str
    """What the QR code holds; empty when no ticket can be had that way now."""
    people: int | None
    """None while they cannot be counted."""
    limit: int
    free: int | None
    waiting: int
    wait_min: int | None
    """About how long who joins now will wait, rounded up; None if it cannot be said."""
    clock: str
    """hh:mm at the site; empty while the time is not known."""
    news_at: str
    """hh:mm when the hub was last heard; empty if never, or while it is heard."""
    invited: tuple[str, ...] = ()
    """Numbers that may come in now; everybody else waits while there are any. Never those of an old view."""
    outside: int = 0
    """Tickets whose visitors wait here to be invited in."""
    notices: tuple[Label, ...] = ()
    """What all visitors should know; never those of an old view."""
    join_at: str = ""
    """The address for those who type it."""
    code: str = ""
    """And what they type there; empty when no code is asked for."""
    room_state: GateState | None = None
    """How full the room is, in one word; None where nobody says. Never that of an old view."""
    rings: bool = False
    """A page makes itself heard when another number is invited."""

    def gone_stale(self) -> "SignPicture":
        """This picture when nothing has been heard since. Who has to leave the building still has to."""
        return replace(
            self,
            state=SignState.LEAVE if self.state is SignState.LEAVE else SignState.STALE,
            join_url="",
            people=None,
            free=None,
            wait_min=None,
            news_at=self.news_at or self.clock,
            invited=(),
            outside=0,
            notices=(),
            room_state=None,
            join_at="",
            code="",
            name="",
        )


class WayIn(Struct, frozen=True):
    """How to take a ticket by phone, for a while."""

    join_url: str = ""
    join_at: str = ""
    code: str = ""
    until_at: datetime | None = None
    """When there is another way; None for never."""


NO_WAY_IN = WayIn()


def way_in(view: SignView, moment: Moment) -> WayIn:
    """With the code of the moment. While the hub is silent only a code of one's own is still good, and for a while."""
    if view.gate is Gate.CLOSED or view.room_state is GateState.EVACUATE:
        return NO_WAY_IN
    if view.door is not None:
        return _way_in_by_code(view.join_url, view.door, moment)
    return NO_WAY_IN if moment.is_silent else WayIn(join_url=view.join_url)


def _way_in_by_code(join_url: str, door: DoorCode, moment: Moment) -> WayIn:
    now_at, ends_at = moment.now_at, door.until_at
    if moment.is_silent and moment.news_at is not None:
        ends_at = min(ends_at, moment.news_at + timedelta(seconds=door.alone_s))
    if now_at is None or now_at >= ends_at:
        return NO_WAY_IN
    step = door_code.step_at(now_at, door.step_s)
    code = door_code.code_of(door.secret, door.step_s, step)
    return WayIn(
        join_url=f"{join_url}?code={code}",
        join_at=join_url.partition("://")[2],
        code=door_code.shown(code),
        until_at=min(ends_at, datetime.fromtimestamp((step + 1) * door.step_s, UTC)),
    )


def sign_picture(view: SignView | None, moment: Moment) -> SignPicture:
    """The sign of `view` at `moment`. Without a view it is stale: there has been no news."""
    return _picture(view, moment, NO_WAY_IN if view is None else way_in(view, moment))


def _picture(view: SignView | None, moment: Moment, way: WayIn) -> SignPicture:
    if view is None:
        return SignPicture({}, (), SignState.STALE, "", None, 0, None, 0, None, moment.clock, "")
    leaves = view.room_state is GateState.EVACUATE
    picture = SignPicture(
        title=view.title,
        languages=tuple(view.languages),
        # Who is invited may come in even after the lobby has closed to others.
        state=SignState.LEAVE if leaves else SignState.COME_IN if view.invited else SignState(view.gate.value),
        join_url=way.join_url,
        people=view.people,
        limit=view.limit,
        free=view.free,
        waiting=view.waiting,
        wait_min=None if view.wait_s is None else rounded_wait_min(view.wait_s),
        clock=moment.clock,
        news_at=clock_text(moment.news_at),
        invited=() if leaves else tuple(view.invited),
        outside=view.outside,
        notices=tuple(it.text for it in view.notices),
        join_at=way.join_at,
        code=way.code,
        room_state=view.room_state,
    )
    if not moment.is_silent:
        return picture
    return replace(picture.gone_stale(), join_url=way.join_url, join_at=way.join_at, code=way.code)


def rounded_wait_min(wait_s: int) -> int:
    """Minutes, rounded up: people forgive a wait that was shorter than said."""
    minutes = -(-wait_s // 60)
    return minutes if minutes <= EXACT_MIN else -(-minutes // STEP_MIN) * STEP_MIN


class Sign(Display[SignView, SignPicture]):
    """The role of a door sign."""

    def __init__(self, node: Node, info: DeviceInfo, driver: DisplayDriver[SignPicture], zone: tzinfo) -> None:
        super().__init__(node, info, driver, SignView, zone)

    def compose(self, view: SignView | None, moment: Moment) -> tuple[SignPicture, float]:
        way = NO_WAY_IN if view is None else way_in(view, moment)
        changes_at_s = float("inf") if way.until_at is None else moment.instant_s(way.until_at)
        return _picture(view, moment, way), min(moment.next_minute_s, changes_at_s)
