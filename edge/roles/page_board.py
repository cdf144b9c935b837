"""A call board on a screen: how many rows can be read from where people sit, and the pictures beside them.

It knows where the screen hangs and what a browser says of its letters. It does not know how a page is made.
"""

import asyncio
from collections.abc import Callable
from datetime import tzinfo
from typing import Protocol

from msgspec.structs import replace

from edge.display import Moment
from edge.errors import DeviceFault
from edge.lane import Condition
from edge.legible import Place, rows_read
from edge.role import Node
from edge.roles.board import Board, BoardDriver, BoardPicture
from wire.messages import BoardView, DeviceInfo


class Pictures(Protocol):
    """What is shown beside the calls."""

    def shown(self, now_s: float) -> tuple[str, float]:
        """The name of the picture at the loop's instant `now_s`, empty for none, and when there is another."""

    async def keep_looking(self, changed: Callable[[], None], failed: Callable[[Exception | None], None]) -> None:
        """Until cancelled; `failed` is told of every look, with None if it went well."""


class PageBoard(Board):
    """The role of a call board that is a page."""

    def __init__(
        self,
        node: Node,
        info: DeviceInfo,
        driver: BoardDriver,
        zone: tzinfo,
        on_drawn: Callable[[tuple[str, ...]], None] | None = None,
        *,
        place: Place | None = None,
        pictures: Pictures | None = None,
    ) -> None:
        """Without `place` nobody has said from where it is to be read: it looks as usual, and is not judged."""
        super().__init__(node, info, driver, zone, on_drawn)
        self._place = place
        self._pictures = pictures
        self._rows = 0 if place is None else rows_read(place, beside=pictures is not None)
        self._found_mm: int | None = None
        """How high the smallest letters of the calls are; None while no browser has said so."""
        self._letters = Condition(node, info.id, "letters")
        self._pictures_work = Condition(node, info.id, "pictures")

    def compose(self, view: BoardView | None, moment: Moment) -> tuple[BoardPicture, float]:
        picture, changes_at_s = super().compose(view, moment)
        if self._rows:
            picture = replace(picture, rows=self._rows, is_even=True)
        if self._is_too_small and self._place is not None and self._found_mm is not None:
            picture = replace(picture, too_small=(self._found_mm, round(self._place.needed_mm)))
        if self._pictures is not None:
            name, turns_at_s = self._pictures.shown(moment.now_s)
            picture, changes_at_s = replace(picture, media=name), min(changes_at_s, turns_at_s)
        return picture, changes_at_s

    def measured(self, cap_px: float, width_px: int, height_px: int) -> None:
        """A browser says how high its smallest capital letters of calls are, on a screen of that size."""
        if self._place is None:
            return
        found_mm = round(self._place.height_mm(cap_px, width_px, height_px))
        if found_mm != self._found_mm:
            self._found_mm = found_mm
            self._tell()
            self._refresh()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(super().run())
            if self._pictures is not None:
                group.create_task(self._pictures.keep_looking(self._refresh, self._note_pictures))

    @property
    def _is_too_small(self) -> bool:
        return self._place is not None and self._found_mm is not None and not self._place.is_legible(self._found_mm)

    def _note_pictures(self, error: Exception | None) -> None:
        if error is None:
            self._pictures_work.worked()
        else:
            self._pictures_work.failed(error)

    def _tell(self) -> None:
        if not self._is_too_small or self._place is None:
            self._letters.worked()
            return
        found_mm, needed_mm = self._found_mm, round(self._place.needed_mm)
        self._letters.failed(
            DeviceFault(
                f"letters are {found_mm} mm high and must be {needed_mm} to be read from "
                f"{self._place.distance_mm} mm; show fewer calls, or hang up a larger screen"
            )
        )
