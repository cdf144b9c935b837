"""Who is next: earliest due first. A walk-in is due at arrival plus the service's target wait.

One rule that can be explained to whoever asks. Only the heads of the lines are compared.
"""

from hub.day.events import Head
from hub.day.lobby import Desk
from hub.day.model import Day, Ticket


def heads(day: Day, desk: Desk) -> list[Ticket]:
    """The first ticket of each line that `desk` serves, earliest due first; equal due times in the order of issue."""
    lines = (day.services[service].line for service in desk.services)
    return [day.tickets[key[2]] for key in sorted(line[0] for line in lines if line)]


def next_ticket(day: Day, desk: Desk) -> tuple[Ticket, tuple[Head, ...]] | None:
    """The ticket that `desk` should call now, and the heads of the lines it was preferred to; None if none waits."""
    waiting = heads(day, desk)
    if not waiting:
        return None
    passed_over = tuple(Head(service=t.service, number=t.number, due_at=t.due_at) for t in waiting[1:])
    return waiting[0], passed_over
