"""A call board in a browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from edge.legible import Place, rows_read, screen_needed_mm
from edge.role import Role
from edge.roles.page_board import PageBoard
from edge.settings import DeviceSettings, between
from edge.toolbox import Toolbox


@dataclass(frozen=True, kw_only=True)
class BoardPage(DeviceSettings):
    """A call board as a page for the browser beside the agent."""

    kind: Literal["board"]
    driver: Literal["page"] = "page"
    diagonal_mm: Annotated[int, between(100, 10_000, "a diagonal in mm")] | None = None
    distance_mm: Annotated[int, between(300, 100_000, "a distance in mm")] | None = None
    media_dir: Path | None = None
    media_s: Annotated[int, between(3, 3_600, "a number of seconds")] = 15

    @property
    def place(self) -> Place | None:
        """Where it hangs; None if that has not been said."""
        if self.diagonal_mm is None or self.distance_mm is None:
            return None
        return Place(self.diagonal_mm, self.distance_mm)

    def warnings(self) -> Iterator[str]:
        place, beside = self.place, self.media_dir is not None
        if (self.diagonal_mm is None) != (self.distance_mm is None):
            yield "whether it can be read takes diagonal_mm and distance_mm; give both"
        if place is not None and not rows_read(place, beside=beside):
            yield (
                f"calls cannot be read from {place.distance_mm} mm: that takes letters of {place.needed_mm:.0f} mm, "
                f"and a screen of {screen_needed_mm(place, beside=beside)} mm instead of {place.diagonal_mm}"
            )

    def build(self, toolbox: Toolbox) -> Role:
        from edge.screens.media import Media

        screen = toolbox.screen(self)
        screen.media = None if self.media_dir is None else Media(self.media_dir, self.media_s)
        board = PageBoard(
            toolbox.node,
            toolbox.info(self),
            screen,
            toolbox.zone,
            toolbox.drawn_on(self),
            place=self.place,
            pictures=screen.media,
        )
        screen.measured = board.measured
        return board
