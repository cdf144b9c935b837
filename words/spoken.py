"""Calls as they are said aloud, in the lobby's languages. Nothing personal: a number, a desk, perhaps a room."""

import re

import words

ONE_BY_ONE = frozenset({"en", "de"})
"""Languages that say the digits of a number one by one, "A zero four two", as English does with everything that is
looked for and not counted, and because German says forty-two as two-and-forty. The others say it whole, "A 42"."""

_NUMBER = re.compile(r"([A-Z]+)(\d+)\Z")


def number(written: str, language: str) -> str:
    """A ticket's number for a voice. After its letter stands a comma: without a pause, voices take A for a word."""
    found = _NUMBER.match(written)
    if found is None:
        return written
    letters, digits = found.groups()
    said = " ".join(digits) if language in ONE_BY_ONE else str(int(digits))
    return f"{' '.join(letters)}, {said}"


def call(written: str, desk: str, room: str, language: str) -> str:
    """The sentence for a call; `room` is where the desk is, empty when it is here."""
    catalog = words.of(language)
    facts = {"number": number(written, language), "desk": desk, "room": room}
    if room:
        return catalog.gettext("Number {number}. {room}, desk {desk}.").format(**facts)
    return catalog.gettext("Number {number}. Desk {desk}.").format(**facts)


def invitation(written: str, language: str) -> str:
    """The sentence for a number that may come in."""
    return words.of(language).gettext("Number {number}. Please come in.").format(number=number(written, language))


def leave(language: str) -> str:
    """The sentence for everybody who is in the building."""
    return words.of(language).gettext("Please leave the building calmly.")
