"""Days as people write them. A time of day needs no language: it is `hh:mm` everywhere."""

from datetime import date

from babel.dates import format_date

import words

LOCALES = {"en": "en_GB"}
"""Where a language alone means other customs than a lobby's: American English puts the month before the day."""


def weekday(day: date, language: str) -> str:
    """`Monday`, in the middle of a sentence."""
    return format_date(day, "EEEE", locale=locale_of(language))


def short_weekday(day: date, language: str) -> str:
    """`Mon`, at the head of a column."""
    return format_date(day, "EEE", locale=locale_of(language))


def whole(day: date, language: str) -> str:
    """`Monday, 2 March 2026`."""
    return format_date(day, "full", locale=locale_of(language))


def locale_of(language: str) -> str:
    """A language without a catalog speaks English, in its dates as in its sentences."""
    known = language if language in words.LANGUAGES else words.SOURCE_LANGUAGE
    return LOCALES.get(known, known)
