"""Work that events cause outside the day: slips to print. Wanted in the transaction of the event, done later.

A job holds references. Its text is made when it is sent, so that a slip printed late still tells the truth.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from hub.day import estimates
from hub.day.durations import seconds
from hub.day.events import AnyEvent, TicketIssued
from hub.day.model import Day
from hub.day.page_views import place_in_line
from wire.messages import PrintSlip

SLIP_EXPIRES_S = 120
"""Nobody waits longer than this at a printer; a slip that comes later is litter, and somebody else takes it."""


class JobWanted(Struct, frozen=True, kw_only=True):
    """A job for the outbox."""

    device: str
    """`node/device` that shall do it."""
    kind: Literal["print-slip"]
    ticket: str
    expires_at: datetime


def wanted(day: Day, event: AnyEvent, at: datetime) -> list[JobWanted]:
    """The jobs that `event`, already applied, causes."""
    if not isinstance(event, TicketIssued) or not event.printer or event.offline:
        return []
    expires_at = at + seconds(SLIP_EXPIRES_S)
    return [JobWanted(device=event.printer, kind="print-slip", ticket=event.ticket, expires_at=expires_at)]


def print_slip(day: Day, ticket_id: str, ticket_url: str, now: datetime) -> PrintSlip:
    """The slip of a ticket as it should be printed at `now`."""
    assert day.lobby is not None
    ticket = day.tickets[ticket_id]
    service = day.services[ticket.service]
    ahead = place_in_line(day, ticket)
    return PrintSlip(
        number=ticket.number,
        service=service.service.name,
        title=day.lobby.site.name,
        language=ticket.language,
        ticket_url=ticket_url,
        issued_at=ticket.issued_at,
        time_zone=day.lobby.site.time_zone,
        ahead=ahead or 0,
        wait_s=None if ahead is None else estimates.wait_s(day, ticket.service, ahead, now),
        request=ticket.request,
        bring=service.service.bring,
    )
