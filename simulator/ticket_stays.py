"""How long visitors with a ticket were in the room in which they were served, as the rows tell it: those who took it
at a kiosk there, and were not away meanwhile. See "An estimate that learns" in `docs/occupancy.md`.
"""

from collections.abc import Iterator
from datetime import datetime

from hub.day import events
from hub.day.evacuation_events import EvacuationBegan, EvacuationEnded
from hub.day.lobby import DeviceKind, Lobby


class TicketStays:
    """Of one day."""

    def __init__(self) -> None:
        self._came: dict[str, tuple[datetime, str]] = {}
        """Ticket to when it was printed, and by which printer, while nothing speaks against that she is there."""
        self._served: set[str] = set()

    def after(self, event: events.AnyEvent, lobby: Lobby, at: datetime) -> Iterator[tuple[str, float]]:
        """The room and the seconds of a stay that has ended with `event`; most end none."""
        match event:
            case events.TicketIssued(ticket=ticket, printer=printer):
                self._came[ticket] = (event.arrived_at or at, printer)
            case events.ServiceStarted(ticket=ticket):
                self._served.add(ticket)
            case events.TicketServed(ticket=ticket, desk=desk_id) if ticket in self._served and ticket in self._came:
                came_at, printer = self._came[ticket]
                room = next((it.room for it in lobby.desks if it.id == desk_id), "")
                kiosks = [it for it in lobby.devices if it.kind is DeviceKind.KIOSK and it.printer == printer]
                if printer and any(it.room == room for it in kiosks):
                    yield room, (at - came_at).total_seconds()
            case (
                events.TicketMissed(ticket=ticket)
                | events.TicketParked(ticket=ticket)
                | events.TicketMerged(ticket=ticket)
            ):
                self._came.pop(ticket, None)
            case events.TicketTransferred(ticket=ticket):
                self._served.discard(ticket)
            case EvacuationBegan():
                self._served.clear()
            case EvacuationEnded():
                self._came.clear()
            case _:
                pass
