"""What must hold of every day, whatever happened in it. A breach is a sentence that names ticket, desk or board.

The checkers read what is left behind: the journal's events, what boards drew, what printers cut off, and at the end the
live day. They decide nothing and repair nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from edge.roles.board import BoardPicture
from hub.day import events, number_events
from hub.day.model import Day, written
from hub.journal import Entry
from simulator.hall import Slip
from simulator.replica import Replica
from wire.messages import BoardView, KioskView, SignView, View


def journal_violations(rows: Sequence[Entry]) -> Iterator[str]:
    """Numbers given or leased twice, tickets called where they cannot be, desks with two visitors."""
    for day in _days(rows):
        yield from _numbers_twice(day)
        yield from _leased_twice(day)
        yield from _Desks().violations(day)


def _days(rows: Iterable[Entry]) -> list[list[Entry]]:
    """The rows of each service day."""
    days: list[list[Entry]] = [[]]
    for row in rows:
        if isinstance(row.event, events.DayOpened):
            days.append([])
        days[-1].append(row)
    return days


def _numbers_twice(rows: Iterable[Entry]) -> Iterator[str]:
    first: dict[str, str] = {}
    for row in rows:
        if isinstance(row.event, events.TicketIssued | number_events.TicketAliased):
            number = number_of(row.event)
            if number in first:
                yield f"number {number} was issued twice, as {first[number]} and as {row.event.ticket}"
            first[number] = row.event.ticket


def _leased_twice(rows: Iterable[Entry]) -> Iterator[str]:
    """Ranges that overlap, and numbers in them that a kiosk did not give."""
    holder: dict[str, str] = {}
    for row in rows:
        if isinstance(row.event, number_events.RangeLeased):
            for number in (written(row.event.series, n) for n in range(row.event.first, row.event.last + 1)):
                if number in holder:
                    yield f"number {number} was leased to {row.event.holder} and to {holder[number]}"
                holder[number] = row.event.holder
        elif isinstance(row.event, events.TicketIssued | number_events.TicketAliased):
            number = number_of(row.event)
            if bool(row.event.offline) != (number in holder):
                yield f"number {number} was {'not leased' if row.event.offline else 'leased to a kiosk'}"


def number_of(given: events.TicketIssued | number_events.TicketAliased) -> str:
    """As people read it on slips and boards."""
    return written(given.series, given.number)


class _Desks:
    """Who is where, followed through the events."""

    def __init__(self) -> None:
        self._at_desk: dict[str, str] = {}
        self._desk_of: dict[str, str] = {}
        self._issued: set[str] = set()
        self._ended: set[str] = set()

    def violations(self, rows: Iterable[Entry]) -> Iterator[str]:
        for row in rows:
            match row.event:
                case events.TicketIssued(ticket=ticket):
                    self._issued.add(ticket)
                case events.TicketCalled(ticket=ticket, desk=desk):
                    yield from self._call(ticket, desk)
                case events.TicketRecalled(ticket=ticket, desk=desk) | events.ServiceStarted(ticket=ticket, desk=desk):
                    yield from self._must_be(ticket, desk, type(row.event).__name__)
                case events.TicketServed(ticket=ticket, desk=desk):
                    yield from self._must_be(ticket, desk, "TicketServed")
                    self._leave(ticket)
                    self._ended.add(ticket)
                case (
                    events.TicketMissed(ticket=ticket, desk=desk)
                    | events.TicketParked(ticket=ticket, desk=desk)
                    | events.TicketTransferred(ticket=ticket, desk=desk)
                ):
                    yield from self._must_be(ticket, desk, type(row.event).__name__)
                    self._leave(ticket)
                case events.CallUndone() as undone:
                    yield from self._undo(undone)
                case events.TicketClosed(ticket=ticket) | events.TicketMerged(duplicate=ticket):
                    if ticket in self._ended:
                        yield f"ticket {ticket} ended twice"
                    self._leave(ticket)
                    self._ended.add(ticket)
                case _:
                    pass

    def _call(self, ticket: str, desk: str) -> Iterator[str]:
        if ticket not in self._issued:
            yield f"ticket {ticket} was called to {desk} and never issued"
        if ticket in self._ended:
            yield f"ticket {ticket} was called to {desk} after it had ended"
        if ticket in self._desk_of:
            yield f"ticket {ticket} was called to {desk} while it was at {self._desk_of[ticket]}"
        if desk in self._at_desk:
            yield f"{desk} called {ticket} while it had {self._at_desk[desk]}"
        self._leave(ticket)
        self._at_desk[desk], self._desk_of[ticket] = ticket, desk

    def _undo(self, undone: events.CallUndone) -> Iterator[str]:
        yield from self._must_be(undone.ticket, undone.desk, "CallUndone")
        self._leave(undone.ticket)
        if undone.restored:
            self._ended.discard(undone.restored)
            self._at_desk[undone.desk], self._desk_of[undone.restored] = undone.restored, undone.desk

    def _must_be(self, ticket: str, desk: str, what: str) -> Iterator[str]:
        if self._desk_of.get(ticket) != desk:
            yield f"{what} of {ticket} at {desk}, but it is at {self._desk_of.get(ticket, 'no desk')}"

    def _leave(self, ticket: str) -> None:
        desk = self._desk_of.pop(ticket, None)
        if desk is not None:
            self._at_desk.pop(desk, None)


GONE = timedelta(milliseconds=100)
"""Two presses so close together that nobody has seen what the first one did."""


def undrawn_calls(rows: Iterable[Entry], numbers: Mapping[str, str], drawn: Iterable[str]) -> Iterator[str]:
    """Called tickets that no board ever showed. `numbers`: ticket to number, as people read it. A call that was undone,
    or followed by another at its desk within `GONE`, may have come and gone too fast to be drawn; one of a ticket that
    was then found to have a slip with another number was drawn with the first, but one that was called later was not.
    """
    seen = set(drawn)
    called: dict[str, str] = {}
    called_at: dict[str, datetime] = {}
    names: dict[str, set[str]] = defaultdict(set)
    """Of each ticket, from its newest call on."""
    newest: dict[str, str] = {}
    for row in rows:
        if isinstance(row.event, events.TicketIssued | number_events.TicketAliased):
            newest[row.event.ticket] = number_of(row.event)
            names[row.event.ticket].add(number_of(row.event))
        elif isinstance(row.event, events.TicketCalled):
            called[row.event.ticket], called_at[row.event.ticket] = row.event.desk, row.at
            names[row.event.ticket] = {newest.get(row.event.ticket, numbers[row.event.ticket])}
        elif isinstance(row.event, events.CallUndone | events.TicketServed):
            ticket = row.event.ticket
            if isinstance(row.event, events.CallUndone) or row.at - called_at[ticket] < GONE:
                called.pop(ticket, None)
    for ticket, desk in called.items():
        if seen.isdisjoint(names[ticket]):
            yield f"{numbers[ticket]} was called to {desk} and never drawn on a board"


def slip_violations(rows: Iterable[Entry], numbers: Mapping[str, str], slips: Iterable[Slip]) -> Iterator[str]:
    """Slips that were printed twice without saying so, or for nobody."""
    wanted: Counter[tuple[str, str]] = Counter()
    """Printer and number: once a day."""
    printers: dict[str, str] = {}
    for row in rows:
        if isinstance(row.event, events.TicketIssued) and row.event.printer:
            printers[row.event.ticket] = row.event.printer
            wanted[row.event.printer, numbers[row.event.ticket]] += 1
        elif isinstance(row.event, number_events.TicketAliased) and number_of(row.event) != numbers[row.event.ticket]:
            wanted[printers[row.event.ticket], number_of(row.event)] += 1
    originals = Counter((slip.printer, slip.number) for slip in slips if slip.number and not slip.is_copy)
    for (printer, number), times in originals.items():
        if not wanted[printer, number]:
            yield f"{printer} printed a slip for {number or 'nobody'}, which was not asked of it"
        elif times > wanted[printer, number]:
            yield f"{printer} printed {number} {times} times without marking a copy"


def unprinted(rows: Iterable[Entry], numbers: Mapping[str, str], slips: Iterable[Slip]) -> Iterator[str]:
    """Tickets whose slip never came out of their printer."""
    printed = {(slip.printer, slip.number) for slip in slips}
    for row in rows:
        if not isinstance(row.event, events.TicketIssued) or not row.event.printer:
            continue
        if (row.event.printer, numbers[row.event.ticket]) not in printed:
            yield f"{row.event.printer} never printed {numbers[row.event.ticket]}"


def replay_violations(rows: Iterable[Entry], live: Day) -> Iterator[str]:
    """Differences between the live day and one that is made anew from the journal."""
    yield from Replica().differences(rows, live)


def display_violations(
    views: Mapping[str, View], shown: Mapping[str, View | None], pictures: Mapping[str, BoardPicture]
) -> Iterator[str]:
    """Devices that do not have their view, and boards that draw other calls than it holds. All by `node/device`."""
    for address, view in shown.items():
        if timeless(view) != timeless(views.get(address)):
            yield f"{address} does not have its view after a calm time"
    for address, picture in pictures.items():
        board = views.get(address)
        if not isinstance(board, BoardView):
            continue
        wanted = [(call.number, call.desk) for call in board.calls]
        drawn = [(call.number, call.desk) for call in picture.calls]
        if picture.is_stale:
            yield f"{address} says that it hears nothing, after a calm time"
        elif not set(drawn) <= set(wanted) or (len(drawn) != 1 and drawn != wanted) or bool(drawn) != bool(wanted):
            yield f"{address} draws {drawn}, and its view holds {wanted}"


def timeless(view: View | None) -> View | None:
    """`view` without what moves from second to second: it is shown again when something happens, or by the minute."""
    if isinstance(view, KioskView):
        services = [msgspec.structs.replace(service, wait_s=None) for service in view.services]
        return msgspec.structs.replace(view, services=services)
    return msgspec.structs.replace(view, wait_s=None) if isinstance(view, SignView) else view
