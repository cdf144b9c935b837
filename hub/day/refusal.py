"""Refusals: a domain "no" is a value with a code and facts; the catalogs make the sentence in the reader's language."""

from enum import StrEnum

from msgspec import Struct

from wire.messages import Fact


class Code(StrEnum):
    """Why the day said no. Frozen: receipts, journals and catalogs carry these words."""

    NO_DAY = "no-day"
    """No service day is open."""
    DAY_OPEN = "day-open"
    CLOSED = "closed"
    """Outside the lobby's hours. Facts: `opens_at` (ISO instant) or nothing."""
    LAST_TICKET = "last-ticket"
    """Too near to the end of the opening hours. Facts: `closes_at`, `opens_at` (ISO instants; the latter if known)."""
    UNKNOWN_SERVICE = "unknown-service"
    UNKNOWN_PRIORITY = "unknown-priority"
    """No such reason to be called earlier, or none that visitors may choose themselves. Facts: `priority`."""
    UNKNOWN_DESK = "unknown-desk"
    UNKNOWN_DEVICE = "unknown-device"
    UNKNOWN_TICKET = "unknown-ticket"
    BAD_PARTY = "bad-party"
    """Facts: `party_people`, `max`."""
    DESK_CLOSED = "desk-closed"
    DESK_OPEN = "desk-open"
    MOVED_ON = "moved-on"
    """The desk has changed since the screen or panel that was pressed. Facts: `seen`, `desk_seq`."""
    NOBODY_WAITING = "nobody-waiting"
    NOBODY_HERE = "nobody-here"
    """The key needs a called ticket, and the desk has none."""
    ALREADY_STARTED = "already-started"
    RECALLED_ENOUGH = "recalled-enough"
    """Facts: `times`."""
    TICKET_ENDED = "ticket-ended"
    NOT_PARKED = "not-parked"
    """Only a parked ticket can be resumed. Facts: `number`."""
    NOT_SERVED_HERE = "not-served-here"
    """The desk does not serve the ticket's service. Facts: `number`, `desk`."""
    AT_OTHER_DESK = "at-other-desk"
    """Only the desk that has the visitor may do that. Facts: `number`, `desk`."""
    DESK_AWAY = "desk-away"
    """Nobody can be sent to a desk that is closed. Facts: `desk`."""
    NOTHING_TO_UNDO = "nothing-to-undo"
    """The desk has not called, or something has happened since."""
    UNDO_TOO_LATE = "undo-too-late"
    """Facts: `max_s`."""
    OTHER_SERVICE = "other-service"
    """Only tickets for one service can be merged. Facts: `number`, `other`."""
    NOT_INVITED = "not-invited"
    """The visitor waits outside an admitted room, where there was no place so far. Facts: `number`."""
    UNKNOWN_ROOM = "unknown-room"
    BAD_PEOPLE = "bad-people"
    """Facts: `people`, `max`."""
    UNKNOWN_CODE = "unknown-code"
    """No appointment of today has this code."""
    CHECKED_IN = "checked-in"
    """The appointment has a ticket already. Facts: `number`."""
    UNKNOWN_APPOINTMENT = "unknown-appointment"
    APPOINTMENT_KNOWN = "appointment-known"
    TOTALS_FELL_BACK = "totals-fell-back"
    IMPLAUSIBLE_TOTALS = "implausible-totals"
    """A counter reported more people at once than any door lets through. Facts: `device`, `max`."""
    SERVICE_PAUSED = "service-paused"
    """No tickets are issued for it at the moment. Facts: `service`, `until_at` (ISO instant, if one was said)."""
    BAD_LIMIT = "bad-limit"
    """Facts: `limit_people`, `max`."""
    BAD_NOTICE = "bad-notice"
    """A notice without a text, with one that is too long, or in a language that the lobby does not speak. Facts:
    `max` characters."""
    UNTIL_PAST = "until-past"
    """It was to last until an instant that is over. Facts: `until_at` (ISO instant)."""
    EXPIRED = "expired"
    """Too late to mean anything. Facts: `age_ms`, absent if it cannot be known."""
    UNAVAILABLE = "unavailable"
    """The journal could not be written; nothing happened."""
    POISON = "poison"
    """The input made the hub stumble; it was put aside."""


class Refusal(Struct, frozen=True, kw_only=True, gc=False):
    """No, because `code`; `facts` are what a sentence needs."""

    code: Code
    facts: dict[str, Fact] = {}
