"""A thermal printer in software: takes ESC/POS bytes, makes slips, answers for its paper, misbehaves when told to.

It knows the commands that our slips use and reports every other, so a change in the bytes cannot pass unseen. It is
driven by hand: `printer.paper = Paper.OUT`, `printer.unplug()`, `printer.tear_off()`. It does not know our drivers.
"""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import NamedTuple

from edge.drivers.printed import Align as Align
from edge.drivers.printed import PrintedCode as PrintedCode
from edge.drivers.printed import PrintedImage as PrintedImage
from edge.drivers.printed import PrintedLine as PrintedLine
from edge.drivers.printed import PrintedSlip as PrintedSlip
from edge.drivers.printed import Row as Row
from wire.messages import Paper

SLIPS_MAX = 200
"""Slips that are remembered; older ones are forgotten."""
UNKNOWN_MAX = 100
CODE_PAGES = {0: "cp437", 16: "cp1252", 19: "cp858"}
ESC, GS, DLE, LF, SPACE = 0x1B, 0x1D, 0x10, 0x0A, 0x20
TEXT = re.compile(rb"[\x20-\xff]+")
CUTS_WITH_FEED = (65, 66, 97, 98, 103, 104)
"""Variants of GS V whose next byte says how far to feed before."""
EJECTOR_PARAMETERS = {3: 1, 32: 2}
"""Variants of GS e with more bytes."""
GARBAGE = 0xA5
"""No status byte looks like this."""
LEVELS = {b"0": "L", b"1": "M", b"2": "Q", b"3": "H"}
"""Error correction of QR codes, in per cent 7, 15, 25 and 30."""
STATUS_PAPER = {Paper.OK: 0x12, Paper.NEAR_END: 0x1E, Paper.OUT: 0x7E}


class Fault(Enum):
    """What keeps a printer from printing, beside paper and cover. Not every dialect has a word for each."""

    CUTTER = auto()
    BROKEN = auto()
    HOT = auto()
    JAM = auto()
    POWER = auto()


@dataclass
class _Style:
    """What the next letter will look like."""

    code_page: str = CODE_PAGES[0]
    line: PrintedLine = field(default_factory=lambda: PrintedLine(""))
    level: str = "L"
    module_px: int = 3


class _Command(NamedTuple):
    parameters: int
    """Bytes that follow the first two."""
    do: Callable[[bytes], None]


class FakePrinter:
    """The printer. Its switches may be moved at any time, also in the midst of a slip."""

    def __init__(self, columns: int = 42, dialect: str = "epson") -> None:
        """`dialect` is how it answers: `epson`, or `custom`, whose slips wait in its mouth until they are taken."""
        self.columns = columns
        self.dialect = dialect
        self.paper = Paper.OK
        """What its sensors say; set it to change the roll."""
        self.lines_left: int | None = None
        """Lines until the paper is out, in the midst of a slip if need be; None for a long roll."""
        self.is_cover_open = False
        self.faults: set[Fault] = set()
        """What else keeps it from printing."""
        self.is_on = True
        """A printer that is off takes bytes and says nothing."""
        self.is_mute = False
        """It prints, and says nothing of itself: the line back is broken."""
        self.lines_of_power: int | None = None
        """Lines until it loses its power, in the midst of a slip; None for never."""
        self.is_plugged_in = True
        """The port of an unplugged printer is gone."""
        self.bytes_left: int | None = None
        """Bytes until its port takes no more, in the midst of a slip; None for never."""
        self.answers_garbage = False
        """Its line is bad: what it says of itself makes no sense."""
        self.cut: Callable[[PrintedSlip], None] | None = None
        """Told of each slip when it is cut off."""
        self.slips: deque[PrintedSlip] = deque(maxlen=SLIPS_MAX)
        """All slips that were cut off, the oldest first."""
        self.unknown: deque[bytes] = deque(maxlen=UNKNOWN_MAX)
        """Commands that this model does not know."""
        self._commands = {
            b"\x1b@": _Command(0, self._reset),
            b"\x1bt": _Command(1, self._set_code_page),
            b"\x1ba": _Command(1, self._set_align),
            b"\x1bE": _Command(1, self._set_bold),
            b"\x1bd": _Command(1, self._feed),
            b"\x1d!": _Command(1, self._set_size),
            b"\x1dv": _Command(6, self._raster),
            b"\x1d(": _Command(3, self._code),
            b"\x1dV": _Command(1, self._cut),
            b"\x1de": _Command(1, self._move_slip),
            b"\x10\x04": _Command(1, self._answer),
        }
        """ESC @, t, a, E, d; GS !, v 0, ( k, V, e; DLE EOT. Of any other command two bytes are reported as unknown."""
        self._rest = b""
        self._style = _Style()
        self._text = ""
        self._stored = ""
        """The text of the next code."""
        self._answers = b""
        self._rows: list[Row] = []
        self._hanging: deque[PrintedSlip] = deque(maxlen=SLIPS_MAX)
        self.taken_back: deque[PrintedSlip] = deque(maxlen=SLIPS_MAX)
        """Slips that it has drawn in again."""

    # --- hands -----------------------------------------------------------------------------------------------

    def unplug(self) -> None:
        self.is_plugged_in = False

    def plug_in(self) -> None:
        self.is_plugged_in = True

    def switch_on(self) -> None:
        """It has power again. Whoever switches it on tears off what was printed of a slip."""
        self._rows = []
        self.is_on = True
        self.lines_of_power = None

    def tear_off(self) -> PrintedSlip | None:
        """The slip that hangs longest; None when there is none."""
        return self._hanging.popleft() if self._hanging else None

    def load_paper(self) -> None:
        """A new roll; what was printed of a slip leaves with the old one."""
        self._rows = []
        self.paper = Paper.OK
        self.lines_left = None

    # --- the line --------------------------------------------------------------------------------------------

    def take(self, data: bytes) -> bytes:
        """Bytes from the line; what is answered. A command may come in pieces."""
        if not self.is_on:
            self._rest = b""
            return b""
        self._rest += data
        self._answers = b""
        while self._rest:
            length = self._command_length()
            if length == 0:
                break
            command, self._rest = self._rest[:length], self._rest[length:]
            self._do(command)
        return self._answers

    def _go_dark(self) -> None:
        """What is not on paper is forgotten, and nothing is answered."""
        self.is_on = False
        self._rest = self._answers = b""
        self._reset(b"")

    def _command_length(self) -> int:
        """Bytes of the command or of the letters that come next; 0 when a command has not come whole."""
        data = self._rest
        if (text := TEXT.match(data)) is not None:
            return text.end()
        if data[0] not in (ESC, GS, DLE):
            return 1
        known = self._commands.get(data[:2])
        length = 2 if known is None else 2 + known.parameters
        if data[:2] == b"\x1dV" and len(data) > 2 and data[2] in CUTS_WITH_FEED:
            length += 1
        if data[:2] == b"\x1de" and len(data) > 2:
            length += EJECTOR_PARAMETERS.get(data[2], 0)
        if data[:2] == b"\x1dv" and len(data) >= length:
            length += (data[4] + 256 * data[5]) * (data[6] + 256 * data[7])
        if data[:2] == b"\x1d(" and len(data) >= length:
            length += data[3] + 256 * data[4]
        return length if len(data) >= length else 0

    def _do(self, command: bytes) -> None:
        known = self._commands.get(command[:2])
        if command[0] >= SPACE:
            self._text += command.decode(self._style.code_page, "replace")
        elif len(command) == 1:
            self._control(command[0])
        elif known is None:
            self.unknown.append(command)
        else:
            known.do(command[2:])

    # --- commands --------------------------------------------------------------------------------------------

    def _reset(self, _: bytes) -> None:
        self._style = _Style()
        self._text = self._stored = ""

    def _set_code_page(self, parameters: bytes) -> None:
        if parameters[0] in CODE_PAGES:
            self._style.code_page = CODE_PAGES[parameters[0]]
        else:
            self.unknown.append(b"\x1bt" + parameters)

    def _set_align(self, parameters: bytes) -> None:
        self._style.line = replace(self._style.line, align=Align(parameters[0] % 48 % 3))

    def _set_bold(self, parameters: bytes) -> None:
        self._style.line = replace(self._style.line, is_bold=bool(parameters[0] & 1))

    def _set_size(self, parameters: bytes) -> None:
        width, height = (parameters[0] >> 4 & 7) + 1, (parameters[0] & 7) + 1
        self._style.line = replace(self._style.line, width=width, height=height)

    def _feed(self, parameters: bytes) -> None:
        for _ in range(parameters[0]):
            self._control(LF)

    def _raster(self, parameters: bytes) -> None:
        width_bytes, height_px = parameters[2] + 256 * parameters[3], parameters[4] + 256 * parameters[5]
        self._print(PrintedImage(width_bytes * 8, height_px, parameters[6:], self._style.line.align))

    def _code(self, parameters: bytes) -> None:
        """GS ( k for QR codes: the model, the size of a module, the error correction, the text; then draw it."""
        style = self._style
        match parameters[0:1], parameters[3:5], parameters[5:]:
            case b"k", b"1A", b"2\0":
                pass  # model 2 is the only one there is
            case b"k", b"1C", size if size and 1 <= size[0] <= 16:
                style.module_px = size[0]
            case b"k", b"1E", level if level and level in LEVELS:
                style.level = LEVELS[level]
            case b"k", b"1P", text if text.startswith(b"0"):
                self._stored = text[1:].decode("utf-8", "replace")
            case b"k", b"1Q", b"0" if self._stored:
                self._print(PrintedCode(self._stored, style.level, style.module_px, style.line.align))
            case _:
                self.unknown.append(b"\x1d(" + parameters)

    def _cut(self, _: bytes) -> None:
        if self.paper is Paper.OUT or not self._rows:
            return
        while self._rows and self._rows[-1] == replace(self._style.line, text=""):
            self._rows.pop()  # the feed before the knife
        slip = PrintedSlip(tuple(self._rows))
        self._rows = []
        self.slips.append(slip)
        self._hanging.append(slip)
        if self.cut is not None:
            self.cut(slip)

    def _move_slip(self, parameters: bytes) -> None:
        """GS e of printers with a mouth: 3 pushes a slip out, 2 draws it in."""
        if self.dialect != "custom" or parameters[0] not in (2, 3):
            self.unknown.append(b"\x1de" + parameters)
        elif parameters[0] == 2 and self._hanging:
            self.taken_back.append(self._hanging.popleft())

    def _answer(self, parameters: bytes) -> None:
        answers = self._custom_answers() if self.dialect == "custom" else self._epson_answers()
        answer = answers.get(parameters[0])
        if answer is None:
            self.unknown.append(b"\x10\x04" + parameters)
        elif not self.is_mute:
            self._answers += bytes([GARBAGE] * len(answer)) if self.answers_garbage else answer

    def _epson_answers(self) -> dict[int, bytes]:
        is_out, is_open, faults = self.paper is Paper.OUT, self.is_cover_open, self.faults
        bits = {Fault.CUTTER: 0x08, Fault.BROKEN: 0x20, Fault.HOT: 0x40}
        answers = {
            1: 0x12 | 0x08 * (is_out or is_open or bool(faults)),
            2: 0x12 | 0x04 * is_open | 0x20 * is_out | 0x40 * bool(faults),
            3: 0x12 | sum(bits.get(fault, 0) for fault in faults),
            4: STATUS_PAPER[self.paper],
        }
        return {question: bytes([answer]) for question, answer in answers.items()}

    def _custom_answers(self) -> dict[int, bytes]:
        paper = 0x01 * (self.paper is Paper.OUT) | 0x04 * (self.paper is Paper.NEAR_END) | 0x20 * bool(self._hanging)
        passing = {Fault.HOT: 0x01, Fault.POWER: 0x08, Fault.JAM: 0x40}
        lasting = {Fault.CUTTER: 0x01, Fault.BROKEN: 0x04}
        faults = [sum(bits.get(fault, 0) for fault in self.faults) for bits in (passing, lasting)]
        return {20: bytes([0x10, 0x0F, paper, 0x02 * self.is_cover_open, *faults])}

    # --- paper -----------------------------------------------------------------------------------------------

    def _control(self, byte: int) -> None:
        if byte == LF:
            self._print(replace(self._style.line, text=self._text))
            self._text = ""
        elif byte != 0x0D:  # a carriage return does nothing after a line feed
            self.unknown.append(bytes([byte]))

    def _print(self, row: Row) -> None:
        """What comes when the paper is out, its cover open or its power gone, is lost."""
        if self.paper is Paper.OUT or self.is_cover_open or self.faults or not self.is_on:
            return
        self._rows.append(row)
        if self.lines_left is not None:
            self.lines_left -= 1
            if self.lines_left <= 0:
                self.paper = Paper.OUT
        if self.lines_of_power is not None:
            self.lines_of_power -= 1
            if self.lines_of_power <= 0:
                self._go_dark()


class FakeSerial:
    """The port of a `FakePrinter`, in memory and at once."""

    def __init__(self, printer: FakePrinter) -> None:
        """
        Raises:
            OSError: the printer is unplugged.
        """
        self.timeout: float | None = None
        self._printer = printer
        self._answers = b""
        self._check()

    def write(self, data: bytes, /) -> int:
        self._check()
        left = self._printer.bytes_left
        if left is not None:
            self._printer.bytes_left = max(0, left - len(data))
        self._answers += self._printer.take(data[:left])
        if left is not None and left < len(data):
            raise TimeoutError("write timeout")
        return len(data)

    def read(self, size: int = 1, /) -> bytes:
        """What has been answered; nothing stands for a timeout."""
        self._check()
        answer, self._answers = self._answers[:size], self._answers[size:]
        return answer

    def reset_input_buffer(self) -> None:
        self._check()
        self._answers = b""

    def close(self) -> None:
        self._answers = b""

    def _check(self) -> None:
        if not self._printer.is_plugged_in:
            raise OSError("no such device")
