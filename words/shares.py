"""Shares of one as people write them: `98%`, or `98 %` where a space stands before the sign."""

from babel.numbers import format_percent

from words.dates import locale_of


def percent(share: float, language: str) -> str:
    """`share` (0 to 1) with as many digits as it has."""
    return format_percent(share, locale=locale_of(language), decimal_quantization=False)
