"""Reads a slip's bytes as a second pair of eyes: by the printers' reference and not by our fake, and draws the picture.

It knows a short list of commands, with exact lengths, and refuses every other byte. Text is drawn in a font of the
system, so that somebody can look at it; codes are drawn dot by dot, so that a reader of codes can read them.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from PIL import Image, ImageDraw, ImageFont

T = TypeVar("T")

LETTER_PX, LINE_PX = 12, 30
"""Font A of nearly all printers."""
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono{}.ttf"
CODE_PAGES = {0: "cp437", 19: "cp858"}
LEVELS = {48: "l", 49: "m", 50: "q", 51: "h"}


class NotAllowed(ValueError):
    """A byte that no slip of ours needs."""


@dataclass
class ReadSlip:
    """What a slip says, and how it looks."""

    lines: list[str] = field(default_factory=list)
    picture: Image.Image = field(default_factory=lambda: Image.new("L", (1, 1), 255))
    cuts: int = 0


def _font(is_bold: bool) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    path = Path(FONT.format("-Bold" if is_bold else ""))
    return ImageFont.truetype(path, 20) if path.exists() else ImageFont.load_default(20)


class _Paper:
    """A roll of paper that grows as it is printed on."""

    def __init__(self, width_px: int) -> None:
        self.width_px = width_px
        self._strips: list[Image.Image] = []

    def text(self, text: str, width: int, height: int, *, is_bold: bool) -> None:
        strip = Image.new("L", (self.width_px, LINE_PX * height), 255)
        if text:
            font = _font(is_bold)
            letters = Image.new("L", (LETTER_PX * len(text), LINE_PX), 255)
            for place, letter in enumerate(text):
                ImageDraw.Draw(letters).text((place * LETTER_PX, 2), letter, fill=0, font=font)
            letters = letters.resize((letters.width * width, LINE_PX * height))
            if letters.width > self.width_px:
                raise NotAllowed(f"{text!r} is wider than the paper")
            strip.paste(letters, ((self.width_px - letters.width) // 2, 0))
        self._strips.append(strip)

    def dots(self, dots: Image.Image) -> None:
        if dots.width > self.width_px:
            raise NotAllowed(f"a picture of {dots.width} dots is wider than the paper")
        strip = Image.new("L", (self.width_px, dots.height), 255)
        strip.paste(dots, ((self.width_px - dots.width) // 2, 0))
        self._strips.append(strip)

    @property
    def picture(self) -> Image.Image:
        whole = Image.new("L", (self.width_px, sum(it.height for it in self._strips)), 255)
        y = 0
        for strip in self._strips:
            whole.paste(strip, (0, y))
            y += strip.height
        return whole


def read_slip(data: bytes, columns: int) -> ReadSlip:
    """
    Raises:
        NotAllowed: there is something in it that is not on the list, does not fit, or is not whole.
    """
    reader = _Reader(data, columns)
    while reader.left:
        reader.read_one()
    if reader.text:
        raise NotAllowed(f"{reader.text!r} is never printed")
    reader.slip.picture = reader.paper.picture
    return reader.slip


class _Reader:
    """Takes a slip apart, command by command."""

    def __init__(self, data: bytes, columns: int) -> None:
        self.left = data
        self.slip, self.paper, self.text = ReadSlip(), _Paper(columns * LETTER_PX), b""
        self._reset()
        self._module_px, self._level, self._stored = 3, "l", b""
        self._commands = {
            b"\x1b@": self._reset,
            b"\x1bt": self._code_page,
            b"\x1ba": self._middle,
            b"\x1bE": self._bold,
            b"\x1bd": self._feed,
            b"\x1d!": self._size,
            b"\x1dV": self._cut,
            b"\x1de": self._present,
            b"\x1dv": self._raster,
            b"\x1d(": self._code,
        }

    def read_one(self) -> None:
        first = self._take(1)
        if first in (b"\x1b", b"\x1d"):
            name = first + self._take(1)
            if name not in self._commands:
                raise NotAllowed(f"{name!r} is no command of a slip")
            self._commands[name]()
        elif first == b"\n":
            self._line()
        elif first >= b" ":
            self.text += first
        elif first != b"\r":
            raise NotAllowed(f"{first!r} is no letter")

    def _take(self, count: int) -> bytes:
        piece, self.left = self.left[:count], self.left[count:]
        return _only(len(piece) == count, piece, "it ends in the midst of a command")

    def _reset(self) -> None:
        self._page, self._width, self._height, self._is_bold, self.text = "cp437", 1, 1, False, b""

    def _line(self) -> None:
        said, self.text = self.text.decode(self._page), b""
        self.paper.text(said, self._width, self._height, is_bold=self._is_bold)
        self.slip.lines += [said] if said else []

    def _code_page(self) -> None:
        page = self._take(1)[0]
        self._page = CODE_PAGES[_only(page in CODE_PAGES, page, f"code page {page}")]

    def _middle(self) -> None:
        where = self._take(1)
        _only(where in (b"\x01", b"1"), where, "everything of ours stands in the middle")

    def _bold(self) -> None:
        self._is_bold = bool(self._take(1)[0] & 1)

    def _feed(self) -> None:
        for _ in range(self._take(1)[0]):
            self.paper.text("", 1, 1, is_bold=False)

    def _size(self) -> None:
        size = self._take(1)[0]
        self._width, self._height = (size >> 4) + 1, (size & 15) + 1

    def _cut(self) -> None:
        kind = _only((it := self._take(1)) in (b"\x00", b"\x01", b"A", b"B"), it, f"GS V {it!r}")
        self._take(1 if kind in (b"A", b"B") else 0)
        self.slip.cuts += 1

    def _present(self) -> None:
        _only((it := self._take(1)) == b"\x03", it, f"GS e {it!r}")
        self._take(1)

    def _raster(self) -> None:
        head = _only((it := self._take(6))[:2] == b"0\x00", it, f"GS v {it[:2]!r}")
        stride, rows = head[2] + 256 * head[3], head[4] + 256 * head[5]
        dots = Image.frombytes("1", (stride * 8, rows), self._take(stride * rows))
        self.paper.dots(dots.convert("L").point(lambda it: 255 - it))

    def _code(self) -> None:
        _only((it := self._take(1)) == b"k", it, f"GS ( {it!r}")
        length = self._take(2)
        body = self._take(length[0] + 256 * length[1])
        match body[:2], body[2:]:
            case b"1A", b"2\x00":
                pass
            case b"1C", size_px:
                self._module_px = size_px[0]
            case b"1E", level:
                self._level = LEVELS[level[0]]
            case b"1P", payload if payload[:1] == b"0":
                self._stored = payload[1:]
            case b"1Q", b"0":
                self.paper.dots(_drawn(self._stored, self._level, self._module_px))
            case _:
                raise NotAllowed(f"GS ( k {body[:3]!r}")


def _only(is_allowed: bool, it: T, why: str) -> T:
    if not is_allowed:
        raise NotAllowed(why)
    return it


def _drawn(payload: bytes, level: str, module_px: int) -> Image.Image:
    """What a printer draws."""
    import segno

    code = segno.make(payload.decode(), error=level, boost_error=False, micro=False)
    rows = [[0 if dark else 255 for dark in row] for row in code.matrix_iter(scale=module_px, border=0)]
    picture = Image.new("L", (len(rows[0]), len(rows)), 255)
    picture.putdata([dot for row in rows for dot in row])
    return picture
