"""What boards and signs share: a view from the hub, the hub's clock, and a picture that follows from both.

A display redraws when its view changes, when its picture changes by itself, and when the hub falls silent or is heard
again. It does not know what is in a picture or how it is drawn.
"""

import asyncio
from abc import abstractmethod
from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Generic, Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from edge.hub_clock import LATE_S
from edge.lane import LatestLane
from edge.role import Node, Role
from wire.messages import DeviceInfo, Done, DoneOutcome, Identify, Job, Show, View

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US

ViewT = TypeVar("ViewT", bound=View)


class DisplayPicture(Struct, frozen=True, kw_only=True):
    """What the pictures of all displays hold."""

    name: str = ""
    """`node/device`, shown large in place of everything else so that somebody in the lobby finds this display; empty at
    all other times."""


PictureT = TypeVar("PictureT", bound=DisplayPicture)
PictureIn = TypeVar("PictureIn", contravariant=True)


class Moment(Struct, frozen=True):
    """When a picture is composed."""

    now_s: float
    """By the event loop's clock."""
    now_at: datetime | None
    """By the hub's wall clock, in the site's time zone; None before the first HubTime."""
    news_at: datetime | None
    """While the hub is silent, until when the view was current, by the same clock: when the hub was last heard, or last
    understood."""
    is_silent: bool
    """The hub is not heard, or not understood: nothing may be shown as current."""

    @property
    def clock(self) -> str:
        return clock_text(self.now_at)

    def instant_s(self, at: datetime) -> float:
        """The loop's instant of the wall's instant `at`; None counts as far away."""
        return self.now_s + (at - self.now_at).total_seconds() + LATE_S if self.now_at else float("inf")

    @property
    def next_minute_s(self) -> float:
        """The loop's instant at which the clock's text changes."""
        if self.now_at is None:
            return float("inf")
        left_us = MINUTE_US - self.now_at.second * SECOND_US - self.now_at.microsecond
        return self.now_s + left_us / SECOND_US + LATE_S


def clock_text(at: datetime | None) -> str:
    """Hours and minutes; empty for None."""
    return "" if at is None else f"{at.hour:02}:{at.minute:02}"


class DisplayDriver(Protocol[PictureIn]):
    """Something that shows pictures, one call at a time."""

    @property
    def is_instant(self) -> bool:
        """True if `draw` only takes note of the picture and cannot fail: it is called on the event loop. The others
        are called from a worker thread."""

    def draw(self, picture: PictureIn) -> None:
        """Show `picture` in place of what is shown now.

        Raises:
            DeviceFault: it cannot be shown; the same picture, or a newer one, is tried again.
        """

    def close(self) -> None: ...


class Display(Role, Generic[ViewT, PictureT]):
    """The role of a device that shows a view."""

    def __init__(
        self, node: Node, info: DeviceInfo, driver: DisplayDriver[PictureT], view_type: type[ViewT], zone: tzinfo
    ) -> None:
        super().__init__(node, info)
        self.view: ViewT | None = None
        self.picture: PictureT | None = None
        """As last composed; it may still wait in the lane."""
        self.watch: Callable[[PictureT], None] = lambda picture: None
        """Told what the driver has shown. Called where the driver runs."""
        self._driver = driver
        self._view_type = view_type
        self._zone = zone
        self._was_silent = True
        self._is_lost = False
        """A view came that could not be understood, and none since that could."""
        self._lost_at: datetime | None = None
        """When it came, by the hub's wall clock."""
        self._named_until_s = 0.0
        """The loop's instant until which the display shows its name."""
        self._lane = None if driver.is_instant else LatestLane[PictureT](node, info.id, self._draw)
        self._change: asyncio.TimerHandle | None = None

    @abstractmethod
    def compose(self, view: ViewT | None, moment: Moment) -> tuple[PictureT, float]:
        """The picture now, and the loop's instant at which it changes by itself (infinite for never)."""

    def drawn(self, picture: PictureT) -> None:
        """The driver has shown `picture`. Called where the driver runs."""

    @property
    def queue_length(self) -> int:
        return 0 if self._lane is None else self._lane.queue_length

    def show(self, show: Show) -> bool:
        if not isinstance(show.view, self._view_type):
            return False
        self.view = show.view
        self._is_lost = False
        self._refresh()
        return True

    def lose_view(self) -> None:
        if not self._is_lost:
            self._is_lost = True
            self._lost_at = self.node.hub_clock.wall_at()
            self._refresh()

    def job(self, job: Job) -> None:
        if not isinstance(job.body, Identify):
            super().job(job)
            return
        self._named_until_s = asyncio.get_running_loop().time() + job.body.seconds
        self._refresh()
        self.node.send_done(self.info.id, Done(id=job.id, outcome=DoneOutcome.DONE))

    async def run(self) -> None:
        self._refresh()
        self.node.hub_clock.watch(self._note_hub)
        if self._lane is not None:
            await self._lane.run()

    def close(self) -> None:
        if self._change is not None:
            self._change.cancel()
        self._driver.close()

    def _note_hub(self, is_silent: bool) -> None:
        if is_silent != self._was_silent:
            self._refresh()

    def _draw(self, picture: PictureT) -> None:
        self._driver.draw(picture)
        self.drawn(picture)
        self.watch(picture)

    def _refresh(self) -> None:
        """Compose the picture of this moment, hand it over if it is another, and come back when it changes."""
        if self._change is not None:
            self._change.cancel()
        moment = self._moment()
        picture, changes_at_s = self.compose(self.view, moment)
        if moment.now_s < self._named_until_s:
            picture = replace(picture, name=f"{self.node.name}/{self.info.id}")
            changes_at_s = min(changes_at_s, self._named_until_s)
        self._change = None
        if changes_at_s < float("inf"):
            self._change = asyncio.get_running_loop().call_at(changes_at_s, self._refresh)
        if picture != self.picture:
            self.picture = picture
            if self._lane is None:
                self._draw(picture)
            else:
                self._lane.put(picture)

    def _moment(self) -> Moment:
        hub = self.node.hub_clock.read()
        self._was_silent = hub is None or hub.is_silent
        is_silent = self._was_silent or self._is_lost
        news_at = None
        if is_silent:
            news_at = self._lost_at if self._is_lost else None if hub is None else hub.heard_at
        return Moment(
            now_s=asyncio.get_running_loop().time(),
            now_at=None if hub is None else hub.wall_at.astimezone(self._zone),
            news_at=None if news_at is None else news_at.astimezone(self._zone),
            is_silent=is_silent,
        )
