"""Pictures that a board shows beside its calls: a folder of them, one after the other.

It knows files and instants. It looks into the folder now and then, off the event loop, since the folder may be on a
slow card or on another machine.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

from edge.errors import DeviceFault

MEDIA_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
}
"""No SVG: it can hold scripts."""
PICTURES_MAX = 200
BYTES_MAX = 16_000_000
"""A picture for a screen is a tenth of that; more would choke the browser of a Pi."""
LOOK_EVERY_S = 30.0


class Media:
    """The pictures of one board."""

    def __init__(self, folder: Path, turn_s: int) -> None:
        """Each picture stays for `turn_s`."""
        self.names: tuple[str, ...] = ()
        """Those that are shown, in the order of their names."""
        self._folder = folder
        self._turn_s = turn_s

    def shown(self, now_s: float) -> tuple[str, float]:
        """The picture of the moment (empty for none), and the loop's instant at which there is another."""
        if not self.names:
            return "", float("inf")
        turn = int(now_s // self._turn_s)
        ends_s = (turn + 1) * self._turn_s if len(self.names) > 1 else float("inf")
        return self.names[turn % len(self.names)], ends_s

    def look(self) -> tuple[str, ...]:
        """What the folder holds now. Blocks.

        Raises:
            DeviceFault: it cannot be read.
        """
        try:
            found = [it.name for it in self._folder.iterdir() if _is_picture(it)]
        except OSError as error:
            needs = "give the pictures beside the calls a folder that the agent may read"
            raise DeviceFault(f"{self._folder} cannot be read ({error.strerror}); {needs}") from error
        return tuple(sorted(found)[:PICTURES_MAX])

    async def keep_looking(self, changed: Callable[[], None], failed: Callable[[Exception | None], None]) -> None:
        """Until cancelled. `failed(error)` is told of every look; None for one that went well."""
        while True:
            try:
                names = await asyncio.to_thread(self.look)
            except DeviceFault as error:
                names = ()
                failed(error)
            else:
                failed(None)
            if names != self.names:
                self.names = names
                changed()
            await asyncio.sleep(LOOK_EVERY_S)

    def read(self, name: str) -> tuple[bytes, str] | None:
        """Content and media type of one that is shown; None for anything else. Blocks."""
        if name not in self.names:
            return None
        file = self._folder / name
        try:
            return file.read_bytes(), MEDIA_TYPES[file.suffix.lower()]
        except OSError:
            return None  # it has gone since; the next look sees that too


def _is_picture(file: Path) -> bool:
    if file.suffix.lower() not in MEDIA_TYPES or file.name.startswith("."):
        return False
    return file.is_file() and file.stat().st_size <= BYTES_MAX
