"""Numbers that a kiosk gives by itself while nobody hears it, and how the hub hears of them afterwards.

The protocol alone: what may be given, what has been given, what is still to be handed in. It does no I/O and reads no
clock; whoever uses it saves `kept` before a number leaves the kiosk, and says what was heard, printed and answered.

- A number comes from the range that the hub leased to this very memory (`holder`), for one service day, up to an
  instant. A memory that was lost, and so may not know what it gave, has another holder and needs another range.
- The time is the hub's, as it was heard last, running on by the machine's clock. A machine that has started anew does
  not know how long it was off, and so neither the day: it gives no number until it hears the hub.
- One request has one slip: who has helped a visitor never lets the hub's slip for the same request out as well, and
  the other way round.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import msgspec
from msgspec import Struct

from wire.link import HeardTime
from wire.messages import Heard, KioskService, KioskView, Lease, NumbersWanted, TicketGiven

HELPED_MAX = 200
"""Requests that are remembered after they were handed in, should the hub's slip for one still come."""


class Anchor(Struct, frozen=True, kw_only=True):
    """The newest HubTime, and when this machine heard it."""

    boot: str
    """Of the hub."""
    ms: int
    wall_at: datetime
    heard_at_s: float
    """By the machine's clock, which begins anew when the machine does."""
    machine: str
    """Names one life of the machine."""


class Given(Struct, kw_only=True):
    """A ticket that the hub has not answered."""

    ticket: TicketGiven
    is_out: bool = False
    """Its slip is on paper, or may be. Until then it is not handed in."""


class Kept(Struct, kw_only=True):
    """All that must survive a power cut."""

    holder: str
    lease: Lease | None = None
    next: int = 0
    given: list[Given] = []
    """Oldest first."""
    helped: list[str] = []
    anchor: Anchor | None = None
    view: KioskView | None = None
    """What the slips are made of."""


class Why(StrEnum):
    """Why there is no number."""

    NO_RANGE = "no-range"
    EXHAUSTED = "exhausted"
    UNKNOWN_DAY = "unknown-day"
    """The machine has started anew, or the day of the range is over."""
    NOT_OPEN = "not-open"
    """There were no tickets for the service when the hub was last heard; nobody knows whether there are now."""


class Stamp(NamedTuple):
    """When a visitor asked, fixed at that moment."""

    pressed: Heard
    pressed_at: datetime


class Promise(NamedTuple):
    """What a visitor gets."""

    ticket: TicketGiven | None
    why: Why | None
    """Why there is no ticket."""
    service: KioskService
    view: KioskView


class Offline:
    """One kiosk's."""

    def __init__(self, kept: Kept | None, *, machine: str, new_token: Callable[[], str]) -> None:
        """`kept` is what was saved last, None if nothing was. `machine` names this life of the machine."""
        self.kept = kept if kept is not None else Kept(holder=new_token())
        self._machine = machine

    # --- hearing the hub -------------------------------------------------------------------------------------

    def hear_time(self, heard: HeardTime) -> None:
        """The newest HubTime that this process has heard."""
        time = heard.time
        self.kept.anchor = Anchor(
            boot=time.boot, ms=time.ms, wall_at=time.wall_at, heard_at_s=heard.heard_at_s, machine=self._machine
        )

    def hear_view(self, view: KioskView) -> bool:
        """What the kiosk should show; whether it brings anything that is worth saving at once."""
        self.kept.view = view
        lease, mine = view.cut_off.lease if view.cut_off else None, self.kept.lease
        if lease is None or lease.holder != self.kept.holder or lease == mine:
            return False
        is_same_series = mine is not None and (mine.day, mine.series) == (lease.day, lease.series)
        if mine is not None and (lease.day < mine.day or (is_same_series and lease.first < mine.first)):
            return False  # from before a restart of the broker, or of the hub
        self.kept.next = max(self.kept.next, lease.first) if is_same_series else lease.first
        self.kept.lease = lease
        return True

    def wanted(self) -> NumbersWanted | None:
        """What to ask of the hub, if the range is not of its day, or half of it has been given."""
        view, lease = self.kept.view, self.kept.lease
        if view is None or view.cut_off is None:
            return None
        if lease is not None and lease.day == view.cut_off.day and view.cut_off.lease is not None:
            is_mine = view.cut_off.lease.holder == self.kept.holder
            if is_mine and 2 * (lease.last + 1 - self.kept.next) >= lease.last + 1 - lease.first:
                return None
        return NumbersWanted(holder=self.kept.holder, next=self.kept.next if lease is not None else 0)

    # --- helping ---------------------------------------------------------------------------------------------

    def can_help(self) -> bool:
        """Whether there is anything to print, and a printer for it."""
        return self.kept.view is not None and self.kept.view.cut_off is not None

    @property
    def day(self) -> date | None:
        """The service day of the newest view."""
        view = self.kept.view
        return view.cut_off.day if view is not None and view.cut_off is not None else None

    def services(self, now_s: float) -> frozenset[str]:
        """Those for which there is a number at `now_s`."""
        view = self.kept.view
        return frozenset(it.id for it in view.services if self.can_give(it.id, now_s)) if view else frozenset()

    def can_give(self, service: str, now_s: float) -> bool:
        """Whether there is a number for who asks for `service` at `now_s`, by the machine's clock."""
        found = self._service(service)
        return found is not None and self._why_not(found, now_s) is None

    def stamp(self, now_s: float) -> Stamp | None:
        """This moment by the hub's clocks; None while the time is not known."""
        anchor, now_at = self.kept.anchor, self._now_at(now_s)
        if anchor is None or now_at is None:
            return None
        since_ms = max(0, round((now_s - anchor.heard_at_s) * 1_000))
        return Stamp(Heard(boot=anchor.boot, ms=anchor.ms, since_ms=since_ms), now_at)

    def give(self, service: str, request: str, language: str, stamp: Stamp | None, now_s: float) -> Promise | None:
        """The ticket of the visitor who asked for `service` at `stamp`, which was made then; without one if there is
        no number. None if this kiosk cannot even say where to go, or has helped with that request."""
        view = self.kept.view
        if view is None or not self.can_help() or self.is_helped(request):
            return None
        found = self._service(service)
        if found is None:
            return None
        self._remember(request)
        stamp = stamp or self.stamp(now_s)
        why = self._why_not(found, now_s)
        if why is not None:
            return Promise(None, why, found, view)
        lease = self.kept.lease
        assert lease is not None
        assert stamp is not None
        ticket = TicketGiven(
            request=request,
            service=service,
            language=language,
            day=lease.day,
            series=lease.series,
            number=self.kept.next,
            pressed=stamp.pressed,
            pressed_at=stamp.pressed_at,
        )
        self.kept.next += 1
        self.kept.given.append(Given(ticket=ticket))
        return Promise(ticket, None, found, view)

    def slip_is_out(self, request: str) -> None:
        """The slip is on paper, or may be: its ticket counts."""
        for given in self.kept.given:
            if given.ticket.request == request:
                given.is_out = True

    def slip_failed(self, request: str) -> None:
        """The slip is surely not on paper: nobody has the ticket. Its number is not given again all the same."""
        self.kept.given = [it for it in self.kept.given if it.ticket.request != request]
        if request in self.kept.helped:
            self.kept.helped.remove(request)

    def unfinished(self) -> list[Promise]:
        """What was promised and, as far as is known, is not on paper: a power cut came between."""
        view, found = self.kept.view, []
        for given in self.kept.given:
            service = self._service(given.ticket.service)
            if not given.is_out and view is not None and service is not None:
                found.append(Promise(given.ticket, None, service, view))
        return found

    def is_helped(self, request: str) -> bool:
        """Whether this kiosk has seen to that request itself, so that the hub's slip for it must not come out."""
        return request in self.kept.helped

    # --- handing in ------------------------------------------------------------------------------------------

    def to_hand_in(self) -> TicketGiven | None:
        """The oldest ticket that the hub has not answered."""
        return next((it.ticket for it in self.kept.given if it.is_out), None)

    def answered(self, request: str) -> None:
        """The hub has answered for that ticket, whatever it said: now it is the hub's."""
        self.kept.given = [it for it in self.kept.given if it.ticket.request != request]

    # --- within ----------------------------------------------------------------------------------------------

    def _service(self, service: str) -> KioskService | None:
        view = self.kept.view
        return None if view is None else next((it for it in view.services if it.id == service), None)

    def _why_not(self, service: KioskService, now_s: float) -> Why | None:
        lease, now_at = self.kept.lease, self._now_at(now_s)
        if lease is None:
            return Why.NO_RANGE
        if now_at is None or now_at >= lease.until_at:
            return Why.UNKNOWN_DAY
        assert self.kept.view is not None
        assert self.kept.view.cut_off is not None
        if lease.day != self.kept.view.cut_off.day:
            return Why.UNKNOWN_DAY
        if self.kept.next > lease.last:
            return Why.EXHAUSTED
        return None if service.open else Why.NOT_OPEN

    def _now_at(self, now_s: float) -> datetime | None:
        anchor = self.kept.anchor
        if anchor is None or anchor.machine != self._machine:
            return None
        return anchor.wall_at + timedelta(seconds=now_s - anchor.heard_at_s)

    def _remember(self, request: str) -> None:
        self.kept.helped.append(request)
        # What is not answered is not forgotten: that comes first.
        waiting = {it.ticket.request for it in self.kept.given}
        old = [it for it in self.kept.helped[:-HELPED_MAX] if it in waiting]
        self.kept.helped = old + self.kept.helped[-HELPED_MAX:]


def encode(kept: Kept) -> bytes:
    return msgspec.json.encode(kept)


def decode(content: bytes) -> Kept:
    """
    Raises:
        msgspec.DecodeError: it is damaged, or was not written by `encode`.
    """
    return msgspec.json.decode(content, type=Kept)
