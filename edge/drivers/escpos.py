"""An ESC/POS printer on a serial line: python-escpos makes the bytes, pyserial carries them, the status is our own.

The status that python-escpos reads blocks for its whole timeout and takes silence for plenty of paper, so this driver
asks by itself: a silent or senseless printer is unknown, never good. It knows documents and bytes, not jobs.
"""

import os
import termios
import unicodedata
from bisect import bisect_left
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple, Protocol

from edge.errors import DeviceFault
from edge.slip import Code, Line, Slip, Space
from wire.messages import Paper

if TYPE_CHECKING:
    from escpos.printer import Dummy
    from PIL import Image

CODE_PAGE = "CP858"
"""Western Europe with the euro sign; known to nearly every printer."""
LETTER_PX = 12
"""Width of an ordinary letter (font A)."""
STATUS_TIMEOUT_S = 0.3
"""A printer answers DLE EOT within some milliseconds, even while it prints."""
WRITE_TIMEOUT_S = 10.0
BITS_PER_BYTE = 10
"""Start and stop bit included."""
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

LINE_ERRORS = (OSError, termios.error)
"""What pyserial raises when its port is gone."""
ASK_PRINTER = b"\x10\x04\x01"
ASK_PAPER = b"\x10\x04\x04"
FIXED_BITS, FIXED_VALUE = 0x93, 0x12
"""A status byte looks like 0xx1xx10; anything else is noise."""
OFFLINE = 0x08
PAPER_END = 0x60
PAPER_NEAR_END = 0x0C


class SerialPort(Protocol):
    """What this driver uses of `serial.Serial`."""

    timeout: float | None

    def write(self, data: bytes, /) -> int | None: ...

    def read(self, size: int = 1, /) -> bytes: ...

    def reset_input_buffer(self) -> None: ...

    def close(self) -> None: ...


class PrinterStatus(NamedTuple):
    paper: Paper
    is_online: bool | None
    """False with its cover open or its feed key pressed; None when it does not say."""


class EscposPrinter:
    """One printer. All calls block, for at most some seconds; the port is opened when needed and after every fault."""

    def __init__(
        self, open_port: Callable[[], SerialPort], *, columns: int, baud: int, draws_codes: bool = False
    ) -> None:
        """`open_port` raises OSError when there is no such port. `draws_codes` is for printers that make QR codes from
        their text; to others a code is sent as a picture."""
        self.columns = columns
        self._open_port = open_port
        self._baud = baud
        self._draws_codes = draws_codes
        self._port: SerialPort | None = None

    def spell(self, text: str) -> str:
        return printable(text)

    def status(self, wait_s: float = 0.0) -> PrinterStatus:
        """What the printer says of itself; `wait_s` more than usual while it still receives a slip.

        Raises:
            DeviceFault: the port is gone.
        """
        printer = self._ask(ASK_PRINTER, wait_s)
        return PrinterStatus(self.paper(), None if printer is None else not printer & OFFLINE)

    def paper(self) -> Paper:
        """What its paper sensors say.

        Raises:
            DeviceFault: the port is gone.
        """
        return _paper(self._ask(ASK_PAPER))

    def print(self, slip: Slip) -> PrinterStatus:
        """Send `slip`, cut it off, and ask how the printer is afterwards.

        Raises:
            DeviceFault: the port is gone; nothing, part or all of the slip may be on paper.
        """
        data = slip_bytes(slip, self.columns, draws_codes=self._draws_codes)
        try:
            self._opened().write(data)
        except LINE_ERRORS as error:
            raise self._lost(error) from error
        return self.status(wait_s=len(data) * BITS_PER_BYTE / self._baud)

    def close(self) -> None:
        if self._port is not None:
            self._port.close()
            self._port = None

    def _ask(self, question: bytes, wait_s: float = 0.0) -> int | None:
        """The answer to a DLE EOT, asked a second time if it makes no sense; None when there is none."""
        for timeout_s in (STATUS_TIMEOUT_S + wait_s, STATUS_TIMEOUT_S):
            try:
                port = self._opened()
                port.reset_input_buffer()
                port.timeout = timeout_s
                port.write(question)
                answer = port.read(1)
            except LINE_ERRORS as error:
                raise self._lost(error) from error
            if answer and answer[0] & FIXED_BITS == FIXED_VALUE:
                return answer[0]
        return None

    def _opened(self) -> SerialPort:
        if self._port is None:
            self._port = self._open_port()
        return self._port

    def _lost(self, error: Exception) -> DeviceFault:
        """Closed, so that the next call opens the port anew: a replugged printer is another file."""
        port, self._port = self._port, None
        if port is not None:
            port.close()
        return DeviceFault(f"printer cannot be reached ({error}); check its cable and power")


def serial_port(path: str, baud: int) -> Callable[[], SerialPort]:
    """Opens the serial port at `path`, by pyserial."""

    def open_port() -> SerialPort:
        from serial import Serial

        port: SerialPort = Serial(path, baud, timeout=STATUS_TIMEOUT_S, write_timeout=WRITE_TIMEOUT_S, exclusive=True)
        return port

    return open_port


def _paper(answer: int | None) -> Paper:
    if answer is None:
        return Paper.UNKNOWN
    if answer & PAPER_END:
        return Paper.OUT
    return Paper.NEAR_END if answer & PAPER_NEAR_END else Paper.OK


# --- from document to bytes ------------------------------------------------------------------------------------


def slip_bytes(slip: Slip, columns: int, *, draws_codes: bool = False) -> bytes:
    """`slip` as ESC/POS for paper of `columns` letters, from initialisation to cut. Its text must be `printable`."""
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
