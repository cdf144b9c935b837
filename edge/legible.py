"""Can it be read from where people sit? Millimetres and degrees; knows neither pages nor pixels of its own.

EN 301 549 V3.2.1, 5.1.4: a capital H is to be seen at an angle of 0.7 degrees at least, from the viewing distance that
the supplier names.
"""

import math

from msgspec import Struct

ANGLE_DEG = 0.7
NEEDED_MM_PER_M = 1000 * math.tan(math.radians(ANGLE_DEG))
"""12.2"""
WIDE = 9 / math.hypot(16, 9)
"""Height by diagonal of nearly all screens there are."""

ROW_CAPS = (0.160, 0.160, 0.122, 0.089, 0.069, 0.055)
"""By how many rows of calls the page of a board has, one to six: how high the capital letters of each row are, by the
height of a wide screen. As the page's style has them; a test with a browser holds them to it."""
BESIDE_CAP = 0.100
"""No letters are higher than this where pictures stand beside the calls."""


class Place(Struct, frozen=True):
    """A screen and the last of those who are to read it."""

    diagonal_mm: int
    distance_mm: int

    @property
    def needed_mm(self) -> float:
        """Height of a capital letter that can be read there."""
        return self.distance_mm / 1000 * NEEDED_MM_PER_M

    @property
    def needed_share(self) -> float:
        """The same, by the height of a wide screen."""
        return self.needed_mm / (self.diagonal_mm * WIDE)

    def height_mm(self, cap_px: float, width_px: int, height_px: int) -> float:
        """Of a capital letter that is `cap_px` high on the whole screen of `width_px` by `height_px`."""
        return cap_px * self.diagonal_mm / math.hypot(width_px, height_px)

    def is_legible(self, height_mm: float) -> bool:
        """To the millimetre: nobody measures a screen any finer."""
        return round(height_mm) >= round(self.needed_mm)


def rows_read(place: Place, *, beside: bool) -> int:
    """The most rows of calls that can be read from there, 1 to 6; 0 if not even one can."""
    fitting = [rows for rows, cap in enumerate(ROW_CAPS, 1) if _cap(cap, beside) >= place.needed_share]
    return max(fitting, default=0)


def screen_needed_mm(place: Place, *, beside: bool) -> int:
    """The diagonal of a wide screen on which one row can be read from there."""
    return math.ceil(place.needed_mm / _cap(ROW_CAPS[0], beside) / WIDE)


def _cap(share: float, beside: bool) -> float:
    return min(share, BESIDE_CAP) if beside else share
