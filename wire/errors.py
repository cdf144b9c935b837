"""What can go wrong on the wire.

WireError (ValueError)
├── UnknownTopic     a topic that is not ours, or not of this version
├── BadMessage       a payload that its leaf does not allow
└── LinkDown         no connection to the broker, or no acknowledgement in time
"""


class WireError(ValueError):
    """Something on the wire is not as the contract says."""


class UnknownTopic(WireError):
    """A topic that the contract does not know."""


class BadMessage(WireError):
    """A payload that the contract does not allow on its topic."""


class LinkDown(WireError, ConnectionError):
    """The broker is not reachable, or did not acknowledge in time; the message may be lost."""


SHOWN_CHARS_MAX = 120


def shown(value: object) -> str:
    """What a stranger sent, as an error repeats it: on one line, and not all of it."""
    text = repr(value)
    return text if len(text) <= SHOWN_CHARS_MAX else f"{text[:SHOWN_CHARS_MAX]}…"


def one_line(text: str) -> str:
    """What a library says of something that a stranger sent, and perhaps repeats: the same for it."""
    line = "".join(sign if sign.isprintable() else "·" for sign in text[: 2 * SHOWN_CHARS_MAX])
    return line if len(text) == len(line) else f"{line}…"
