"""A node's mouth: what its roles want said, sent until it has arrived or has lost its meaning.

This room knows the link and how long a message stays worth sending. It does not know what presses or slips mean.
Nothing here waits in line for a lost connection: what can go stale goes stale, the rest keeps its newest value.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from edge.hub_clock import HubClock
from wire import topics
from wire.errors import BadMessage, LinkDown
from wire.link import Link
from wire.messages import (
    CheckInRequest,
    Count,
    Done,
    Event,
    Message,
    NodeState,
    NumbersWanted,
    Outcome,
    PaperChanged,
    Press,
    Receipt,
    TicketGiven,
    TicketRequest,
)
from wire.waiting import set_by

EVENTS_MAX = 64
"""Unanswered events. One more that can go stale is refused; one that cannot replaces the oldest of its device."""
OUTGOING_MAX = 256
"""Unsent answers and totals. One more drops the oldest: a lost answer is asked for again, totals are repeated."""
RESEND_FIRST_S = 0.5
RESEND_GROWTH = 1.5
RESEND_MAX_S = 2.0

FAULT_LETTERS_MAX = 400
"""What `wire.parts.Text` holds."""

EventBody = Press | TicketRequest | CheckInRequest | PaperChanged | NumbersWanted | TicketGiven

log = structlog.get_logger()


@dataclass(slots=True)
class _Pending:
    """An event that has no receipt yet. Instants are the loop's."""

    device: str
    event: Event
    due_at_s: float
    resend_s: float
    stale_at_s: float | None


class Progress(Protocol):
    """Whether a lane gets on with its work."""

    @property
    def device(self) -> str: ...

    def is_stuck(self, now_s: float) -> bool:
        """It has had something to do for too long without an end or a new beginning. `now_s` is the loop's."""


class Node:
    """What a role may ask of the agent around it. All methods but `run` return at once."""

    def __init__(
        self, link: Link, *, site: str, name: str, session: str, new_token: Callable[[], str], machine: str = ""
    ) -> None:
        """`machine` names this life of the machine, whose clock goes on while only the agent starts anew; empty if it
        is not known."""
        self.site = site
        self.name = name
        self.session = session
        self.machine = machine or session
        self.new_token = new_token
        self.hub_clock = HubClock(link, site)
        self.lanes: list[Progress] = []
        """Of all devices."""
        self.heard_screens: dict[str, float] = {}
        """Device to the loop's instant at which a browser last said that it shows that device's page."""
        self.dropped = 0
        self._faults: dict[tuple[str, str], str] = {}
        """Device and part of it to what that needs."""
        self._link = link
        self._seq = 0
        self._events: dict[int, _Pending] = {}
        self._outgoing: dict[tuple[str, str], Message] = {}
        self._state: NodeState | None = None
        """What the node is, if a new connection has not heard it yet. It goes before everything else."""
        self._wake = asyncio.Event()

    @property
    def queue_length(self) -> int:
        return len(self._events) + len(self._outgoing)

    # --- what roles say ------------------------------------------------------------------------------------

    def send_event(self, device: str, body: EventBody, stale_after_s: float | None) -> int | None:
        """Stamp `body` with this moment and send it until its receipt comes or `stale_after_s` have passed.

        Returns the event's seq, or None when it is refused at once: the hub is silent, or too many are unanswered.
        With `stale_after_s` None it never goes stale, is never refused, and replaces an older one of its device.
        """
        heard = self.hub_clock.stamp()
        if stale_after_s is not None and (heard is None or len(self._events) >= EVENTS_MAX):
            return None
        if stale_after_s is None:
            self._forget_state_events(device)
        self._seq += 1
        now_s = asyncio.get_running_loop().time()
        event = Event(session=self.session, seq=self._seq, body=body, heard=heard)
        stale_at_s = None if stale_after_s is None else now_s + stale_after_s
        self._events[self._seq] = _Pending(device, event, now_s, RESEND_FIRST_S, stale_at_s)
        self._wake.set()
        return self._seq

    def send_count(self, device: str, count: Count) -> None:
        """Publish totals; totals that are still unsent are replaced."""
        self.send_newest(topics.count(self.site, self.name, device), count)

    def send_done(self, device: str, done: Done) -> None:
        """Answer a job. The answer is sent once; when it is lost, the hub sends the job again."""
        self.send_newest(topics.done(self.site, self.name, device), done, key=done.id)

    def send_newest(self, topic: str, message: Message, *, key: str = "") -> None:
        """Publish `message` as soon as the link allows, in place of an unsent one of the same topic and key."""
        if (topic, key) not in self._outgoing and len(self._outgoing) >= OUTGOING_MAX:
            del self._outgoing[next(iter(self._outgoing))]
            self.count_dropped()
        self._outgoing[topic, key] = message
        self._wake.set()

    def set_fault(self, device: str, needs: str | None, part: str = "") -> None:
        """Tell the node's health what `device`, or a part of it that fails by itself, needs; None when it works."""
        if needs is None:
            self._faults.pop((device, part), None)
        else:
            self._faults[device, part] = needs[:FAULT_LETTERS_MAX]

    @property
    def faults(self) -> dict[str, str]:
        """Device to what it needs, for devices that do not work."""
        found: dict[str, str] = {}
        # Some are noted where a driver, or the disk, is waited for.
        for (device, _), needs in self._faults.copy().items():
            found[device] = f"{found[device]}; {needs}" if device in found else needs
        return {device: needs[:FAULT_LETTERS_MAX] for device, needs in found.items()}

    def stuck_lanes(self) -> list[str]:
        """Devices whose lane has something to do and does not get on with it."""
        now_s = asyncio.get_running_loop().time()
        return [lane.device for lane in self.lanes if lane.is_stuck(now_s)]

    def count_dropped(self) -> None:
        """One more message or frame was thrown away by a full queue."""
        self.dropped += 1

    def heard_screen(self, device: str) -> None:
        """A browser says that it shows the page of `device`."""
        self.heard_screens[device] = asyncio.get_running_loop().time()

    # --- what the agent tells ------------------------------------------------------------------------------

    def connected(self, state: NodeState) -> None:
        """The link stands: say `state`, then all that waits."""
        self._state = state
        now_s = asyncio.get_running_loop().time()
        for pending in self._events.values():
            pending.due_at_s = now_s
        self._wake.set()

    def settle(self, receipt: Receipt) -> bool:
        """Forget the event that `receipt` answers; False if it is not ours or was answered before."""
        if receipt.session != self.session:
            return False
        return self._events.pop(receipt.event_seq, None) is not None

    async def run(self, answer: Callable[[str, Receipt], None]) -> None:
        """Send until cancelled. `answer(device, receipt)` is told of events that went stale without a receipt."""
        while True:
            self._wake.clear()
            self._expire(answer)
            if self._link.is_connected and await self._send_one():
                continue
            await set_by(self._wake, self._next_at_s())

    # --- sending -------------------------------------------------------------------------------------------

    async def _send_one(self) -> bool:
        """Send the first thing that is due; False when there is none, or the link did not take it."""
        if self._state is not None:
            state, self._state = self._state, None
            return await self._publish(topics.state(self.site, self.name), state)
        now_s = asyncio.get_running_loop().time()
        for pending in self._events.values():
            if pending.due_at_s <= now_s:
                pending.due_at_s = now_s + pending.resend_s
                pending.resend_s = min(pending.resend_s * RESEND_GROWTH, RESEND_MAX_S)
                return await self._publish(topics.event(self.site, self.name, pending.device), pending.event)
        if not self._outgoing:
            return False
        (topic, key), message = next(iter(self._outgoing.items()))
        del self._outgoing[topic, key]
        if await self._publish(topic, message):
            return True
        self._outgoing.setdefault((topic, key), message)  # unless a newer one came meanwhile
        return False

    async def _publish(self, topic: str, message: Message) -> bool:
        """False when it may not have arrived. What can never be sent counts as sent, or it would block the rest."""
        try:
            await self._link.publish(topic, message)
        except LinkDown:
            return False
        except BadMessage:
            self.count_dropped()
            log.exception("message cannot be sent", topic=topic)
        return True

    def _expire(self, answer: Callable[[str, Receipt], None]) -> None:
        now_s = asyncio.get_running_loop().time()
        stale = [seq for seq, it in self._events.items() if it.stale_at_s is not None and it.stale_at_s <= now_s]
        for seq in stale:
            device = self._events.pop(seq).device
            receipt = Receipt(
                term=0, seq=0, session=self.session, event_seq=seq, outcome=Outcome.EXPIRED, code="no-answer"
            )
            answer(device, receipt)

    def _next_at_s(self) -> float | None:
        """The loop's instant at which something is due or stale; None when only a wake-up can change anything."""
        now_s = asyncio.get_running_loop().time()
        instants = [it.stale_at_s for it in self._events.values() if it.stale_at_s is not None]
        if self._link.is_connected:
            instants += [it.due_at_s for it in self._events.values()]
            if self._outgoing:
                instants.append(now_s + RESEND_FIRST_S)
        return min(instants, default=None)

    def _forget_state_events(self, device: str) -> None:
        """A newer state makes an older one of the same device, still unanswered, worthless."""
        older = [seq for seq, it in self._events.items() if it.device == device and it.stale_at_s is None]
        for seq in older:
            del self._events[seq]
