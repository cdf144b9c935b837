"""What a counter of another maker has said and nobody has understood: kept with its bytes, for whoever looks for why.

This room knows messages and where they are kept. It does not know what is wrong with them.
"""

import re
from contextlib import suppress
from datetime import datetime

import msgspec
import structlog
from msgspec import Struct

from edge.counters.readings import Refused
from edge.counters.source import Heard
from edge.keep import Keep

MESSAGES_MAX = 20
"""The newest; the oldest go first."""
BYTES_MAX = 2048
"""Of each message its beginning."""
LETTERS_MAX = 240
"""Of a message that is looked at from afar."""

_LEFT_OUT = re.compile(rb'("(?:snapshot|image|picture|thumbnail|password)"\s*:\s*")[^"]*', re.IGNORECASE)

log = structlog.get_logger()


class Bad(Struct, frozen=True, kw_only=True):
    """A message that was not used."""

    code: str
    why: str
    topic: str
    at: datetime | None
    """By the hub's clock; None while nobody had heard it."""
    length: int
    message: bytes
    """Its beginning. Pictures of people and passwords are left out."""

    def lines(self) -> list[str]:
        """For somebody who looks from afar: when and why, and the message as text if it is one, or else as hex."""
        when = "at an unknown time" if self.at is None else f"{self.at:%Y-%m-%d %H:%M:%S} UTC"
        where = f" (on {self.topic})" if self.topic else ""
        text = self.message.decode("ascii", "replace")
        told = text if text.isascii() and text.isprintable() else self.message.hex(" ")
        more = " …" if len(told) > LETTERS_MAX or self.length > len(self.message) else ""
        return [f"{when}, {self.length} bytes: {self.why}{where}", f"    {told[:LETTERS_MAX]}{more}"]


class Ward(Struct, kw_only=True):
    """What is kept."""

    count: int = 0
    """All that ever came."""
    newest: list[Bad] = []


class Quarantine:
    """Messages that were refused."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._ward = Ward()
        self.is_saved = True

    @property
    def count(self) -> int:
        return self._ward.count

    @property
    def newest(self) -> list[Bad]:
        """The oldest of them first."""
        return self._ward.newest

    def load(self) -> None:
        """What is damaged counts as empty."""
        try:
            kept = self._keep.load()
            if kept is not None:
                self._ward = msgspec.json.decode(kept, type=Ward)
        except (OSError, msgspec.DecodeError) as error:
            log.warning("quarantine unreadable", error=str(error))

    def add(self, heard: Heard, refused: Refused, at: datetime | None) -> None:
        message = _LEFT_OUT.sub(rb"\1", heard.message)[:BYTES_MAX]
        bad = Bad(
            code=refused.refused,
            why=refused.why,
            topic=heard.topic,
            at=at,
            length=len(heard.message),
            message=message,
        )
        self._ward.count += 1
        self._ward.newest = [*self._ward.newest, bad][-MESSAGES_MAX:]
        self.is_saved = False

    def save(self) -> None:
        """In a worker thread. A disk that does not take it has told of itself."""
        self.is_saved = True
        with suppress(OSError):
            self._keep.save(msgspec.json.encode(self._ward))
