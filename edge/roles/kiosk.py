"""The push-button kiosk: one key per service, a ticket for each press.

It knows which service each key stands for, and the hub's list of open services. As a rule the hub answers a request
with a slip for whichever printer stands beside this kiosk. When no slip comes in time, because nobody hears the kiosk,
it helps the visitor itself: `edge.offline` says with what, and this room saves, prints and hands in.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import msgspec
import structlog

from edge.contacts import Contacts, Keys, Lights
from edge.keep import Keep
from edge.lamp import ANSWERS, Feedback, Lamp
from edge.node import Node
from edge.offline import Kept, Offline, Promise, Stamp, decode, encode
from edge.role import Role
from edge.roles.printer import Printer
from edge.slip import OwnSlip
from wire.messages import (
    DeviceInfo,
    Done,
    DoneOutcome,
    Identify,
    Job,
    KioskView,
    Outcome,
    Receipt,
    Show,
    TicketRequest,
)

HELP_AFTER_S = 10.0
"""So long a visitor stands before the kiosk and waits for the hub's slip. The hub lets requests expire sooner, so what
it hears after this is no wish any more."""
HAND_IN_AGAIN_S = 3.0
"""After a ticket of its own could not be told to the hub, or was told and not answered."""
HAND_IN_STALE_S = 10.0
"""A ticket that is handed in and not answered for so long is handed in anew."""
REPRINT_MAX_S = 120.0
"""Nobody waits longer than this at a printer that lost its power."""

log = structlog.get_logger()


@dataclass(slots=True)
class _Wish:
    """A visitor before the kiosk."""

    service: str
    request: str
    stamp: Stamp | None
    seq: int | None
    """Of the event that asks the hub."""
    timer: asyncio.TimerHandle | None = None
    is_helped: bool = False
    """The kiosk sees to it itself; what the hub says now is too late."""


class Kiosk(Role):
    """The keys of a ticket dispenser, each with a lamp that is lit while it gives tickets for its service."""

    def __init__(
        self,
        node: Node,
        info: DeviceInfo,
        contacts: Contacts,
        lights: Lights,
        *,
        services: Sequence[str],
        language: str,
        printers: Mapping[str, Printer],
        keep: Keep,
    ) -> None:
        """`services` name the keys and the lamps; `language` is that of the slips. `printers` are those of this node,
        all of which are known once `run` is called. `keep` has the numbers that were given, over restarts."""
        super().__init__(node, info)
        self._keys = Keys(contacts, services, self._pressed)
        self._lights = lights
        self._language = language
        self._printers = printers
        self._keep = keep
        self._offline = Offline(self._load(), machine=node.machine, new_token=node.new_token)
        self._lamps = {name: Lamp(node, info.id, partial(lights.light, name)) for name in services}
        self._open: frozenset[str] = frozenset()
        self._was_silent = True
        self._wishes: dict[str, _Wish] = {}
        """By service: an impatient second press is the same wish."""
        self._promises: deque[tuple[_Wish | None, Promise]] = deque()
        """Slips to print: at most one for each wish, and those of before a power cut."""
        self._handing_in: tuple[int, str] | None = None
        """Event and request of the ticket that the hub is being told of."""
        self._hand_in_again: asyncio.TimerHandle | None = None
        self._asking: int | None = None
        """Event that asks for numbers."""
        self._is_refused = False
        """The hub has no numbers for this kiosk; it is asked again when the view is another day's."""
        self._is_unsaved = False
        self._woken = asyncio.Event()

    # --- what the hub says -----------------------------------------------------------------------------------

    def show(self, show: Show) -> bool:
        if not isinstance(show.view, KioskView):
            return False
        self._open = frozenset(service.id for service in show.view.services if service.open)
        day = self._day
        if self._offline.hear_view(show.view):
            self._save_soon()
        self._is_refused = self._is_refused and self._day == day
        self._rest(self.node.hub_clock.is_silent)
        self._ask_for_numbers()
        return True

    def lose_view(self) -> None:
        self._open = frozenset()
        self._rest(self.node.hub_clock.is_silent)

    def receipt(self, receipt: Receipt) -> None:
        if self._handing_in is not None and receipt.event_seq == self._handing_in[0]:
            self._handed_in(receipt)
        elif receipt.event_seq == self._asking:
            self._asking = None
            self._is_refused = receipt.outcome is Outcome.REFUSED
        elif wish := next((it for it in self._wishes.values() if it.seq == receipt.event_seq), None):
            self._answered(wish, receipt)

    def _answered(self, wish: _Wish, receipt: Receipt) -> None:
        if wish.is_helped:
            return
        if self._printer is None or receipt.outcome is Outcome.REFUSED:
            self._drop(wish)
        elif receipt.outcome is Outcome.EXPIRED:
            self._help(wish)
            return
        # Otherwise the slip is on its way; should it not come, the visitor is helped all the same.
        self._lamps[wish.service].say(ANSWERS[receipt.outcome])

    def job(self, job: Job) -> None:
        if not isinstance(job.body, Identify):
            super().job(job)
            return
        for lamp in self._lamps.values():
            lamp.say(Feedback.HERE)
        self.node.send_done(self.info.id, Done(id=job.id, outcome=DoneOutcome.DONE))

    # --- life ------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        for printer in self._printers.values():
            printer.heed(self._slip_comes)
        now_s = asyncio.get_running_loop().time()
        for promise in self._offline.unfinished():
            self._finish_later(promise, now_s)
        self._keys.listen()
        self.node.hub_clock.watch(self._note_hub)
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self._promises:
                await self._fulfil(*self._promises.popleft())
            if self._is_unsaved:
                await self._save()

    def close(self) -> None:
        for wish in list(self._wishes.values()):
            self._drop(wish)
        if self._hand_in_again is not None:
            self._hand_in_again.cancel()
        for lamp in self._lamps.values():
            lamp.close()
        self._keys.close()
        self._lights.close()

    def _note_hub(self, is_silent: bool) -> None:
        if is_silent != self._was_silent:
            self._hear_time()
            self._save_soon()
        if is_silent or self._was_silent:
            self._rest(is_silent)  # its own numbers run out with time, the hub's do not
        if not is_silent:
            self._hand_in()

    def _rest(self, is_silent: bool) -> None:
        """A lamp that is lit promises a number: the hub's, or one of the kiosk's own."""
        self._was_silent = is_silent
        given = self._given_alone() if is_silent else self._open
        for name, lamp in self._lamps.items():
            lamp.rest(name in given)

    # --- a visitor -------------------------------------------------------------------------------------------

    def _pressed(self, service: str) -> None:
        if service in self._wishes:
            return
        now_s = asyncio.get_running_loop().time()
        self._hear_time()
        request = self.node.new_token()
        body = TicketRequest(request=request, service=service, language=self._language)
        seq = self.node.send_event(self.info.id, body, HELP_AFTER_S)
        if seq is None and self._printer is None:
            self._lamps[service].say(Feedback.OFFLINE)
            return
        wish = self._wishes[service] = _Wish(service, request, self._offline.stamp(now_s), seq)
        self._lamps[service].say(Feedback.SENT)
        if seq is None:
            self._help(wish)
        elif self._printer is not None:
            wish.timer = asyncio.get_running_loop().call_later(HELP_AFTER_S, self._help, wish)

    def _slip_comes(self, request: str) -> bool:
        """The hub's slip for `request` is here: whether it may be printed."""
        if self._offline.is_helped(request):
            return False
        wish = next((it for it in self._wishes.values() if it.request == request), None)
        if wish is not None:
            self._drop(wish)
        return True

    def _help(self, wish: _Wish) -> None:
        """Nobody else has. From here on the hub's slip does not come out any more."""
        if wish.timer is not None:
            wish.timer.cancel()
        if wish.is_helped or self._wishes.get(wish.service) is not wish:
            return
        wish.is_helped = True
        self._hear_time()
        now_s = asyncio.get_running_loop().time()
        promise = self._offline.give(wish.service, wish.request, self._language, wish.stamp, now_s)
        if promise is None:
            self._drop(wish)
            self._lamps[wish.service].say(Feedback.OFFLINE)
        else:
            self._promises.append((wish, promise))
            self._woken.set()

    async def _fulfil(self, wish: _Wish | None, promise: Promise) -> None:
        """Save, print, and only then count the ticket as given."""
        ticket = promise.ticket
        if ticket is not None and not await self._save():
            # A number that could not be kept might be given again.
            self._offline.slip_failed(ticket.request)
            ticket, promise = None, promise._replace(ticket=None)
        request = ticket.request if ticket is not None else wish.request if wish is not None else ""
        printer = self._printer
        is_out = printer is not None and await printer.print_own(f"own-{request}", self._slip(promise))
        if ticket is not None:
            settle = self._offline.slip_is_out if is_out else self._offline.slip_failed
            settle(ticket.request)
            await self._save()
        if wish is not None:
            self._drop(wish)
            self._lamps[wish.service].say(Feedback.DONE if is_out else Feedback.OFFLINE)
        self._rest(self.node.hub_clock.is_silent)
        self._hand_in()

    def _slip(self, promise: Promise) -> OwnSlip:
        ticket, view = promise.ticket, promise.view
        stamp = self._offline.stamp(asyncio.get_running_loop().time())
        issued_at = ticket.pressed_at if ticket is not None else stamp.pressed_at if stamp is not None else None
        return OwnSlip(
            title=view.title,
            service=promise.service.name,
            language=ticket.language if ticket is not None else self._language,
            number=f"{ticket.series}{ticket.number:03d}" if ticket is not None else "",
            desk=promise.service.desk,
            issued_at=issued_at,
            time_zone=view.cut_off.time_zone if view.cut_off is not None else "UTC",
        )

    def _finish_later(self, promise: Promise, now_s: float) -> None:
        """A slip that a power cut came between: print it again, unless its visitor will have gone."""
        stamp, ticket = self._offline.stamp(now_s), promise.ticket
        assert ticket is not None
        if stamp is None or (stamp.pressed_at - ticket.pressed_at).total_seconds() <= REPRINT_MAX_S:
            self._promises.append((None, promise))
            self._woken.set()
        else:
            self._offline.slip_is_out(ticket.request)

    def _drop(self, wish: _Wish) -> None:
        if wish.timer is not None:
            wish.timer.cancel()
        if self._wishes.get(wish.service) is wish:
            del self._wishes[wish.service]

    # --- the way back ----------------------------------------------------------------------------------------

    def _hand_in(self) -> None:
        """Tell the hub of one ticket after the other, oldest first."""
        ticket = self._offline.to_hand_in()
        if ticket is None or self._handing_in is not None:
            return
        seq = self.node.send_event(self.info.id, ticket, HAND_IN_STALE_S)
        if seq is not None:
            self._handing_in = (seq, ticket.request)
        else:
            self._hand_in_later()

    def _hand_in_later(self) -> None:
        if self._hand_in_again is not None:
            self._hand_in_again.cancel()
        self._hand_in_again = asyncio.get_running_loop().call_later(HAND_IN_AGAIN_S, self._hand_in)

    def _handed_in(self, receipt: Receipt) -> None:
        assert self._handing_in is not None
        (_, request), self._handing_in = self._handing_in, None
        if receipt.outcome is Outcome.EXPIRED:
            self._hand_in_later()  # nobody has answered: it is told again
            return
        if receipt.outcome is Outcome.REFUSED:
            log.warning("ticket refused by the hub", device=self.info.id, code=receipt.code, facts=receipt.facts)
        self._offline.answered(request)
        self._save_soon()
        self._hand_in()
        self._ask_for_numbers()

    def _ask_for_numbers(self) -> None:
        wanted = self._offline.wanted()
        if wanted is not None and self._asking is None and not self._is_refused:
            self._asking = self.node.send_event(self.info.id, wanted, None)

    # --- what is kept ----------------------------------------------------------------------------------------

    @property
    def _day(self) -> date | None:
        """The service day of the newest view."""
        view = self._offline.kept.view
        return view.cut_off.day if view is not None and view.cut_off is not None else None

    @property
    def _printer(self) -> Printer | None:
        """The printer of this kiosk's own slips; None if it cannot help anybody by itself."""
        view = self._offline.kept.view
        return self._printers.get(view.cut_off.printer) if view is not None and view.cut_off is not None else None

    def _given_alone(self) -> frozenset[str]:
        """The services for which there are tickets without the hub."""
        if self._printer is None:
            return frozenset()
        now_s = asyncio.get_running_loop().time()
        return frozenset(name for name in self._lamps if self._offline.can_give(name, now_s))

    def _hear_time(self) -> None:
        heard = self.node.hub_clock.newest
        if heard is not None:
            self._offline.hear_time(heard)

    def _load(self) -> Kept | None:
        try:
            content = self._keep.load()
            return None if content is None else decode(content)
        except (OSError, msgspec.DecodeError) as error:
            # What it gave is not known any more, so it starts as another holder with other numbers.
            log.warning("given numbers unreadable", device=self.info.id, error=str(error))
            return None

    def _save_soon(self) -> None:
        self._is_unsaved = True
        self._woken.set()

    async def _save(self) -> bool:
        self._is_unsaved = False
        try:
            await asyncio.to_thread(self._keep.save, encode(self._offline.kept))
        except OSError as error:
            log.warning("given numbers not kept", device=self.info.id, error=str(error))
            return False
        return True
