"""Where messages of a counter of another maker come from: topics of a broker, or whoever pushes to us.

A source knows how messages travel. It does not know what they say.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One message, as it came."""

    message: bytes = field(repr=False)
    topic: str = ""
    was_kept: bool = False
    """A broker had kept it from before we listened."""


Hear = Callable[[Heard], bool]
"""False when there is no room for it now."""
Lost = Callable[[str | None], None]
"""What the source needs while nothing can come through it; None when it works."""


class Source(Protocol):
    """Calls `hear` and `lost` from any thread, until it is closed."""

    look_at: str
    """Where to look when the counter is silent, to end a sentence with."""

    def listen(self, hear: Hear, lost: Lost) -> None:
        """Called once."""

    def close(self) -> None: ...
