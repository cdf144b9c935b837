"""In calm, whoever is called is on every board within two seconds and stays there, and whoever is not is not.

It follows the journal's calls with code of its own and holds them against what the boards have drawn.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from hub.day import events, number_events
from hub.day.evacuation_events import EvacuationBegan, EvacuationEnded
from hub.day.lobby import DeviceKind
from simulator.checkers import number_of
from simulator.evidence import Evidence
from simulator.record import Drawing

SHOWN_S = 2.0
"""So soon is a call on the boards, and one that was taken back off them."""
SILENT_S = 3.5
"""So soon a board notices that it hears nothing; declared in `docs/operations.md`."""
SETTLE_S = 10.0
"""So long after trouble boards are right again."""


class _Spell(NamedTuple):
    """A time in which a number is to stand on the boards, or may."""

    number: str
    desk: str
    from_s: float
    to_s: float


def board_violations(it: Evidence) -> Iterator[str]:
    """Calls that a board did not show, and numbers that it showed though they were called no more."""
    calls = _Calls(it)
    for device in it.lobby.devices:
        if device.kind is not DeviceKind.BOARD:
            continue
        drawings = _Drawings(it.record.drawings.get(device.address, []))
        spells = it.record.calm_spells(device.address, 0.0, it.ends_s, SETTLE_S)
        for awaited, at_once in calls.awaited_at_once:
            if at_once <= device.calls:
                yield from _missing(device.address, awaited, drawings, spells)
        yield from _strange(device.address, calls, drawings, spells)
        yield from _pretended(device.address, drawings, _silences(it, device.address))


class _Drawings:
    """What one board has shown, oldest first."""

    def __init__(self, drawings: Sequence[Drawing]) -> None:
        self._drawings = drawings
        self._at_s = [it.at_s for it in drawings]

    def during(self, from_s: float, to_s: float) -> Sequence[Drawing]:
        """What was to be seen between two instants."""
        # The one before was still to be seen then.
        first = max(bisect_right(self._at_s, from_s) - 1, 0)
        return self._drawings[first : bisect_right(self._at_s, to_s, first)]

    def with_ends(self, from_s: float, to_s: float) -> Iterator[tuple[Drawing, float]]:
        """The same, each with the instant of the next one, or with `to_s` if there is none."""
        seen = self.during(from_s, to_s)
        after = bisect_right(self._at_s, to_s)
        last_s = self._at_s[after] if after < len(self._at_s) else to_s
        return zip(seen, [*(it.at_s for it in seen[1:]), last_s], strict=False)


class _Calls:
    """Who was called when, until when."""

    def __init__(self, it: Evidence) -> None:
        self.awaited: list[_Spell] = []
        """Called, and not come yet; by the instant at which that ended."""
        self._may: defaultdict[str, list[_Spell]] = defaultdict(list)
        """By number: called, and not taken back since. Who was served last at a desk may stand beside it."""
        self._numbers: dict[str, str] = {}
        """As people know them at the instant that is looked at."""
        self._open_awaited: dict[str, _Spell] = {}
        self._open_may: dict[str, _Spell] = {}
        self._sent_away: set[str] = set()
        """Who left a desk without having been there: undoing the call that did it awaits her again."""
        self._called_before: list[str] = []
        """Called and not come yet when everybody had to leave the building, in which boards show no calls."""
        self._opened_s: dict[str, float] = {}
        self._open_desks: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
        for row in it.entries:
            self._take(row.event, it.row_s(row))
        self._end_all(it.ends_s)

    @cached_property
    def awaited_at_once(self) -> list[tuple[_Spell, int]]:
        """Each who was awaited, with how many were while that was, at most."""
        begins_s, ends_s = sorted([it.from_s for it in self.awaited]), [it.to_s for it in self.awaited]
        # All that began before it ended, but for those that had ended before it began.
        return [(it, bisect_left(begins_s, it.to_s) - bisect_left(ends_s, it.from_s)) for it in self.awaited]

    def may_show(self, number: str, at_s: float) -> bool:
        """Whether that number may stand on a board."""
        for spell in self._may[number]:
            if spell.from_s <= at_s <= spell.to_s:
                for from_s, to_s in self._open_desks[spell.desk]:
                    if from_s <= at_s <= to_s:
                        return True
        return False

    def _take(self, event: events.AnyEvent, at_s: float) -> None:
        self._note_sent_away(event)
        self._note_evacuation(event, at_s)
        match event:
            case events.TicketIssued() | number_events.TicketAliased():
                self._name(event, at_s)
            case events.DeskOpened(desk=desk):
                self._opened_s[desk] = at_s
            case events.DeskClosed(desk=desk):
                self._close(desk, at_s)
            case events.TicketCalled(ticket=ticket, desk=desk):
                self._gone(ticket, at_s)
                self._open_awaited[ticket] = self._open_may[ticket] = self._spell(ticket, desk, at_s)
            case events.ServiceStarted(ticket=ticket) | events.TicketServed(ticket=ticket):
                self._come(ticket, at_s)
            case (
                events.TicketMissed(ticket=ticket)
                | events.TicketParked(ticket=ticket)
                | events.TicketTransferred(ticket=ticket)
                | events.TicketClosed(ticket=ticket)
                | events.TicketMerged(duplicate=ticket)
            ):
                self._gone(ticket, at_s)
            case events.CallUndone(ticket=ticket, desk=desk, restored=restored):
                self._gone(ticket, at_s)
                self._come_back(restored, desk, at_s)
            case events.DayClosed():
                self._end_all(at_s)
            case _:
                pass

    def _note_evacuation(self, event: events.AnyEvent, at_s: float) -> None:
        """Whom a desk awaited when everybody had to leave, it awaits afterwards; boards show no calls meanwhile."""
        if isinstance(event, EvacuationBegan):
            self._called_before = list(self._open_awaited)
            for ticket in self._called_before:
                self._come(ticket, at_s)
        elif isinstance(event, EvacuationEnded):
            for ticket in self._called_before:
                if ticket in self._open_may:
                    self._open_awaited[ticket] = self._spell(ticket, self._open_may[ticket].desk, at_s)
        if isinstance(event, EvacuationEnded | events.DayClosed):
            self._called_before = []

    def _note_sent_away(self, event: events.AnyEvent) -> None:
        if isinstance(event, events.TicketServed | events.TicketTransferred):
            self._sent_away.discard(event.ticket)
            self._sent_away |= {event.ticket} & self._open_awaited.keys()

    def _come_back(self, ticket: str, desk: str, at_s: float) -> None:
        """Whom an undone call had sent away, if it had, is at the desk again, or on her way there."""
        if ticket:
            self._open_may.setdefault(ticket, self._spell(ticket, desk, at_s))
        if ticket in self._sent_away:
            self._open_awaited[ticket] = self._spell(ticket, desk, at_s)

    def _name(self, event: events.TicketIssued | number_events.TicketAliased, at_s: float) -> None:
        """The number that the ticket has from now on, also on boards that show it."""
        ticket = event.ticket
        self._numbers[ticket] = number_of(event)
        awaited, may = self._open_awaited.get(ticket), self._open_may.get(ticket)
        self._gone(ticket, at_s)
        if awaited is not None:
            self._open_awaited[ticket] = self._spell(ticket, awaited.desk, at_s)
        if may is not None:
            self._open_may[ticket] = self._spell(ticket, may.desk, at_s)

    def _spell(self, ticket: str, desk: str, at_s: float) -> _Spell:
        return _Spell(self._numbers[ticket], desk, at_s, float("inf"))

    def _come(self, ticket: str, at_s: float) -> None:
        if ticket in self._open_awaited:
            self.awaited.append(self._open_awaited.pop(ticket)._replace(to_s=at_s))

    def _gone(self, ticket: str, at_s: float) -> None:
        self._come(ticket, at_s)
        if ticket in self._open_may:
            spell = self._open_may.pop(ticket)._replace(to_s=at_s)
            self._may[spell.number].append(spell)

    def _close(self, desk: str, at_s: float) -> None:
        if desk in self._opened_s:
            self._open_desks[desk].append((self._opened_s.pop(desk), at_s))

    def _end_all(self, at_s: float) -> None:
        for ticket in list(self._open_may):
            self._gone(ticket, at_s)
        for desk in list(self._opened_s):
            self._close(desk, at_s)


def _missing(board: str, awaited: _Spell, drawings: _Drawings, calm: Sequence[tuple[float, float]]) -> Iterator[str]:
    for begins_s, ends_s in calm:
        from_s, to_s = max(awaited.from_s + SHOWN_S, begins_s), min(awaited.to_s, ends_s)
        if from_s >= to_s:
            continue
        for drawing in drawings.during(from_s, to_s):
            # Where one call is shown at a time, the others wait for their turn.
            shown = drawing.in_view if len(drawing.in_view) > len(drawing.numbers) == 1 else drawing.numbers
            if not drawing.is_current or awaited.number not in shown:
                at_s = max(drawing.at_s, from_s)
                yield f"{awaited.number}, called at {awaited.from_s:.1f} s, was not on {board} at {at_s:.1f} s, in calm"
                return


def _strange(board: str, calls: _Calls, drawings: _Drawings, calm: Sequence[tuple[float, float]]) -> Iterator[str]:
    told: set[str] = set()
    for begins_s, ends_s in calm:
        for drawing, until_s in drawings.with_ends(begins_s, ends_s):
            from_s, to_s = max(drawing.at_s, begins_s), min(until_s, ends_s) - SHOWN_S
            if not drawing.is_current or from_s >= to_s:
                continue
            for number in drawing.numbers:
                if number not in told and not calls.may_show(number, to_s):
                    told.add(number)
                    yield f"{board} showed {number} until {until_s:.1f} s, in calm, and no desk called it any more"


def _silences(it: Evidence, board: str) -> list[tuple[float, float]]:
    """Those of the hub in which the board's LEDs could be told that nothing is current any more."""
    deaf = [trouble for trouble in it.record.troubles if trouble.kind == "leds-fail" and trouble.touches(board)]
    return [
        (begins_s, ends_s)
        for begins_s, ends_s in it.silences
        if not any(trouble.began_s <= ends_s and trouble.ended_s >= begins_s for trouble in deaf)
    ]


def _pretended(board: str, drawings: _Drawings, silences: Sequence[tuple[float, float]]) -> Iterator[str]:
    """Who does not hear the hub takes nothing for current."""
    for begins_s, ends_s in silences:
        if any(drawing.is_current for drawing in drawings.during(begins_s + SILENT_S, ends_s)):
            yield f"{board} showed calls as current at {begins_s + SILENT_S:.1f} s, and had not heard the hub since"
            return
