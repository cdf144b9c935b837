"""What stands on a visitor's slip: a small document of lines and a code, in the visitor's language.

This room knows the slip's order, its words and the paper's width in letters. It does not know printers.
"""

import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.support import Translations

import words
from wire.messages import PrintSlip
from words import dates

NUMBER_SIZE = 6
TITLE_SIZE = 2
SIZE_MAX = 8
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


@dataclass(frozen=True, kw_only=True)
class OwnSlip:
    """A slip that a kiosk prints by itself while it is cut off. Nobody knows how many are before its visitor."""

    title: dict[str, str]
    service: dict[str, str]
    language: str
    number: str
    """Empty: there is none, and the visitor goes to a desk."""
    desk: str
    """Where to go without a number; empty if that is not known."""
    issued_at: datetime | None
    """None if nobody knows the time."""
    time_zone: str
    is_large: bool = False
    bring: dict[str, str] = field(default_factory=dict)
    """What to have ready, a thing in each line."""


Element = Line | Space | Code
Slip = tuple[Element, ...]


def slip_of(
    job: PrintSlip, columns: int, spell: Callable[[str], str], *, is_copy: bool = False, is_large: bool = False
) -> Slip:
    """The slip for `job` on paper that holds `columns` ordinary letters in a line.

    `is_copy` says that this slip may be on paper already. `is_large` is for weak sight. `spell(text)` is the text in
    letters that the printer has; it may be longer, so lines are broken afterwards.
    """
    return _fitted(_elements(job, is_copy), columns, spell, is_large)


def own_slip_of(own: OwnSlip, columns: int, spell: Callable[[str], str], *, is_copy: bool = False) -> Slip:
    """The same for a slip that no job asked for."""
    return _fitted(_own_elements(own, is_copy), columns, spell, own.is_large)


def _fitted(elements: Iterator[Element], columns: int, spell: Callable[[str], str], is_large: bool) -> Slip:
    slip: list[Element] = []
    for element in elements:
        if isinstance(element, Line):
            slip.extend(_broken(_larger(element) if is_large else element, columns, spell))
        else:
            slip.append(element)
    return tuple(slip)


def _elements(job: PrintSlip, is_copy: bool) -> Iterator[Element]:
    texts = words.of(job.language)
    yield from _head(job.title, job.service, job.language, is_copy)
    yield Line(job.number, NUMBER_SIZE, is_bold=True)
    yield Space()
    yield Line(_ahead(job.ahead, texts))
    if job.wait_s is not None:
        yield Line(_wait(job.wait_s, texts))
    yield from _bring(job.bring, job.language)
    if job.ticket_url:
        yield Space()
        yield Code(job.ticket_url)
        yield Line(texts.gettext("Follow your turn on your phone"))
    yield Space()
    yield Line(_issued(job.issued_at, job.time_zone, job.language))


def _own_elements(own: OwnSlip, is_copy: bool) -> Iterator[Element]:
    texts = words.of(own.language)
    yield from _head(own.title, own.service, own.language, is_copy)
    if own.number:
        yield Line(own.number, NUMBER_SIZE, is_bold=True)
        yield Space()
        yield Line(texts.gettext("Please wait until your number is called"))
        yield from _bring(own.bring, own.language)
    else:
        yield Line(texts.gettext("No number can be given at the moment"))
        to_desk = texts.gettext("Please go to desk {desk}").format(desk=own.desk)
        yield Line(to_desk if own.desk else texts.gettext("Please ask at a desk"), TITLE_SIZE, is_bold=True)
    if own.issued_at is not None:
        yield Space()
        yield Line(_issued(own.issued_at, own.time_zone, own.language))


def _larger(line: Line) -> Line:
    """Twice as large, as far as printers go."""
    return Line(line.text, min(2 * line.size, SIZE_MAX), line.is_bold)


def _bring(bring: dict[str, str], language: str) -> Iterator[Element]:
    """What to have ready, each thing on a line of its own."""
    things = [thing.strip() for thing in words.pick(bring, language).split("\n") if thing.strip()]
    if things:
        yield Space()
        yield Line(words.of(language).gettext("Please have ready"), is_bold=True)
        for thing in things:
            yield Line(thing)


def _head(title: dict[str, str], service: dict[str, str], language: str, is_copy: bool) -> Iterator[Element]:
    if is_copy:
        yield Line(words.of(language).gettext("Copy"), TITLE_SIZE, is_bold=True)
        yield Space()
    yield Line(words.pick(title, language), is_bold=True)
    yield Space()
    yield Line(words.pick(service, language), TITLE_SIZE)
    yield Space()


def _ahead(ahead: int, texts: Translations) -> str:
    if ahead == 0:
        return str(texts.gettext("You are next"))
    return str(texts.ngettext("{count} person before you", "{count} people before you", ahead)).format(count=ahead)


def _wait(wait_s: int, texts: Translations) -> str:
    """Rounded up to minutes: who is called early is glad, who is called late is not."""
    minutes = max(1, -(-wait_s // MINUTE_S))
    return str(texts.ngettext("About {count} minute", "About {count} minutes", minutes)).format(count=minutes)


def _issued(at: datetime, time_zone: str, language: str) -> str:
    local_at = at.astimezone(_zone(time_zone))
    return f"{dates.whole(local_at, language)}, {local_at:%H:%M}"


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
