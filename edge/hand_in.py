"""A kiosk's way back: tickets that it gave alone are handed in, oldest first, and more numbers are asked for.

This room knows which event was answered. What was given, and what is wanted, `edge.offline` says.
"""

import asyncio
from collections.abc import Callable

import structlog
from msgspec.structs import replace

from edge.node import Node
from edge.offline import Offline
from wire.messages import Outcome, Receipt

HAND_IN_AGAIN_S = 3.0
"""After a ticket of its own could not be told to the hub, or was told and not answered."""
HAND_IN_STALE_S = 10.0
"""A ticket that is handed in and not answered for so long is handed in anew."""

log = structlog.get_logger()


class HandIn:
    """One kiosk's."""

    def __init__(
        self,
        node: Node,
        device: str,
        offline: Offline,
        changed: Callable[[], None],
        *,
        shows: Callable[[str], bool],
        known: Callable[[str, str], None],
    ) -> None:
        """`changed` is called when there is something to keep. `shows(request)` is asked whether the visitor with that
        wish still stands before a screen, and `known(request, url)` told where she follows her ticket."""
        self._node = node
        self._device = device
        self._offline = offline
        self._changed = changed
        self._shows = shows
        self._known = known
        self._handing_in: tuple[int, str] | None = None
        """Event and request of the ticket that the hub is being told of."""
        self._again: asyncio.TimerHandle | None = None
        self._asking: int | None = None
        """Event that asks for numbers."""
        self._is_refused = False
        """The hub has no numbers for this kiosk; it is asked again on another day."""

    def takes(self, receipt: Receipt) -> bool:
        """Whether `receipt` answers something that was said here; if so, it is heeded."""
        if self._handing_in is not None and receipt.event_seq == self._handing_in[0]:
            self._handed_in(receipt)
        elif receipt.event_seq == self._asking:
            self._asking = None
            self._is_refused = receipt.outcome is Outcome.REFUSED
        else:
            return False
        return True

    def begin_day(self) -> None:
        """The service day is another."""
        self._is_refused = False

    def hand_in(self) -> None:
        """Tell the hub of one ticket after the other, oldest first."""
        ticket = self._offline.to_hand_in()
        if ticket is None or self._handing_in is not None:
            return
        seq = self._node.send_event(self._device, replace(ticket, shows=self._shows(ticket.request)), HAND_IN_STALE_S)
        if seq is not None:
            self._handing_in = (seq, ticket.request)
        else:
            self._hand_in_later()

    def ask_for_numbers(self) -> None:
        wanted = self._offline.wanted()
        if wanted is not None and self._asking is None and not self._is_refused:
            self._asking = self._node.send_event(self._device, wanted, None)

    def close(self) -> None:
        if self._again is not None:
            self._again.cancel()

    def _hand_in_later(self) -> None:
        self.close()
        self._again = asyncio.get_running_loop().call_later(HAND_IN_AGAIN_S, self.hand_in)

    def _handed_in(self, receipt: Receipt) -> None:
        assert self._handing_in is not None
        (_, request), self._handing_in = self._handing_in, None
        if receipt.outcome is Outcome.EXPIRED:
            self._hand_in_later()  # nobody has answered: it is told again
            return
        if receipt.outcome is Outcome.REFUSED:
            log.warning("ticket refused by the hub", device=self._device, code=receipt.code, facts=receipt.facts)
        if receipt.ticket_url:
            self._known(request, receipt.ticket_url)
        self._offline.answered(request)
        self._changed()
        self.hand_in()
        self.ask_for_numbers()
