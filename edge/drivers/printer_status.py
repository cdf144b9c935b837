"""What printers say of themselves, in the two dialects that there are in lobbies.

The status that python-escpos reads blocks for its whole timeout and takes silence for plenty of paper, so it is asked
for here: a silent or senseless printer is unknown, never good. Sources: Epson's reference for DLE EOT, with the fixed
bits from python-escpos's pull request 711; for the kiosk printers of Custom and their kin DLE EOT 20 and GS e, as the
commands manuals of the KPM series and of Pyramid's Reliance have them.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from wire.messages import Paper


class PrinterStatus(NamedTuple):
    paper: Paper
    is_online: bool | None
    """False while it cannot print; None when it does not say."""
    needs: str = ""
    """What somebody should do about it, in a sentence; empty for nothing."""
    is_taken: bool | None = None
    """False while a slip waits in its mouth; None for a printer that lets go of slips without looking."""


SILENT = PrinterStatus(Paper.UNKNOWN, None, "the printer does not answer; check its cable and power")
NO_PAPER = "no paper; load a roll"
NEAR_END = "the paper is near its end; have a new roll at hand"
CLOSE_COVER = "the cover is open; close it"
FEEDING = "its feed key is held; let it go"
CUTTER = "the cutter is stuck; clear it of paper, and switch the printer off and on"
HOT = "its head is too hot; it goes on by itself when it has cooled down"
BROKEN = "it reports a fault that it cannot mend; switch it off and on, and have it repaired if that does not help"
JAMMED = "paper is jammed; open the cover and take it out"
POWER = "its voltage is wrong; check its power supply"
OFFLINE = "the printer is offline; look at its lamps"

Ask = Callable[[bytes, int, Callable[[bytes], bool]], bytes | None]
"""`ask(question, length, is_sensible)`: the answer of so many bytes; None if none comes, or none that makes sense."""


class Dialect(Protocol):
    """How a make of printers is asked, and told to let go of a slip."""

    end_of_slip: bytes
    """Comes after the last line, in place of an ordinary cut; empty for that."""
    take_back: bytes
    """Clears its mouth of a slip that nobody takes; empty if it has none."""

    def status(self, ask: Ask) -> PrinterStatus:
        """What it says of itself."""


class Epson:
    """Epson's, which nearly all receipt printers speak."""

    end_of_slip = b""
    take_back = b""

    def status(self, ask: Ask) -> PrinterStatus:
        printer = _epson_byte(ask, 1)
        if printer is None:
            return SILENT
        is_online = not printer & 0x08
        paper = _epson_paper(_epson_byte(ask, 4))
        needs = "" if is_online else _epson_cause(ask)
        if paper is Paper.OUT:
            needs = NO_PAPER if needs in ("", OFFLINE) else needs
        elif paper is Paper.UNKNOWN:
            needs = needs or SILENT.needs
        elif paper is Paper.NEAR_END:
            needs = needs or NEAR_END
        return PrinterStatus(paper, is_online, needs)


def _epson_byte(ask: Ask, which: int) -> int | None:
    """The answer to DLE EOT; a status byte looks like 0xx1xx10, anything else is noise."""
    answer = ask(b"\x10\x04" + bytes([which]), 1, lambda it: it[0] & 0x93 == 0x12)
    return None if answer is None else answer[0]


def _epson_paper(answer: int | None) -> Paper:
    if answer is None:
        return Paper.UNKNOWN
    if answer & 0x60:
        return Paper.OUT
    return Paper.NEAR_END if answer & 0x0C else Paper.OK


def _epson_cause(ask: Ask) -> str:
    """Why it is offline."""
    cause = _epson_byte(ask, 2) or 0
    if cause & 0x04:
        return CLOSE_COVER
    error = (_epson_byte(ask, 3) or 0) if cause & 0x40 else 0
    found = (CUTTER, error & 0x08), (BROKEN, error & 0x20), (HOT, error & 0x40), (FEEDING, cause & 0x08)
    return next((needs for needs, is_so in found if is_so), OFFLINE)


class Custom:
    """That of Custom's kiosk printers: one answer for everything, and a mouth that holds a slip until it is taken."""

    end_of_slip = b"\x1dV\x00" + b"\x1de\x03\x0c"
    """GS V 0 cuts through; GS e 3 m pushes the slip out by twelve steps, as far as fingers need."""
    take_back = b"\x1de\x02"
    """GS e 2: draws a slip in that nobody takes, where the printer has room for it; others push it out."""

    def status(self, ask: Ask) -> PrinterStatus:
        answer = ask(b"\x10\x04\x14", 6, lambda it: it[:2] == b"\x10\x0f")
        if answer is None:
            return SILENT
        paper_bits, user, passing, lasting = answer[2:]
        paper = Paper.OUT if paper_bits & 0x01 else Paper.NEAR_END if paper_bits & 0x44 else Paper.OK
        # The head lifted is a cover opened. What comes first here is what has to be done first.
        found = (
            (CLOSE_COVER, user & 0x03 or lasting & 0x02),
            (JAMMED, passing & 0x40),
            (CUTTER, lasting & 0x01),
            (BROKEN, lasting & 0x0C),
            (POWER, passing & 0x08),
            (HOT, passing & 0x01),
            (FEEDING, user & 0x60),
        )
        stops = next((needs for needs, is_so in found if is_so), "")
        needs = stops or (NO_PAPER if paper is Paper.OUT else NEAR_END if paper is Paper.NEAR_END else "")
        is_online = not stops and paper is not Paper.OUT
        return PrinterStatus(paper, is_online, needs, is_taken=not paper_bits & 0x20)


DIALECTS: dict[str, Dialect] = {"epson": Epson(), "custom": Custom()}
