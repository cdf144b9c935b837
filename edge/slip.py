"""What stands on a visitor's slip: a small document of lines and a code, in the visitor's language.

This room knows the slip's order, its words and the paper's width in letters. It does not know printers.
"""

import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.support import Translations

import words
from wire.messages import PrintSlip
from words import dates

NUMBER_SIZE = 6
TITLE_SIZE = 2
MINUTE_S = 60


@dataclass(frozen=True)
class Line:
    """Text in the middle of the paper. No longer than the paper is wide: `columns // size` letters."""

    text: str
    size: int = 1
    """Width and height as multiples of the printer's ordinary letters, 1 to 8."""
    is_bold: bool = False


@dataclass(frozen=True)
class Space:
    """Empty lines."""

    lines: int = 1


@dataclass(frozen=True)
class Code:
    """A QR code."""

    payload: str


Element = Line | Space | Code
Slip = tuple[Element, ...]


def slip_of(job: PrintSlip, columns: int, spell: Callable[[str], str], *, is_copy: bool = False) -> Slip:
    """The slip for `job` on paper that holds `columns` ordinary letters in a line.

    `is_copy` says that this slip may be on paper already. `spell(text)` is the text in letters that the printer has;
    it may be longer, so lines are broken afterwards.
    """
    slip: list[Element] = []
    for element in _elements(job, is_copy):
        if isinstance(element, Line):
            slip.extend(_broken(element, columns, spell))
        else:
            slip.append(element)
    return tuple(slip)


def _elements(job: PrintSlip, is_copy: bool) -> Iterator[Element]:
    texts = words.of(job.language)
    if is_copy:
        yield Line(texts.gettext("Copy"), TITLE_SIZE, is_bold=True)
        yield Space()
    yield Line(words.pick(job.title, job.language), is_bold=True)
    yield Space()
    yield Line(words.pick(job.service, job.language), TITLE_SIZE)
    yield Space()
    yield Line(job.number, NUMBER_SIZE, is_bold=True)
    yield Space()
    yield Line(_ahead(job.ahead, texts))
    if job.wait_s is not None:
        yield Line(_wait(job.wait_s, texts))
    if job.ticket_url:
        yield Space()
        yield Code(job.ticket_url)
        yield Line(texts.gettext("Follow your turn on your phone"))
    yield Space()
    yield Line(_issued(job))


def _ahead(ahead: int, texts: Translations) -> str:
    if ahead == 0:
        return str(texts.gettext("You are next"))
    return str(texts.ngettext("{count} person before you", "{count} people before you", ahead)).format(count=ahead)


def _wait(wait_s: int, texts: Translations) -> str:
    """Rounded up to minutes: who is called early is glad, who is called late is not."""
    minutes = max(1, -(-wait_s // MINUTE_S))
    return str(texts.ngettext("About {count} minute", "About {count} minutes", minutes)).format(count=minutes)


def _issued(job: PrintSlip) -> str:
    local_at: datetime = job.issued_at.astimezone(_zone(job.time_zone))
    return f"{dates.whole(local_at, job.language)}, {local_at:%H:%M}"


def _zone(name: str) -> tzinfo:
    """A machine without that zone prints the hour of UTC rather than no slip."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _broken(line: Line, columns: int, spell: Callable[[str], str]) -> Iterator[Line]:
    """`line` as lines that fit. A word that is too long for its size is printed smaller rather than cut in two."""
    text = spell(line.text)
    longest = max((len(word) for word in text.split()), default=0)
    size = max(1, min(line.size, columns // max(1, longest)))
    for part in textwrap.wrap(text, columns // size):
        yield Line(part, size, line.is_bold)
