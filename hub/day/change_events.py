"""Events: what was changed for the rest of the day. They hold no names: who changed it is nobody's business here.

Frozen, as all events: fields are only ever added, each with a default.
"""

from datetime import datetime

from hub.day.event import Event
from hub.day.inputs import LimitReason
from hub.day.lobby import Label


class LimitChanged(Event, frozen=True, kw_only=True):
    """A room holds another number of people until the day turns, whatever the lobby file says meanwhile."""

    room: str
    limit_people: int | None
    """None: again as the lobby file says."""
    why: LimitReason = ""


class LimitScheduled(Event, frozen=True, kw_only=True):
    """Another limit of a room holds at this hour, as the lobby file says; one that is set by hand stands before it."""

    room: str
    limit_people: int | None
    """None: the usual one."""


class ServicePaused(Event, frozen=True, kw_only=True):
    """No tickets are issued for the service; who has one is still called."""

    service: str
    until_at: datetime | None = None
    """None until it is resumed."""


class ServiceResumed(Event, frozen=True, kw_only=True):
    """By hand, or because its time was over."""

    service: str


class NoticePosted(Event, frozen=True, kw_only=True):
    """A public text in place of whatever was posted there before."""

    text: Label
    room: str = ""
    """Empty for everywhere."""
    until_at: datetime | None = None
    """None until it is withdrawn."""


class NoticeWithdrawn(Event, frozen=True, kw_only=True):
    """By hand, or because its time was over."""

    room: str = ""
