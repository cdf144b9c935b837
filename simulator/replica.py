"""The day made anew from the journal alone, row by row, to be held against the one that a hub lives."""

from collections.abc import Iterable, Iterator

from hub.day.apply import apply
from hub.day.model import Day
from hub.journal import Entry


class Replica:
    """Follows a journal from its first row."""

    def __init__(self) -> None:
        self.day = Day()

    def differences(self, new: Iterable[Entry], live: Day) -> Iterator[str]:
        """What the live day has otherwise than its journal tells; `new` are the rows since the last call."""
        for entry in new:
            apply(self.day, entry.event, entry.at, entry.seq)
        for name in live.__dataclass_fields__:
            if getattr(self.day, name) != getattr(live, name):
                yield f"the day made anew from the journal differs from the live one in {name!r}"
