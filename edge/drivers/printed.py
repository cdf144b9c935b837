"""What comes out of a fake printer: lines, pictures, codes, slips. Who looks at it need not know how it was printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property


class Align(IntEnum):
    LEFT = 0
    CENTRE = 1
    RIGHT = 2


@dataclass(frozen=True)
class PrintedLine:
    """One line of letters."""

    text: str
    width: int = 1
    height: int = 1
    is_bold: bool = False
    align: Align = Align.LEFT


@dataclass(frozen=True)
class PrintedImage:
    """Dots, a bit each, the highest bit leftmost, 1 is black."""

    width_px: int
    height_px: int
    dots: bytes
    align: Align = Align.LEFT


@dataclass(frozen=True)
class PrintedCode:
    """A QR code that the printer has made of its text."""

    payload: str
    level: str
    """Error correction: L, M, Q or H."""
    module_px: int
    align: Align = Align.LEFT

    @cached_property
    def image(self) -> PrintedImage:
        """The code without a border, made when somebody looks: few slips are looked at so closely."""
        import segno

        code = segno.make(self.payload, error=self.level, boost_error=False, micro=False)
        rows = [list(row) for row in code.matrix_iter(scale=self.module_px, border=0)]
        stride = -(-len(rows) // 8)
        dots = b"".join(_packed(row, stride) for row in rows)
        return PrintedImage(stride * 8, len(rows), dots, self.align)


def _packed(bits: Sequence[int], stride: int) -> bytes:
    """A row of dots as `stride` bytes, filled up with white."""
    return int("".join(map(str, bits)).ljust(stride * 8, "0"), 2).to_bytes(stride, "big")


Row = PrintedLine | PrintedImage | PrintedCode


@dataclass(frozen=True)
class PrintedSlip:
    """What came out of the printer between two cuts."""

    rows: tuple[Row, ...]
    is_cut: bool = True

    @property
    def text(self) -> str:
        """All lines that have letters."""
        return "\n".join(row.text for row in self.rows if isinstance(row, PrintedLine) and row.text)

    @property
    def images(self) -> list[PrintedImage]:
        """All that is made of dots, drawn codes too."""
        found = (row.image if isinstance(row, PrintedCode) else row for row in self.rows)
        return [row for row in found if isinstance(row, PrintedImage)]
