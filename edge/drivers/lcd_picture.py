"""A door sign as pixels of a small panel: what to do by word, shape and colour, the code, how full it is.

Address and digits, for those who type, have no room here in letters that could be read.

Pure: a picture, a size and fonts go in, an image comes out. The first of the picture's languages is the one that is
spoken; whoever makes the picture has them take turns.
"""

import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import segno
from PIL import Image, ImageDraw, ImageFont

import words
from edge.roles.sign import SignPicture, SignState

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw as Draw
    from PIL.ImageFont import FreeTypeFont

FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf")
"""Debian's fonts-dejavu-core."""

NIGHT, PAPER, INK, QUIET = "#0a1020", "#f7f9fc", "#16120a", "#a9b6d3"
BAR_PX = 64
EDGE_PX = 8
QUIET_MODULES = 4
"""The white border that a code must have."""
INVITED_SHOWN = 4
"""Numbers that fit beside the code in letters that are read from some steps away; of more the rest is counted."""


class Look(NamedTuple):
    """How a state looks: the colour is the least of it."""

    colour: str
    on_colour: str
    word: str


LOOKS = {
    SignState.COME_IN: Look("#0b7a43", "#ffffff", "Please come in"),
    SignState.WAIT: Look("#ffb81c", "#16120a", "Please wait"),
    SignState.CLOSED: Look("#5b6683", "#ffffff", "We are closed"),
    SignState.LEAVE: Look("#b3160d", "#ffffff", "Please leave the building calmly"),
    SignState.STALE: Look("#3d4661", "#ffffff", "Please ask inside"),
}


class Fonts:
    """One family in all sizes. Without its file it is Pillow's own, which has no accents: they are left out then."""

    def __init__(self, file: Path = FONT) -> None:
        self._file = file
        self._has_accents = file.is_file()
        self.at = lru_cache(maxsize=32)(self._at)

    def _at(self, size_px: int) -> "FreeTypeFont":
        if self._has_accents:
            return ImageFont.truetype(self._file, size_px)
        plain = ImageFont.load_default(size_px)
        assert isinstance(plain, ImageFont.FreeTypeFont), "Pillow's wheels have FreeType"
        return plain

    def spell(self, text: str) -> str:
        """`text` as this font can show it."""
        if self._has_accents:
            return text
        plain = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("’", "'"))
        return "".join(it for it in plain if not unicodedata.combining(it))


class Box(NamedTuple):
    """A place on the panel, in pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


def sign_image(picture: SignPicture, size_px: tuple[int, int], fonts: Fonts) -> Image.Image:
    """`picture` as it stands on a panel of that width and height, both at least 160 pixels."""
    width, height = size_px
    image = Image.new("RGB", size_px, NIGHT)
    draw = ImageDraw.Draw(image)
    brush = _Brush(draw, fonts)
    if picture.name:
        draw.rectangle((0, 0, width, height), fill="#ffc83d")
        brush.lines(picture.name.replace("/", "/\n").split("\n"), Box(EDGE_PX, 0, width - EDGE_PX, height), INK, 48)
        return image
    catalog = words.of(picture.languages[0] if picture.languages else words.SOURCE_LANGUAGE)
    _bar(brush, picture, Box(0, 0, width, BAR_PX), catalog.gettext(LOOKS[picture.state].word))
    below = Box(0, BAR_PX, width, height)
    code_px = 0
    if picture.join_url:
        code = qr_image(picture.join_url, below.height)
        code_px = code.width
        image.paste(code, (below.left, below.top + (below.height - code.height) // 2))
    beside = Box(code_px + EDGE_PX, below.top + EDGE_PX // 2, width - EDGE_PX, height - EDGE_PX // 2)
    _facts(brush, picture, beside, catalog.gettext)
    return image


@lru_cache(maxsize=4)
def qr_image(url: str, side_px: int) -> Image.Image:
    """The code of `url`, as large as whole pixels for each module allow."""
    code = segno.make(url, error="m", micro=False, boost_error=False)
    modules = int(code.symbol_size(border=QUIET_MODULES)[0])
    scale = max(1, side_px // modules)
    rows = list(code.matrix_iter(border=QUIET_MODULES))
    small = Image.new("L", (modules, modules), 255)
    small.putdata([0 if dark else 255 for row in rows for dark in row])
    return small.resize((modules * scale, modules * scale), Image.Resampling.NEAREST).convert("RGB")


# --- the parts -------------------------------------------------------------------------------------------------


def _bar(brush: "_Brush", picture: SignPicture, box: Box, word: str) -> None:
    look = LOOKS[picture.state]
    brush.draw.rectangle(box, fill=look.colour)
    side = box.height - 2 * EDGE_PX
    SHAPES[picture.state](brush.draw, Box(EDGE_PX, EDGE_PX, EDGE_PX + side, EDGE_PX + side), look)
    brush.wrapped([word], Box(side + 2 * EDGE_PX, 0, box.right - EDGE_PX, box.bottom), look.on_colour, 40)


def _facts(brush: "_Brush", picture: SignPicture, box: Box, gettext: Callable[[str], str]) -> None:
    """Beside the code: who may come in, or how full it is; while the hub is silent, how old all of this is."""
    if picture.state is SignState.LEAVE:
        brush.wrapped([gettext("Please leave the building calmly")], box, PAPER, 48)
        return
    if picture.state is SignState.STALE:
        since = gettext("No news since {time}").format(time=picture.news_at)
        said = since if picture.news_at else gettext("No news yet")
        advice = "" if picture.join_url else gettext("Take a ticket inside, or ask the staff")
        brush.wrapped([said, advice], box, PAPER, 26)
        return
    foot = Box(box.left, box.bottom - (40 if picture.invited else 26), box.right, box.bottom)
    middle = Box(box.left, box.top, box.right, foot.top)
    if picture.invited:
        shown = picture.invited[:INVITED_SHOWN]
        more = len(picture.invited) - len(shown)
        brush.lines([*shown, f"+{more}"] if more else shown, middle, "#ffffff", 60)
        brush.wrapped([gettext("Everybody else: please wait")], foot, QUIET, 18)
    elif picture.state is SignState.CLOSED:
        brush.lines([picture.clock], middle, PAPER, 56)
        return
    elif picture.people is None:
        brush.wrapped([gettext("We cannot count right now")], middle, PAPER, 26)
    else:
        half = Box(middle.left, middle.top, middle.right, middle.top + middle.height * 3 // 5)
        brush.lines([f"{picture.people} / {picture.limit}"], half, PAPER, 56)
        brush.wrapped([gettext("people inside")], Box(half.left, half.bottom, half.right, middle.bottom), QUIET, 22)
    if picture.wait_min is not None and not picture.invited:
        brush.lines([f"~ {picture.wait_min} min"], foot, QUIET, 24)


class _Brush:
    """Text in a box, as large as fits there."""

    def __init__(self, draw: "Draw", fonts: Fonts) -> None:
        self.draw = draw
        self._fonts = fonts

    def lines(self, lines: Sequence[str], box: Box, colour: str, size_max_px: int) -> None:
        """One below the other, all of one size, in the middle of `box`."""
        shown = [self._fonts.spell(line) for line in lines if line]
        if not shown:
            return
        size_px = self._size_px(shown, box, size_max_px)
        font = self._fonts.at(size_px)
        step = min(box.height / len(shown), size_px * 1.25)
        top = box.top + (box.height - step * len(shown)) / 2
        for n, line in enumerate(shown):
            middle = (box.left + box.width / 2, top + step * (n + 0.5))
            self.draw.text(middle, line, fill=colour, font=font, anchor="mm")

    def wrapped(self, paragraphs: Sequence[str], box: Box, colour: str, size_max_px: int) -> None:
        """Broken into lines between words, in the largest letters with which all of it fits."""
        said = [self._fonts.spell(paragraph) for paragraph in paragraphs if paragraph]
        for size_px in range(size_max_px, 9, -1):
            font = self._fonts.at(size_px)
            lines = [line for paragraph in said for line in self._broken(paragraph, font, box.width)]
            if len(lines) * size_px * 1.2 <= box.height and all(font.getlength(it) <= box.width for it in lines):
                break
        self.lines(lines, box, colour, size_px)

    def _size_px(self, lines: Sequence[str], box: Box, size_max_px: int) -> int:
        size_px = min(size_max_px, int(box.height / len(lines) / 1.1))
        widest = max(self._fonts.at(size_px).getlength(line) for line in lines)
        return max(8, min(size_px, int(size_px * box.width / widest))) if widest else size_px

    def _broken(self, text: str, font: "FreeTypeFont", width_px: int) -> list[str]:
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and font.getlength(longer) > width_px:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines


# --- shapes, as on the page ------------------------------------------------------------------------------------


def _tick(draw: "Draw", box: Box, look: Look) -> None:
    draw.ellipse(box, fill=look.on_colour)
    points = [(0.24, 0.54), (0.43, 0.72), (0.77, 0.32)]
    draw.line(_at(box, points), fill=look.colour, width=max(4, box.width // 8), joint="curve")


def _pause(draw: "Draw", box: Box, look: Look) -> None:
    corners = [(0.29, 0), (0.71, 0), (1, 0.29), (1, 0.71), (0.71, 1), (0.29, 1), (0, 0.71), (0, 0.29)]
    draw.polygon(_at(box, corners), fill=look.on_colour)
    for left in (0.33, 0.55):
        draw.rectangle(_at(box, [(left, 0.27), (left + 0.12, 0.73)]), fill=look.colour)


def _bar_across(draw: "Draw", box: Box, look: Look) -> None:
    draw.ellipse(box, fill=look.on_colour)
    draw.rectangle(_at(box, [(0.2, 0.41), (0.8, 0.59)]), fill=look.colour)


def _triangle(draw: "Draw", box: Box, look: Look) -> None:
    draw.polygon(_at(box, [(0.5, 0.04), (1, 0.94), (0, 0.94)]), fill=look.on_colour)
    draw.rectangle(_at(box, [(0.45, 0.36), (0.55, 0.66)]), fill=look.colour)
    draw.rectangle(_at(box, [(0.45, 0.74), (0.55, 0.84)]), fill=look.colour)


def _way_out(draw: "Draw", box: Box, look: Look) -> None:
    """A doorway, and an arrow that leads out of it."""
    draw.rectangle(_at(box, [(0.02, 0), (0.46, 1)]), fill=look.on_colour)
    draw.rectangle(_at(box, [(0.16, 0.12), (0.46, 0.88)]), fill=look.colour)
    draw.rectangle(_at(box, [(0.28, 0.42), (0.7, 0.58)]), fill=look.on_colour)
    draw.polygon(_at(box, [(0.66, 0.22), (1, 0.5), (0.66, 0.78)]), fill=look.on_colour)


def _at(box: Box, points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(box.left + x * box.width, box.top + y * box.height) for x, y in points]


SHAPES: dict[SignState, Callable[["Draw", Box, Look], None]] = {
    SignState.COME_IN: _tick,
    SignState.WAIT: _pause,
    SignState.CLOSED: _bar_across,
    SignState.LEAVE: _way_out,
    SignState.STALE: _triangle,
}
