"""Who came while her kiosk was cut off is in line, and as of the moment in which she pressed its key.

It holds the journal's rows against the fingers at kiosks, the slips that were cut and what kiosks told afterwards.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from hub.day import events, number_events
from hub.day.model import written
from hub.journal import Mark
from simulator.checkers import number_of
from simulator.evidence import Evidence
from simulator.hall import slip_of
from simulator.lobby_facts import ServiceDay
from wire.messages import Event, TicketGiven

EXACT = timedelta(seconds=0.25)
"""Clocks are told in whole milliseconds, and a commit takes a few of them."""
STAMP_S = 0.003
TOLD_S = 45.0
"""Of calm: by then a kiosk has told what it gave by itself."""
SETTLE_S = 12.0
TOO_LATE = frozenset({"no-day", "other-day", "unknown-service"})
"""Why the hub does not want a number, rightly."""

ALONE = (events.TicketIssued, number_events.TicketAliased)


def arrival_violations(it: Evidence) -> Iterator[str]:
    """Visitors of kiosks that were cut off who lost their place in line, or their ticket."""
    given = {event.body.request: event.body for _, event in it.each(Event) if isinstance(event.body, TicketGiven)}
    yield from _out_of_order(it, given)
    yield from _unknown(it, given)
    if not any(trouble.kind == "clock-leaps" for trouble in it.record.troubles):
        yield from _not_then(it, given)


def _out_of_order(it: Evidence, given: Mapping[str, TicketGiven]) -> Iterator[str]:
    """The hub hears of one kiosk's numbers as they were given."""
    told = {written(ticket.series, ticket.number) for ticket in given.values()}
    newest: dict[tuple[str, str], int] = {}
    for row in it.entries:
        if isinstance(row.event, events.DayOpened):
            newest = {}
        elif isinstance(row.event, ALONE) and row.event.offline and number_of(row.event) in told:
            series = row.event.offline, row.event.series
            before = newest.get(series, 0)
            if row.event.number < before:
                later = written(row.event.series, before)
                yield f"{row.event.offline} handed in {number_of(row.event)} after {later}, which it gave later"
            newest[series] = max(row.event.number, before)


def _is_without_chance(it: Evidence, mark: Mark) -> bool:
    """Whether it could not be taken, because the hub's chance repeated itself and gave it another's address."""
    at_s = it.mark_s(mark)
    stuck = (trouble for trouble in it.record.troubles if trouble.kind == "chance-repeats")
    return mark.answer.code == "poison" and any(trouble.began_s <= at_s <= trouble.ended_s for trouble in stuck)


def _unknown(it: Evidence, given: Mapping[str, TicketGiven]) -> Iterator[str]:
    """A number on a kiosk's own slip is a ticket, once its kiosk could tell."""
    kiosk_of: dict[tuple[str, str], str] = {}
    """Printer and number."""
    known = {
        written(ticket.series, ticket.number)
        for request, ticket in given.items()
        if (mark := it.marks.get(f"offline/{request}")) is not None
        and (mark.answer.code in TOO_LATE or _is_without_chance(it, mark))
    }
    printers = {device.address: device.printer for device in it.lobby.devices}
    for row in it.entries:
        if isinstance(row.event, number_events.RangeLeased):
            numbers = (written(row.event.series, n) for n in range(row.event.first, row.event.last + 1))
            kiosk_of |= {(printers[row.event.device], number): row.event.device for number in numbers}
        elif isinstance(row.event, ALONE) and row.event.offline:
            known.add(number_of(row.event))
    turns_s = [it.row_s(row) for row in it.entries if isinstance(row.event, events.DayClosed)]
    for cut in it.record.printed:
        number = slip_of(cut.printer, cut.slip).number
        kiosk = kiosk_of.get((cut.printer, number))
        if kiosk is None or number in known:
            continue
        to_s = min((at_s for at_s in turns_s if at_s > cut.at_s), default=it.ends_s)
        spells = it.record.calm_spells(kiosk, cut.at_s, to_s, SETTLE_S)
        if any(ends_s - begins_s > TOLD_S for begins_s, ends_s in spells):
            known.add(number)
            yield f"{kiosk} gave {number} at {cut.at_s:.1f} s, and the hub does not know of it"


def _not_then(it: Evidence, given: Mapping[str, TicketGiven]) -> Iterator[str]:
    """Whoever pressed a key came then, unless that cannot be: before the lobby opened, or its kiosk had the number."""
    fingers: dict[tuple[str, str], list[float]] = defaultdict(list)
    for press in it.record.presses:
        fingers[press.device, press.key].append(press.at_s)
    # The row that was committed the soonest tells best what the hub's clock said when.
    began_s = min((it.row_s(row) - row.at.timestamp() for row in it.entries if it.row_s(row) >= 0.0), default=0.0)
    earliest = datetime.min.replace(tzinfo=UTC)
    leased_at: dict[str, datetime] = {}
    for row in it.entries:
        event = row.event
        if isinstance(event, events.DayOpened):
            leased_at, earliest = {}, ServiceDay(event.lobby, event.day).opens_first_at() or row.at
        elif isinstance(event, number_events.RangeLeased):
            leased_at |= {written(event.series, n): row.at for n in range(event.first, event.last + 1)}
        elif isinstance(event, events.TicketIssued) and event.offline and event.request in given:
            number, pressed = number_of(event), given[event.request].pressed
            pressed_s = (pressed.ms + pressed.since_ms) / 1_000
            if not any(abs(at_s - pressed_s) <= STAMP_S for at_s in fingers[event.offline, event.service]):
                yield f"{event.offline} says that {number} was asked for at {pressed_s:.3f} s, and nobody did"
            came_at = datetime.fromtimestamp(pressed_s - began_s, UTC)
            is_possible = came_at - EXACT > max(earliest, leased_at.get(number, earliest))
            if is_possible and event.arrived_at is not None and abs(event.arrived_at - came_at) > EXACT:
                yield f"{number} was asked for at {came_at:%H:%M:%S}, and is in line as of {event.arrived_at:%H:%M:%S}"
