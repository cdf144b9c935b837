"""A JSON object, asked for what it must hold. Whatever it holds instead is told in the refusal."""

from collections.abc import Iterator, Mapping
from typing import Any

from edge.counters.readings import Refuse

NATURAL_MAX = 2**53 - 1
"""Above it, other readers of JSON lose digits."""
TEXT_LETTERS_MAX = 128


class Table:
    """One object, and where in the message it stands."""

    def __init__(self, content: Mapping[str, Any], where: str = "") -> None:
        self.content = content
        self._where = where

    @classmethod
    def of(cls, value: Any, where: str = "") -> "Table":
        """
        Raises:
            Refuse: it is no object.
        """
        if not isinstance(value, Mapping):
            raise Refuse("unknown-shape", f"{where or 'the message'} is no object but {kind_of(value)}")
        return cls(value, where)

    def __contains__(self, key: str) -> bool:
        return key in self.content

    def place(self, key: str) -> str:
        return f"{self._where}.{key}" if self._where else key

    def get(self, key: str) -> Any:
        """
        Raises:
            Refuse: it is missing.
        """
        if key not in self.content:
            raise Refuse("missing-field", f"{self.place(key)} is missing")
        return self.content[key]

    def table(self, key: str) -> "Table":
        value = self.get(key)
        if not isinstance(value, Mapping):
            raise Refuse("bad-value", f"{self.place(key)} is no object but {kind_of(value)}")
        return Table(value, self.place(key))

    def tables(self, key: str) -> "Iterator[Table]":
        for number, value in enumerate(self.list(key)):
            if not isinstance(value, Mapping):
                raise Refuse("bad-value", f"{self.place(key)}[{number}] is no object but {kind_of(value)}")
            yield Table(value, f"{self.place(key)}[{number}]")

    def each(self, key: str) -> "Iterator[Table]":
        """Of one object, or of a list of them."""
        if isinstance(self.get(key), Mapping):
            yield self.table(key)
        else:
            yield from self.tables(key)

    def list(self, key: str) -> list[Any]:
        value = self.get(key)
        if not isinstance(value, list):
            raise Refuse("bad-value", f"{self.place(key)} is no list but {kind_of(value)}")
        return value

    def natural(self, key: str) -> int:
        return natural(self.get(key), self.place(key))

    def integer(self, key: str) -> int:
        return whole(self.get(key), self.place(key))

    def maybe_natural(self, key: str) -> int | None:
        return self.natural(key) if self.content.get(key) is not None else None

    def digits(self, key: str) -> int:
        """A number that is written as a text, or a number."""
        value = self.get(key)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 16:
            value = int(value)
        return natural(value, self.place(key))

    def natural_or_null(self, key: str) -> int | None:
        """It must be there."""
        return None if self.get(key) is None else self.natural(key)

    def text(self, key: str) -> str:
        value = self.get(key)
        if not isinstance(value, str):
            raise Refuse("bad-value", f"{self.place(key)} is no text but {kind_of(value)}")
        return short_text(value, self.place(key))

    def maybe_packed(self, key: str) -> str:
        """A text of any length without its spaces and lines, as of base64; empty if it is missing."""
        value = self.content.get(key) or ""
        if not isinstance(value, str):
            raise Refuse("bad-value", f"{self.place(key)} is no text but {kind_of(value)}")
        return "".join(value.split())

    def maybe_text(self, key: str) -> str:
        """Empty if it is missing."""
        return self.text(key) if self.content.get(key) is not None else ""

    def flag(self, key: str) -> bool:
        value = self.get(key)
        if not isinstance(value, bool):
            raise Refuse("bad-value", f"{self.place(key)} is neither true nor false but {kind_of(value)}")
        return value


def whole(value: Any, place: str) -> int:
    """
    Raises:
        Refuse: it is no whole number that every reader of JSON reads alike.
    """
    if isinstance(value, float) and value.is_integer() and abs(value) <= NATURAL_MAX:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > NATURAL_MAX:
        raise Refuse("bad-value", f"{place} is no whole number but {kind_of(value)}")
    return value


def natural(value: Any, place: str) -> int:
    """
    Raises:
        Refuse: it is no number of people.
    """
    number = whole(value, place)
    if number < 0:
        raise Refuse("bad-value", f"{place} is {number}, and nobody counts less than nobody")
    return number


def short_text(value: str, place: str) -> str:
    """
    Raises:
        Refuse: it is longer than any name, or holds what no screen shows.
    """
    text = value.strip()
    if len(text) > TEXT_LETTERS_MAX or not text.isprintable():
        raise Refuse("bad-value", f"{place} is no name: too long, or with signs that no screen shows")
    return text


def kind_of(value: Any) -> str:
    """What JSON calls it, and a short value itself."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | float() if abs(value) < 1e18:
            return str(value)
        case int() | float():
            return "a huge number"
        case str():
            return repr(value if len(value) <= 40 else f"{value[:40]}…")
        case list():
            return "a list"
        case _:
            return "an object"
