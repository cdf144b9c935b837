"""The kiosk: a ticket for each wish that its face brings, be that a key or a page.

It knows wishes and the hub's list of open services. As a rule the hub answers a wish with a slip for whichever printer
stands beside this kiosk. When no slip comes in time, because nobody hears the kiosk, it helps the visitor itself:
`edge.offline` says with what, and this room saves, prints and hands in. A face that shows numbers makes up for a slip
that does not come. How a wish is made, and how its answer looks, is the face's alone.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec
import structlog

from edge.hand_in import HandIn
from edge.keep import Keep
from edge.kiosk_face import Asked, Face, How, Offer, Told
from edge.kiosk_printers import KioskPrinters
from edge.node import Node
from edge.offline import Kept, Offline, Promise, Stamp, decode, encode
from edge.role import Role
from edge.roles.printer import OWN, Printer
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
    TicketGiven,
)

HELP_AFTER_S = 10.0
"""So long a visitor stands before the kiosk and waits for the hub's slip. The hub lets requests expire sooner, so what
it hears after this is no wish any more."""
REPRINT_MAX_S = 120.0
"""Nobody waits longer than this at a printer that lost its power."""
SHOWN_MAX = 200
"""Wishes whose slips are not wanted any more, since the face has shown their numbers. A slip expires far sooner."""

log = structlog.get_logger()


@dataclass(slots=True)
class _Wish:
    """A visitor before the kiosk."""

    asked: Asked
    request: str
    stamp: Stamp | None
    seq: int | None
    """Of the event that asks the hub."""
    timer: asyncio.TimerHandle | None = None
    is_helped: bool = False
    """The kiosk sees to it itself; what the hub says now is too late."""
    number: str = ""
    url: str = ""
    """Of the ticket that the hub has issued for it."""


class Kiosk(Role):
    """A ticket dispenser behind its face."""

    def __init__(
        self,
        node: Node,
        info: DeviceInfo,
        face: Face,
        *,
        printers: Mapping[str, Printer],
        keep: Keep,
    ) -> None:
        """`printers` are those of this node, all of which are known once `run` is called. `keep` has the numbers that
        were given, over restarts."""
        super().__init__(node, info)
        self.face = face
        self._printers = KioskPrinters(node.name, printers)
        self._keep = keep
        self._offline = Offline(self._load(), machine=node.machine, new_token=node.new_token)
        self._view: KioskView | None = None
        self._was_silent = True
        self._wishes: dict[str, _Wish] = {}
        """By the key of what was asked: an impatient second press is the same wish."""
        self._shown: deque[str] = deque(maxlen=SHOWN_MAX)
        """Requests whose numbers the face has shown in place of a slip."""
        self._printed: tuple[str, Asked] | None = None
        """Request and wish of the newest slip."""
        self._given: tuple[str, Asked] | None = None
        """Those of the newest number that it gave by itself."""
        self._promises: deque[tuple[_Wish | None, Promise]] = deque()
        """Slips to print: at most one for each wish, and those of before a power cut."""
        self._way_back = HandIn(
            node, info.id, self._offline, self._save_soon, shows=self._is_shown_own, known=self._show_where
        )
        self._is_unsaved = False
        self._woken = asyncio.Event()

    # --- what the hub says -----------------------------------------------------------------------------------

    def show(self, show: Show) -> bool:
        if not isinstance(show.view, KioskView):
            return False
        self._view = show.view
        day = self._offline.day
        if self._offline.hear_view(show.view):
            self._save_soon()
        if self._offline.day != day:
            self._way_back.begin_day()
        self._offer(self.node.hub_clock.is_silent)
        self._way_back.ask_for_numbers()
        return True

    def lose_view(self) -> None:
        self._view = None
        self._offer(self.node.hub_clock.is_silent)

    def receipt(self, receipt: Receipt) -> None:
        if self._way_back.takes(receipt):
            return
        wish = next((it for it in self._wishes.values() if it.seq == receipt.event_seq), None)
        if wish is not None:
            self._answered(wish, receipt)

    def _answered(self, wish: _Wish, receipt: Receipt) -> None:
        if wish.is_helped:
            return
        if receipt.outcome is Outcome.REFUSED:
            self._end(wish, Told(how=How.REFUSED, code=receipt.code, facts=receipt.facts))
        elif receipt.outcome is Outcome.EXPIRED:
            self._help(wish)
        else:
            wish.number, wish.url = str(receipt.facts.get("number", "")), receipt.ticket_url
            # A slip is on its way; should it not come, the visitor is helped all the same.
            self._say(wish, How.PROMISED if self._awaits_slip(wish) else How.DONE)

    def job(self, job: Job) -> None:
        if not isinstance(job.body, Identify):
            super().job(job)
            return
        self.face.identify(job.body.seconds)
        self.node.send_done(self.info.id, Done(id=job.id, outcome=DoneOutcome.DONE))

    # --- life ------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        for printer in self._printers.every():
            printer.heed(self)
        now_s = asyncio.get_running_loop().time()
        for promise in self._offline.unfinished():
            self._finish_later(promise, now_s)
        self.face.listen(self._ask)
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
        self._way_back.close()
        self.face.close()

    def _note_hub(self, is_silent: bool) -> None:
        if is_silent != self._was_silent:
            self._hear_time()
            self._save_soon()
        if is_silent or self._was_silent:
            self._offer(is_silent)  # its own numbers run out with time, the hub's do not
        if not is_silent:
            self._way_back.hand_in()

    def _offer(self, is_silent: bool) -> None:
        """What is offered promises a number: the hub's, or one of the kiosk's own."""
        self._was_silent = is_silent
        view = self._offline.kept.view if is_silent else self._view
        open_now = frozenset(it.id for it in self._view.services if it.open) if self._view else frozenset()
        given = self._given_alone() if is_silent else open_now
        self.face.offer(Offer(view=view, given=given, is_silent=is_silent, prints=self._printers.prints(view)))

    # --- what the printer says -------------------------------------------------------------------------------

    def slip_comes(self, request: str) -> bool:
        """The hub's slip for `request` is here: whether it may be printed."""
        if self._offline.is_helped(request) or request in self._shown:
            return False
        wish = next((it for it in self._wishes.values() if it.request == request), None)
        if wish is not None and not self.face.shows_numbers:
            self._drop(wish)
        return True

    def slip_done(self, request: str, why_not: str) -> None:
        """The hub's slip for `request` is on paper; or it is not, or not surely, which `why_not` explains."""
        wish = next((it for it in self._wishes.values() if it.request == request), None)
        if wish is not None and not why_not:
            self._say(wish, How.DONE)
        elif wish is not None and wish.number:
            self._show_instead(wish)

    def slip_taken(self, request: str) -> None:
        if self._printed is not None and self._printed[0] == request:
            self.face.tell(self._printed[1], Told(how=How.TAKEN))

    def printer_changed(self) -> None:
        self._offer(self.node.hub_clock.is_silent)

    # --- a number of its own ---------------------------------------------------------------------------------

    def _is_shown_own(self, request: str) -> bool:
        return self._given is not None and self._given[0] == request

    def _show_where(self, request: str, url: str) -> None:
        """The hub knows the number now: whoever still stands there may take it along."""
        if self._given is not None and self._given[0] == request:
            self.face.tell(self._given[1], Told(how=How.KNOWN, url=url))

    # --- a visitor -------------------------------------------------------------------------------------------

    def _ask(self, asked: Asked) -> None:
        if asked.key in self._wishes:
            return
        now_s = asyncio.get_running_loop().time()
        self._hear_time()
        request = self.node.new_token()
        seq = self.node.send_event(self.info.id, asked.event(request, shows=self.face.shows_numbers), HELP_AFTER_S)
        if seq is None and (self._printer is None or not asked.service):
            self.face.tell(asked, Told(how=How.OFFLINE))
            return
        wish = self._wishes[asked.key] = _Wish(asked, request, self._offline.stamp(now_s), seq)
        if asked.is_large:
            for printer in self._printers.every():
                printer.enlarge(request)
        self.face.tell(asked, Told(how=How.SENT))
        if seq is None:
            self._help(wish)
        elif self._awaits_slip(wish):
            wish.timer = asyncio.get_running_loop().call_later(HELP_AFTER_S, self._help, wish)

    def _awaits_slip(self, wish: _Wish) -> bool:
        """Whether what ends the waiting is a slip: one is wanted, and a printer of this node will tell of it."""
        if self.face.shows_numbers:
            return wish.asked.on_paper and bool(self._printers.of_hub(self._view))
        return self._printer is not None

    def _help(self, wish: _Wish) -> None:
        """Nobody else has. From here on the hub's slip does not come out any more."""
        if wish.timer is not None:
            wish.timer.cancel()
        if wish.is_helped or self._wishes.get(wish.asked.key) is not wish:
            return
        if wish.number and self.face.shows_numbers:
            self._show_instead(wish)
            return
        wish.is_helped = True
        self._hear_time()
        now_s = asyncio.get_running_loop().time()
        asked, promise = wish.asked, None
        if asked.service and self._printer is not None:
            promise = self._offline.give(asked.service, wish.request, asked.language, wish.stamp, now_s)
        if promise is None:
            self._end(wish, Told(how=How.OFFLINE))
        else:
            self._promises.append((wish, promise))
            self._woken.set()

    def _show_instead(self, wish: _Wish) -> None:
        """The face shows the ticket; a slip that comes later would be somebody else's litter."""
        self._shown.append(wish.request)
        self._say(wish, How.UNPRINTED)

    def _say(self, wish: _Wish, how: How) -> None:
        """Tell of the hub's ticket."""
        told = Told(
            how=how, number=wish.number, url=wish.url, on_paper=wish.asked.on_paper and how is not How.UNPRINTED
        )
        if how is How.PROMISED:
            self.face.tell(wish.asked, told)
        else:
            self._end(wish, told)

    def _end(self, wish: _Wish, told: Told) -> None:
        if told.on_paper:
            self._printed = wish.request, wish.asked
        self._drop(wish)
        self.face.tell(wish.asked, told)

    async def _fulfil(self, wish: _Wish | None, promise: Promise) -> None:
        """Save, give, and only then count the ticket as given."""
        ticket = promise.ticket
        if ticket is not None and not await self._save():
            # A number that could not be kept might be given again.
            self._offline.slip_failed(ticket.request)
            ticket, promise = None, promise._replace(ticket=None)
        told = Told(how=How.NO_NUMBER, desk=promise.service.desk)
        if ticket is not None:
            told = Told(how=How.PROMISED, number=_number(ticket), is_own=True)
            if wish is not None and self.face.shows_numbers:
                self._given = ticket.request, wish.asked
                self.face.tell(wish.asked, replace(told, on_paper=True))
        request = ticket.request if ticket is not None else wish.request if wish is not None else ""
        printer = self._printer
        slip = self._slip(wish, promise)
        is_out = printer is not None and await printer.print_own(f"{OWN}{request}", slip)
        if ticket is not None:
            is_given = is_out or (wish is not None and self.face.shows_numbers)
            settle = self._offline.slip_is_out if is_given else self._offline.slip_failed
            settle(ticket.request)
            await self._save()
            told = replace(told, how=How.DONE if is_out else How.UNPRINTED)
        if wish is not None:
            self._end(wish, replace(told, on_paper=is_out))
        self._offer(self.node.hub_clock.is_silent)
        self._way_back.hand_in()

    def _slip(self, wish: _Wish | None, promise: Promise) -> OwnSlip:
        ticket, view = promise.ticket, promise.view
        stamp = self._offline.stamp(asyncio.get_running_loop().time())
        issued_at = ticket.pressed_at if ticket is not None else stamp.pressed_at if stamp is not None else None
        return OwnSlip(
            title=view.title,
            service=promise.service.name,
            language=ticket.language if ticket is not None else wish.asked.language if wish is not None else "",
            number=_number(ticket) if ticket is not None else "",
            is_large=wish is not None and wish.asked.is_large,
            bring=promise.service.bring,
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
        if self._wishes.get(wish.asked.key) is wish:
            del self._wishes[wish.asked.key]

    # --- what is kept ----------------------------------------------------------------------------------------

    @property
    def _printer(self) -> Printer | None:
        """The printer of this kiosk's own slips; None if it cannot help anybody by itself."""
        return self._printers.of_its_own(self._offline.kept.view)

    def _given_alone(self) -> frozenset[str]:
        """The services for which there are tickets without the hub."""
        return self._offline.services(asyncio.get_running_loop().time()) if self._printer else frozenset()

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
        except OSError:
            return False  # the keep has told of it
        return True


def _number(ticket: TicketGiven) -> str:
    return f"{ticket.series}{ticket.number:03d}"
