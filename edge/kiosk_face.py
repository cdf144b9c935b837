"""What stands between a visitor and a kiosk: keys with lamps, or a page to touch.

A face brings wishes and says what becomes of them. It does not know the hub, printers, or numbers that are given alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol

from wire.messages import CheckInRequest, Fact, KioskView, TicketRequest


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a visitor asks for: a ticket for a service, or for an appointment."""

    key: str
    """While one wish is not answered, another of the same key is the same wish of somebody impatient."""
    language: str
    service: str = ""
    code: str = ""
    """Of an appointment, in place of a service."""
    on_paper: bool = True
    is_large: bool = False
    """The slip in large letters."""

    def event(self, request: str, *, shows: bool) -> TicketRequest | CheckInRequest:
        """What the hub is asked under the name `request`. `shows` is whether the kiosk can show the ticket."""
        language, on_paper = self.language, self.on_paper
        if self.code:
            return CheckInRequest(request=request, code=self.code, language=language, on_paper=on_paper, shows=shows)
        return TicketRequest(request=request, service=self.service, language=language, on_paper=on_paper, shows=shows)


class How(Enum):
    """How a wish stands."""

    SENT = auto()
    """The hub has been asked, or the kiosk helps by itself."""
    PROMISED = auto()
    """There is a ticket; its slip is on its way."""
    DONE = auto()
    """The slip is there, or the ticket without one that was asked for."""
    TAKEN = auto()
    """The slip was there, and is in somebody's hand. Only some printers can tell."""
    KNOWN = auto()
    """The hub has heard of a number that the kiosk gave by itself: it can be followed."""
    UNPRINTED = auto()
    """There is a ticket, and its slip does not come: the number is to be read here."""
    NO_NUMBER = auto()
    """The kiosk is alone and has no number to give: go to a desk."""
    REFUSED = auto()
    """The lobby says no."""
    OFFLINE = auto()
    """Nobody can help."""


ENDS = frozenset(How) - {How.SENT, How.PROMISED}


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a visitor is told of her wish."""

    how: How
    number: str = ""
    url: str = ""
    """Of the ticket's page; empty if the kiosk does not know it."""
    desk: str = ""
    """Where to go without a number; empty if that is not known."""
    code: str = ""
    """Of a refusal."""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    on_paper: bool = False
    """Something to tear off is there, or comes."""
    is_own: bool = False
    """The kiosk has given the number by itself: its page will be known once the hub hears of it."""

    @property
    def mark(self) -> str:
        """Another when a page of it should look another way."""
        return f"{self.how.name}-{How.KNOWN.name}" if self.is_own and self.url else self.how.name


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What can be had at a kiosk now."""

    view: KioskView | None
    """None: the hub has said nothing that was understood."""
    given: frozenset[str] = frozenset()
    """The services for which there are tickets."""
    is_silent: bool = True
    """Nobody hears the kiosk: it gives numbers of its own, and cannot look up appointments."""
    prints: bool = True
    """False: the printer beside has no paper, or does not answer."""


class Face(Protocol):
    """What the role needs of it. All calls are on the event loop and instant."""

    @property
    def shows_numbers(self) -> bool:
        """Whether a visitor can read her number here, so that it is not lost without a slip."""

    def listen(self, ask: Callable[[Asked], None]) -> None:
        """Call `ask` with each wish."""

    def offer(self, offer: Offer) -> None: ...

    def tell(self, asked: Asked, told: Told) -> None: ...

    def identify(self, seconds: int) -> None:
        """Let whoever looks for this kiosk see it for so long."""

    def close(self) -> None: ...
