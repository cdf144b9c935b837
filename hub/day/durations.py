"""Spans of time, made once each: a day asks for the same few over and over, and making one takes long."""

from datetime import timedelta
from functools import lru_cache


@lru_cache(maxsize=1024)
def seconds(count: float) -> timedelta:
    """So many seconds, which may be negative."""
    return timedelta(seconds=count)
