"""From a slip to ESC/POS: python-escpos makes the bytes, segno the codes. It knows documents and letters."""

import os
import unicodedata
from bisect import bisect_left
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from edge.slip import Code, Line, Slip, Space

if TYPE_CHECKING:
    from escpos.printer import Dummy
    from PIL import Image

CODE_PAGE = "CP858"
"""Western Europe with the euro sign; known to nearly every printer."""
LETTER_PX = 12
"""Width of an ordinary letter (font A)."""
LINE_PX = 30
"""From one line of ordinary letters to the next."""
CODE_WIDTH_SHARE = 0.5
"""Of the paper's width; a code of 35 mm is read well from a hand."""
CODE_BORDER = 4
"""Light modules around a code, which readers need to find it."""
CODE_BYTES = (14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450)
"""What codes of version 1, 2 … hold at the error correction that ours have (M, 15 %)."""
MODULE_PX = (2, 16)
"""Least and most dots of a module: a code of single dots cannot be read, and 16 is the command's limit."""

BLACK_AND_WHITE = bytes([255, *[0] * 255])
"""A module of a code as a level of grey."""
CUT_LINES = 6
"""From the head to the knife."""


def slip_bytes(slip: Slip, columns: int, *, draws_codes: bool = False, end: bytes = b"") -> bytes:
    """`slip` as ESC/POS for paper of `columns` letters, from initialisation to cut. Its text must be `printable`.

    `draws_codes` is for printers that make QR codes from their text; to others a code is sent as a picture. `end` takes
    the place of the cut.
    """
    _know_one_printer()
    from escpos.printer import Dummy

    code_px = round(columns * LETTER_PX * CODE_WIDTH_SHARE)
    printer = Dummy(profile=_profile(columns))
    printer.hw("INIT")
    printer.charcode(CODE_PAGE)
    printer.set(align="center")
    for element in slip:
        match element:
            case Line(text, size, is_bold):
                printer.set(bold=is_bold, custom_size=True, width=size, height=size)
                printer.textln(text)
            case Space(lines):
                printer.set(bold=False, custom_size=True, width=1, height=1)
                printer.ln(lines)
            case Code(payload) if draws_codes:
                _native_code(printer, payload, code_px)
            case Code(payload):
                printer.image(code_image(payload, code_px), center=False)
    if end:
        printer.ln(CUT_LINES)
        return bytes(printer.output) + end
    printer.cut(mode="PART")  # a slip that hangs by a thread does not fall to the floor
    return bytes(printer.output)


def _know_one_printer() -> None:
    """Have python-escpos read our file of one plain printer instead of its own of some hundred, which takes a second
    here and many on a small Raspberry Pi. It looks when it is imported first."""
    os.environ.setdefault("ESCPOS_CAPABILITIES_FILE", str(files("edge.drivers").joinpath("capabilities.json")))


@cache
def _profile(columns: int) -> object:
    """python-escpos's plain printer, told how wide its paper is and that it has a knife."""
    from escpos.capabilities import Profile

    profile = Profile(columns=columns, features={"paperPartCut": True})
    profile.profile_data = deepcopy(profile.profile_data)
    profile.profile_data["media"]["width"]["pixels"] = columns * LETTER_PX
    return profile


def _native_code(printer: "Dummy", payload: str, width_px: int) -> None:
    """A hundred bytes, from which the printer draws what `code_image` draws in 6,000: three seconds of a slow line.
    The border is ours to leave."""
    from escpos.constants import QR_ECLEVEL_M

    side = code_modules(payload)
    module_px = _module_px(side, width_px)
    border = -(-CODE_BORDER * module_px // LINE_PX)
    printer.set(bold=False, custom_size=True, width=1, height=1)
    printer.ln(border)
    printer.qr(payload, ec=QR_ECLEVEL_M, size=module_px, native=True)
    printer.ln(border)


def code_modules(payload: str) -> int:
    """The side of the code for `payload`, its border included, in modules."""
    version = bisect_left(CODE_BYTES, len(payload.encode())) + 1
    return 17 + 4 * version + 2 * CODE_BORDER


def _module_px(side: int, width_px: int) -> int:
    """A code of `side` modules is then as large as fits into `width_px`."""
    least_px, most_px = MODULE_PX
    return max(least_px, min(width_px // side, most_px))


def code_image(payload: str, width_px: int) -> "Image.Image":
    """A QR code as large as fits into `width_px`, each module a whole number of dots, with its quiet border."""
    import segno
    from PIL import Image

    code = segno.make(payload, error="m", micro=False)
    rows = [bytes(row) for row in code.matrix_iter(scale=1, border=CODE_BORDER)]
    modules = Image.frombytes("L", (len(rows), len(rows)), b"".join(rows).translate(BLACK_AND_WHITE))
    side_px = len(rows) * _module_px(len(rows), width_px)
    return modules.resize((side_px, side_px), Image.Resampling.NEAREST).convert("1")


LOOKALIKES = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u201a": ",", "\u201c": '"', "\u201d": '"', "\u201e": '"',  # quotes
        "\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-", "\u2026": "...",  # dashes, dots
        "\u00a0": " ", "\u2009": " ", "\u202f": " ",  # spaces
        "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T",
        "ŋ": "n", "Ŋ": "N", "ĸ": "k", "ẞ": "SS", "•": "·", "→": "->", "™": "TM",
    }
)  # fmt: skip
"""What decomposition cannot take apart."""
REPLACEMENT = "\u00a4"
"""A general sign for a letter that this printer has not. A question mark would look as if somebody had asked."""


def printable(text: str) -> str:
    """`text` in letters that the printer's code page has: `ș` becomes `s`, `–` becomes `-`."""
    return "".join(_letter(letter) for letter in text.translate(LOOKALIKES))


def _letter(letter: str) -> str:
    if _is_in_code_page(letter):
        return letter
    plain = "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
    return plain if plain and _is_in_code_page(plain) else REPLACEMENT


def _is_in_code_page(text: str) -> bool:
    try:
        text.encode(CODE_PAGE)
    except UnicodeEncodeError:
        return False
    return text.isprintable()
