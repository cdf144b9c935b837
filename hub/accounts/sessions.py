"""Sessions of browsers: how long they live, and how their cookies change. It writes nothing by itself.

A cookie is changed every quarter of an hour of use. The browser may never have got the new one, so the old one is good
until the new one is shown, and for requests under way a moment longer. Whoever shows it after that has a copy: the
session ends, for both.
"""

from datetime import datetime, timedelta
from enum import Enum, auto

from hub.accounts.records import BrowserSession

LASTS = timedelta(hours=12)
"""A working day; then one signs in again."""
IDLE = timedelta(hours=2)
"""A lunch. A page that is only open asks for nothing, and does not count as use."""
ROTATES = timedelta(minutes=15)
OFFERS_AGAIN = timedelta(minutes=1)
"""A new cookie that has not been shown by now was lost on its way."""
OVERLAP = timedelta(minutes=1)
"""Requests that were sent with the old cookie have arrived by now."""


class Shown(Enum):
    """What a cookie means for its session."""

    GOOD = auto()
    DUE = auto()
    """Good, and the browser should get a new one."""
    ARRIVED = auto()
    """The new one is shown for the first time."""
    COPIED = auto()
    """An old one, long after the new one was shown."""


def is_over(session: BrowserSession, now: datetime) -> bool:
    """Whether it has ended by itself."""
    return now - session.created_at >= LASTS or now - session.seen_at >= IDLE


def shown(session: BrowserSession, cookie_hash: str, now: datetime) -> Shown:
    """What it means that a cookie of `session` with this hash is shown at `now`."""
    if cookie_hash == session.next_hash:
        return Shown.ARRIVED
    if cookie_hash == session.previous_hash:
        return Shown.GOOD if now - session.rotated_at < OVERLAP else Shown.COPIED
    offered_lately = session.offered_at is not None and now - session.offered_at < OFFERS_AGAIN
    return Shown.DUE if now - session.rotated_at >= ROTATES and not offered_lately else Shown.GOOD


def hashes(session: BrowserSession) -> list[str]:
    """Of all cookies that it is known by."""
    return [it for it in (session.hash, session.next_hash, session.previous_hash) if it]


def newer(one: BrowserSession, other: BrowserSession) -> BrowserSession:
    """Of two states of the same session the one that knows more: memory of when it was used, or the database of what
    another hub has changed."""
    return max(one, other, key=lambda it: (it.rotated_at, it.offered_at or it.rotated_at, it.seen_at))
