"""Messages that mean something only with their topic: one of each, or an object that holds several, by topic."""

import json
from collections.abc import Callable
from typing import Any

from edge.counters import loose_json
from edge.counters.readings import Refuse, Said

TOPICS_MAX = 100
ONLINE, OFFLINE = "online", "offline"


def each(topic: str, text: str, read: Callable[[str, str], Said]) -> Said:
    """What `read(topic, text)` makes of one message, or of each in an object from topics to what was said there.

    Raises:
        Refuse: `read` refuses one of them.
    """
    several = None if topic else _by_topic(text)
    if several is None:
        return read(topic, text)
    if len(several) > TOPICS_MAX:
        raise Refuse("too-large", f"{len(several)} topics; {TOPICS_MAX} at most are read at once")
    said = Said()
    for one_topic, one_text in several.items():
        one = read(one_topic, one_text)
        said.read(one.readings)
        said.flag(*one.flags)
        said.fields |= one.fields
        said.device = said.device or one.device
    return said


def _by_topic(text: str) -> dict[str, str] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        value: Any = loose_json.strict(text)[0]
    except Refuse:
        return None  # one message, which may be of a maker whose JSON is not sound
    topics = {key: told for key, told in value.items() if not key.startswith("_")} if isinstance(value, dict) else {}
    if not topics or not all("/" in key for key in topics):
        return None
    return {key: told if isinstance(told, str) else json.dumps(told) for key, told in topics.items()}


def liveness(said: Said, text: str) -> None:
    """What a device, or its broker for it, says of whether it is there.

    Raises:
        Refuse: it says neither.
    """
    if text not in (ONLINE, OFFLINE):
        raise Refuse("bad-value", f"{text[:20]!r} is neither online nor offline")
    said.flag(text)


def people(text: str, what: str) -> int:
    """A bare number of people, such as `3` or `3.0`.

    Raises:
        Refuse: it is none.
    """
    digits = text.strip().removesuffix(".0")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 6:
        raise Refuse("bad-value", f"{what} is {text.strip()[:20]!r}, no number of people")
    return int(digits)
