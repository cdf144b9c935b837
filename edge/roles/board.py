"""The call board: which calls stand on it, which of them are new, and what it says when the hub is silent.

It knows the view and the moment. It does not know whether it is drawn on LEDs or on a screen, only how many calls
its driver can show at once.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from edge.by_hour import ByHour
from edge.display import Display, DisplayDriver, DisplayPicture, Moment, clock_text
from edge.hub_clock import LATE_S
from edge.role import Node
from wire.messages import BoardLine, BoardView, DeviceInfo, GateState, Label

NEW = timedelta(seconds=10)
"""For so long a call is new. People need some seconds to look up, compare their slip and find the desk."""
LATE = timedelta(seconds=LATE_S)
NEVER = datetime.max.replace(tzinfo=UTC)
TURN_S = 2.0
"""A call stays at least this long on a board that shows one at a time: long enough to be read twice."""
ROWS = 6
FLASH_DARK_S = ((0.5, 0.75), (1.0, 1.25))
"""When a new call is dark in its first turn. Two flashes a second: fewer than the three that may harm people."""


class CallPicture(Struct, frozen=True):
    """One call as it stands on a board."""

    number: str
    desk: str
    is_new: bool
    room: Label
    """Where the desk is; empty when it is here."""


class BoardPicture(DisplayPicture, frozen=True):
    """All that a board shows, whatever it is made of."""

    title: Label
    languages: tuple[str, ...]
    calls: tuple[CallPicture, ...]
    """Newest first; on a board that shows one at a time, the one that has its turn."""
    lines: tuple[BoardLine, ...]
    clock: str
    """hh:mm at the site; empty while the time is not known."""
    is_stale: bool
    """The hub is silent: the calls are old and must not be taken for current."""
    news_at: str
    """hh:mm when the hub was last heard; empty if never."""
    closes: str = ""
    """hh:mm when the opening hours end, once that is near and while people wait."""
    serves_all: bool = True
    """Whether everybody who waits then is still served."""
    notices: tuple[Label, ...] = ()
    """What all visitors should know; never those of an old view."""
    room_state: GateState | None = None
    """How full the room of the board is, in one word; None where nobody says. Never that of an old view."""
    leaves: bool = False
    """Everybody is to leave the building, also while the hub is silent; no calls are shown."""
    is_lit: bool = True
    """False in the dark moments of a flashing call."""
    contrast: int | None = None
    """How bright LEDs are now, 0 to 255; None where they are always the same."""
    rows: int = ROWS
    """Places for calls on a page, taken or not; with more calls there are more."""
    is_even: bool = False
    """All rows of a page are of one height, so that all can be read from afar; else the newest is the largest."""
    media: str = ""
    """The picture that a page shows beside the calls; empty for none."""
    too_small: tuple[int, int] | None = None
    """How high the letters of a page are and how high they must be to be read, in mm; None if they can be."""

    def gone_stale(self) -> "BoardPicture":
        """This picture when nothing has been heard since."""
        calls = tuple(replace(call, is_new=False) for call in self.calls)
        return replace(
            self,
            calls=calls,
            is_stale=True,
            news_at=self.news_at or self.clock,
            notices=(),
            room_state=None,
            is_lit=True,
            name="",
        )


class BoardDriver(DisplayDriver[BoardPicture], Protocol):
    """What a board is drawn on."""

    @property
    def calls_shown(self) -> int | None:
        """1 when it shows one call at a time, None when it shows all calls of a view."""


def board_picture(view: BoardView | None, moment: Moment) -> BoardPicture:
    """The board of `view` at `moment`, with all its calls. Without a view it is stale: there has been no news."""
    if view is None:
        return BoardPicture({}, (), (), (), moment.clock, is_stale=True, news_at="")
    new_after_at = _ago(moment, NEW)
    leaves = view.room_state is GateState.EVACUATE
    calls = () if leaves else view.calls
    picture = BoardPicture(
        title=view.title,
        languages=tuple(view.languages),
        calls=tuple([CallPicture(it.number, it.desk, it.called_at > new_after_at, it.room) for it in calls]),
        lines=tuple(view.lines),
        clock=moment.clock,
        is_stale=False,
        news_at=clock_text(moment.news_at),
        closes=view.closes,
        serves_all=view.serves_all,
        notices=tuple(it.text for it in view.notices),
        room_state=view.room_state,
        leaves=leaves,
    )
    return picture.gone_stale() if moment.is_silent else picture


def calls_change_at_s(view: BoardView, moment: Moment) -> float:
    """The loop's instant at which the next call stops being new; infinite when none is."""
    new_after_at = _ago(moment, NEW + LATE)
    called_at = [call.called_at for call in view.calls if call.called_at > new_after_at]
    return moment.instant_s(min(called_at) + NEW) if called_at else float("inf")


def _ago(moment: Moment, span: timedelta) -> datetime:
    """The instant `span` ago; as late as can be while the time is not known, so that nothing is after it.

    Reckoned in UTC: ten seconds after clocks were put back, ten seconds ago by the wall is an hour ago.
    """
    return moment.now_at.astimezone(UTC) - span if moment.now_at else NEVER


CallKey = tuple[str, str, datetime, int]
"""A call of a ticket; a recall is another."""


class Turns:
    """Which call has its turn on a board that shows one at a time.

    Calls that are new, or have not had a turn yet, take turns; the one that has waited longest is next. When there is
    none, the newest call stays. So calls that follow each other within a second are all seen.
    """

    def __init__(self) -> None:
        self._last_turn_s: dict[CallKey, float] = {}
        self._current: CallKey | None = None
        self._began_s = 0.0
        self._is_first_turn = False

    def choose(self, view: BoardView, calls: tuple[CallPicture, ...], now_s: float) -> tuple[int, bool, float]:
        """(index of the call that has its turn, whether it is lit, the loop's instant of the next change).

        `calls` are the pictures of `view.calls`, of which there is at least one.
        """
        keys = [(call.number, call.desk, call.called_at, call.times) for call in view.calls]
        self._last_turn_s = {key: at_s for key, at_s in self._last_turn_s.items() if key in keys}
        waiting = [i for i, key in enumerate(keys) if calls[i].is_new or key not in self._last_turn_s]
        if self._current and self._yields(
            self._current, {key: call.is_new for key, call in zip(keys, calls, strict=True)}
        ):
            if self._is_first_turn:
                del self._last_turn_s[self._current]
            self._current = None
        if self._current not in keys or now_s >= self._began_s + TURN_S:
            # The oldest of those that never had a turn comes first, but new calls before old ones.
            index = min(waiting, key=lambda i: (self._turn_s(keys[i]), not calls[i].is_new, -i), default=0)
            self._begin(keys[index], now_s)
        index = keys.index(self._current) if self._current in keys else 0
        flashes = self._is_first_turn and calls[index].is_new
        changes_at_s = [self._began_s + at_s for dark_s in FLASH_DARK_S for at_s in dark_s if flashes]
        if any(i != index for i in waiting):
            changes_at_s.append(self._began_s + TURN_S)
        is_dark = flashes and any(self._began_s + a <= now_s < self._began_s + b for a, b in FLASH_DARK_S)
        return index, not is_dark, min((at_s for at_s in changes_at_s if at_s > now_s), default=float("inf"))

    def _yields(self, current: CallKey, is_new: Mapping[CallKey, bool]) -> bool:
        """Whether the current call is an old one while a new one has not been seen yet: it has its turn afterwards."""
        return not is_new.get(current, True) and any(
            new and key not in self._last_turn_s for key, new in is_new.items()
        )

    def _turn_s(self, key: CallKey) -> float:
        return self._last_turn_s.get(key, float("-inf"))

    def _begin(self, key: CallKey, now_s: float) -> None:
        self._is_first_turn = key not in self._last_turn_s
        self._current, self._began_s = key, now_s
        self._last_turn_s[key] = now_s


class Board(Display[BoardView, BoardPicture]):
    """The role of a call board."""

    def __init__(
        self,
        node: Node,
        info: DeviceInfo,
        driver: BoardDriver,
        zone: tzinfo,
        on_drawn: Callable[[tuple[str, ...]], None] | None = None,
        *,
        contrast: ByHour | None = None,
    ) -> None:
        """`on_drawn(numbers)` is told what has been drawn as current, where the driver runs. `contrast` is how bright
        LEDs are, 0 to 255."""
        super().__init__(node, info, driver, BoardView, zone)
        self._contrast = contrast
        self._turns = Turns() if driver.calls_shown == 1 else None
        self._on_drawn = on_drawn

    def shine(self, contrast: ByHour) -> None:
        """Be so bright from now on."""
        self._contrast = contrast
        self._refresh()

    def compose(self, view: BoardView | None, moment: Moment) -> tuple[BoardPicture, float]:
        picture = board_picture(view, moment)
        if self._contrast is not None:
            picture = replace(picture, contrast=self._contrast.at(moment.now_at))
        if view is None or picture.is_stale or not picture.calls:
            return picture, moment.next_minute_s
        changes_at_s = min(moment.next_minute_s, calls_change_at_s(view, moment))
        if self._turns is None:
            return picture, changes_at_s
        index, is_lit, turn_at_s = self._turns.choose(view, picture.calls, moment.now_s)
        picture = replace(picture, calls=(picture.calls[index],), is_lit=is_lit)
        return picture, min(changes_at_s, turn_at_s)

    def drawn(self, picture: BoardPicture) -> None:
        is_current = picture.is_lit and not picture.is_stale and not picture.name
        if is_current and self._on_drawn is not None:
            self._on_drawn(tuple([call.number for call in picture.calls]))
