"""LED modules that are not there: they keep what they are sent, over a bus that can be broken by hand."""

import errno
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


class FakeLeds:
    """A row of modules. It keeps what it shows while its bus is broken."""

    def __init__(self, modules: int, row_px: int = 8) -> None:
        self.is_broken = False
        """Its bus takes nothing: a plug that came off, or no power behind it."""
        self.mode = "1"
        self.size = (modules * row_px, row_px)
        self.image: Image.Image | None = None
        """The pixels that are lit, as last sent."""

    def display(self, image: "Image.Image") -> None:
        """
        Raises:
            OSError: the bus is broken.
        """
        self._check()
        self.image = image

    def contrast(self, level: int) -> None:
        """
        Raises:
            OSError: the bus is broken.
        """
        self._check()

    def cleanup(self) -> None:
        """The modules stay: a later life of their node shows on them again."""

    def _check(self) -> None:
        if self.is_broken:
            raise OSError(errno.EIO, "Input/output error")
