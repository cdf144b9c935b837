"""Kiosks get numbers of their own, and the day hears what they gave."""

from datetime import datetime

from hub.day import number_events
from hub.day.apply.effect import Effect
from hub.day.model import Day, Leased, written


def _range_leased(day: Day, event: number_events.RangeLeased, at: datetime) -> None:
    day.leases.append(Leased(event.device, event.holder, event.series, event.first, event.last, at))


def _ticket_aliased(day: Day, event: number_events.TicketAliased, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    ticket.old_numbers += (ticket.number,)
    ticket.number, ticket.offline = written(event.series, event.number), event.offline
    day.by_number[ticket.number] = ticket.id


EFFECTS: dict[type, Effect] = {
    number_events.RangeLeased: _range_leased,
    number_events.TicketAliased: _ticket_aliased,
}
