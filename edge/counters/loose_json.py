"""JSON, and what counters send in its place.

Some makers print, in their manuals and on the wire, JSON with remarks, without a comma, with words that want quotation
marks. Where only one meaning is left it is read so and the deviation is named; anything else is refused. A key that
stands twice with two values is refused always: nobody can know which one was meant.
"""

import json
import re
from typing import Any, NoReturn

from edge.counters.readings import Refuse

DEPTH_MAX = 32

_SPACE = re.compile(r"[ \t\r\n]*")
_REMARK = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_CURLY = re.compile(r'"([^"\\\x00-\x1f“”]*)”')
"""Begun with a straight quotation mark and ended with a curly one, as a page shows it."""
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,17})?(?:[eE][+-]?\d{1,3})?(?![\w.])")
_BARE = re.compile(r"[A-Za-z0-9][\w.:-]*")
_WORDS = {"true": True, "false": False, "null": None}


def strict(text: str) -> tuple[Any, list[str]]:
    """The value of sound JSON, and what is odd about it.

    Raises:
        Refuse: it is not JSON, or contradicts itself.
    """
    return _Loose(text, strict=True).whole()


def loose(text: str) -> tuple[Any, list[str]]:
    """The same of nearly sound JSON; each kind of deviation is named once.

    Raises:
        Refuse: it cannot be read in one way only.
    """
    return _Loose(text, strict=False).whole()


def one_after_another(text: str) -> tuple[list[Any], list[str]]:
    """Several values without anything between them, as they come out of a TCP connection.

    Raises:
        Refuse: one of them is not JSON.
    """
    reader = _Loose(text, strict=True)
    values = [reader.value(0)]
    while not reader.at_end():
        values.append(reader.value(0))
    return values, reader.flags


class _Loose:
    """A reader of one text."""

    def __init__(self, text: str, *, strict: bool) -> None:
        self._text = text
        self._strict = strict
        self._at = 0
        self.flags: list[str] = []

    def whole(self) -> tuple[Any, list[str]]:
        value = self.value(0)
        if not self.at_end():
            self._fail("something follows")
        return value, self.flags

    def at_end(self) -> bool:
        self._space()
        return self._at >= len(self._text)

    def value(self, depth: int) -> Any:
        if depth > DEPTH_MAX:
            raise Refuse("not-json", f"it is nested deeper than {DEPTH_MAX} levels")
        self._space()
        letter = self._text[self._at : self._at + 1]
        if letter == "{":
            return self._object(depth)
        if letter == "[":
            return self._array(depth)
        if letter == '"':
            return self._string()
        return self._scalar()

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self._at += 1
        if self._next("}"):
            return found
        while True:
            self._space()
            if self._text[self._at : self._at + 1] != '"':
                self._fail("a name in quotation marks is missing")
            key = self._string()
            if not self._next(":"):
                self._fail("a colon is missing")
            value = self.value(depth + 1)
            if key in found:
                self._twice(key, found[key], value)
            found[key] = value
            if self._is_over("}"):
                return found

    def _array(self, depth: int) -> list[Any]:
        found: list[Any] = []
        self._at += 1
        if self._next("]"):
            return found
        while True:
            found.append(self.value(depth + 1))
            if self._is_over("]"):
                return found

    def _is_over(self, closing: str) -> bool:
        """Reads what stands between two members."""
        if self._next(closing):
            return True
        if self._next(","):
            if self._next(closing):
                self._odd("json-extra-comma", "a comma stands before the end")
                return True
            return False
        if self._text[self._at : self._at + 1] != '"':
            self._fail("neither a comma nor an end")
        self._odd("json-missing-comma", "a comma is missing")
        return False

    def _twice(self, key: str, first: Any, second: Any) -> None:
        if json.dumps(first) != json.dumps(second):
            raise Refuse("duplicate-key", f"{key[:40]!r} stands twice, with different values")
        self._odd("json-duplicate-key", "a name stands twice", always=True)

    def _string(self) -> str:
        found = _STRING.match(self._text, self._at)
        if found is None and (curly := _CURLY.match(self._text, self._at)):
            self._odd("json-curly-quote", "a text ends with a curly quotation mark")
            self._at = curly.end()
            return curly[1]
        if found is None:
            self._fail("a text does not end, or holds what must be escaped")
        self._at = found.end()
        text: str = json.loads(found[0])
        if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
            raise Refuse("not-json", "a text holds half a character")
        return text

    def _scalar(self) -> Any:
        if found := _NUMBER.match(self._text, self._at):
            self._at = found.end()
            number = json.loads(found[0])
            if isinstance(number, float) and abs(number) == float("inf"):
                self._fail("a number is beyond all numbers")
            return number
        found = _BARE.match(self._text, self._at)
        if found is None:
            self._fail("a value is missing")
        if found[0] in _WORDS:
            self._at = found.end()
            return _WORDS[found[0]]
        self._odd("json-bare-word", "a text stands without quotation marks")
        self._at = found.end()
        return found[0]

    def _next(self, letter: str) -> bool:
        self._space()
        if self._text[self._at : self._at + 1] != letter:
            return False
        self._at += 1
        return True

    def _space(self) -> None:
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            remark = _REMARK.match(self._text, self._at)
            if remark is None:
                return
            self._odd("json-remark", "a remark stands in it")
            self._at = remark.end()

    def _odd(self, flag: str, what: str, *, always: bool = False) -> None:
        if self._strict and not always:
            self._fail(what)
        if flag not in self.flags:
            self.flags.append(flag)

    def _fail(self, what: str) -> NoReturn:
        raise Refuse("not-json", f"not JSON: {what} at letter {self._at + 1}")
