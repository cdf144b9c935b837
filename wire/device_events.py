"""What happens at devices and is told to the hub. `wire.messages` has them all; read there first."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from wire.parts import Heard, Id, Instant, Language, Letter, Message, Natural, Token


class Key(StrEnum):
    """The keys of a panel."""

    NEXT = "next"
    RECALL = "recall"
    NO_SHOW = "no-show"
    START = "start"
    FINISH = "finish"
    OPEN = "open"
    CLOSE = "close"


class Press(Message, frozen=True, kw_only=True, tag="press"):
    """A key of a desk's panel went down."""

    key: Key
    seen: Natural
    """The desk's sequence that the panel showed; if the desk has moved on since, the press is refused."""


class TicketRequest(Message, frozen=True, kw_only=True, tag="ticket-request"):
    """A visitor asks a kiosk for a ticket."""

    request: Token
    """The same on every path that this wish may take to the hub."""
    service: Id
    language: Language
    party_people: Annotated[int, Meta(ge=1, le=50)] = 1
    on_paper: bool = True
    """False: nothing is printed."""
    shows: bool = False
    """The kiosk can show where the ticket is followed, so the receipt tells it."""


class CheckInRequest(Message, frozen=True, kw_only=True, tag="check-in-request"):
    """A visitor at a kiosk has an appointment."""

    request: Token
    code: Annotated[str, Meta(min_length=1, max_length=40)]
    """Of the invitation, as typed or scanned."""
    language: Language
    on_paper: bool = True
    shows: bool = False


class NumbersWanted(Message, frozen=True, kw_only=True, tag="numbers-wanted"):
    """A kiosk needs numbers that it may give while it is cut off. Never goes stale."""

    holder: Token
    """Names the kiosk's memory: numbers that were leased to a memory which is lost are never given."""
    next: Natural = 0
    """The first of its numbers that it has not given; 0 when it has none."""


class TicketGiven(Message, frozen=True, kw_only=True, tag="ticket-given"):
    """A kiosk gave a ticket by itself while it was cut off. Never goes stale: it is told until it is answered."""

    request: Token
    """Of the wish. The hub may have heard of it after all, and issued a ticket that the kiosk did not hear of."""
    service: Id
    language: Language
    party_people: Annotated[int, Meta(ge=1, le=50)] = 1
    day: date
    """The service day of its number."""
    series: Letter
    number: Annotated[int, Meta(ge=1, le=9_999)]
    pressed: Heard
    """When the visitor asked."""
    pressed_at: Instant
    """The same by the hub's wall clock as the kiosk last heard it, for a hub that has started anew since."""
    shows: bool = False
    """The visitor still stands before a screen, which can show where to follow the ticket."""


class Paper(StrEnum):
    OK = "ok"
    NEAR_END = "near-end"
    OUT = "out"
    UNKNOWN = "unknown"
    """The printer does not answer, or not sensibly. Not the same as good."""


class PaperChanged(Message, frozen=True, kw_only=True, tag="paper"):
    """What a printer says of its paper changed. Never goes stale."""

    paper: Paper


class Event(Message, frozen=True, kw_only=True):
    """Something that happened at a device; sent again until its receipt comes or it is stale."""

    session: Token
    seq: Natural
    body: Press | TicketRequest | CheckInRequest | PaperChanged | NumbersWanted | TicketGiven
    heard: Heard | None = None
    """None only for what never goes stale."""
