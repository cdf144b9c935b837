"""A line: who waits, in the order in which they are due.

Who joins stands most often at the end, and who leaves at the head or not far behind; both cost the same however many
wait. Elsewhere keys are moved in memory, all at once.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice

DueKey = tuple[datetime, int, str]
"""(due_at, ordinal of issue, ticket): equal due times are served in the order of issue."""

GONE_MAX = 64
"""Places of keys that have left the head stand empty until they are so many, and more than half of all."""
HEAD_NEARER = 8
"""Moving keys up by hand takes about so many times as long as having those behind moved."""


class Line:
    """Keys, the least first, each once."""

    __slots__ = ("_gone", "_keys")

    def __init__(self) -> None:
        self._keys: list[DueKey] = []
        self._gone = 0
        """So many places at the head are empty."""

    @property
    def first(self) -> DueKey | None:
        """The least key; None while nobody waits."""
        return self._keys[self._gone] if self._keys else None

    def add(self, key: DueKey) -> None:
        keys = self._keys
        if not keys or keys[-1] < key:
            keys.append(key)
        else:
            insort(keys, key, self._gone)

    def remove(self, key: DueKey) -> None:
        """
        Raises:
            KeyError: it is not there.
        """
        keys, gone = self._keys, self._gone
        is_first = bool(keys) and keys[gone] == key
        at = gone if is_first else bisect_left(keys, key, gone)
        if at == len(keys) or keys[at] != key:
            raise KeyError(key)
        if at > gone:
            if (at - gone) * HEAD_NEARER < len(keys) - at:
                keys[gone + 1 : at + 1] = keys[gone:at]  # the few before it move up
            else:
                del keys[at]
                return
        gone += 1
        if gone == len(keys) or (gone >= GONE_MAX and 2 * gone > len(keys)):
            del keys[:gone]
            gone = 0
        self._gone = gone

    def before(self, key: DueKey) -> int:
        """How many keys are less than `key`, which may be in the line or not."""
        return bisect_left(self._keys, key, self._gone) - self._gone

    def after(self, key: DueKey) -> DueKey | None:
        """The least key that is greater than `key`; None if there is none."""
        at = bisect_right(self._keys, key, self._gone)
        return self._keys[at] if at < len(self._keys) else None

    def __len__(self) -> int:
        return len(self._keys) - self._gone

    def __iter__(self) -> Iterator[DueKey]:
        return islice(self._keys, self._gone, None)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Line) and list(self) == list(other)

    def __repr__(self) -> str:
        return f"Line({list(self)})"


Part = tuple[str, int, bool]
"""Where people stand, how many they are, and whether they have an appointment: a desk that cannot call the first of a
part can call none behind her in it."""


class Parts:
    """A line once more, divided: the first of each part. They are few, however many wait."""

    __slots__ = ("_lines",)

    def __init__(self) -> None:
        self._lines: dict[Part, Line] = {}

    @property
    def firsts(self) -> list[DueKey]:
        """The least key of each part."""
        return [line.first for line in self._lines.values() if line.first]

    def add(self, part: Part, key: DueKey) -> None:
        line = self._lines.get(part)
        if line is None:
            line = self._lines[part] = Line()
        line.add(key)

    def remove(self, part: Part, key: DueKey) -> None:
        """
        Raises:
            KeyError: it is not there.
        """
        line = self._lines[part]
        line.remove(key)
        if not line:
            del self._lines[part]

    def count(self, of: Callable[[DueKey], bool]) -> int:
        """How many keys there are in the parts of whose first `of` is true."""
        return sum(len(line) for line in self._lines.values() if line.first and of(line.first))

    def __iter__(self) -> Iterator[tuple[Part, DueKey]]:
        return ((part, key) for part, line in self._lines.items() for key in line)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Parts) and self._lines == other._lines

    def __repr__(self) -> str:
        return f"Parts({self._lines})"
