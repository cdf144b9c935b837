"""A call that is repeated is heard: in calm, within two seconds, each board is shown it as new, and before all others.

It follows the journal's calls with code of its own and holds the repeated ones against what the hub showed to boards.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from hub.day import events
from hub.day.lobby import DeviceKind
from hub.journal import Entry
from simulator.checkers import number_of
from simulator.evidence import Evidence, Shown
from wire.messages import BoardCall, BoardView, View

SHOWN_S = 2.0
SETTLE_S = 10.0
"""So long after trouble boards are right again."""

_view = msgspec.json.Decoder(View)


class _Recall(NamedTuple):
    """A repeated call, of which nothing more was heard for `SHOWN_S`."""

    number: str
    at: datetime
    at_s: float
    times: int


def recall_violations(it: Evidence) -> Iterator[str]:
    """Repeated calls that stood on a board as they had before."""
    shown: dict[str, list[tuple[float, Shown]]] = defaultdict(list)
    recalls = list(_recalls(it))
    for heard, show in it.each(Shown) if recalls else ():
        shown[heard.device].append((heard.at_s, show))
    for device in it.lobby.devices:
        if device.kind is DeviceKind.BOARD:
            for recall in recalls:
                if it.record.is_calm(device.address, recall.at_s - SETTLE_S, recall.at_s + SHOWN_S):
                    yield from _unseen(device.address, recall, shown[device.address])


def _recalls(it: Evidence) -> Iterator[_Recall]:
    """What happens to the ticket or to its desk in the same moment takes a call back, or makes it another."""
    times: dict[str, int] = {}
    numbers: dict[str, str] = {}
    """The day's: chance that repeats itself may give another day's ticket the same name."""
    for place, row in enumerate(it.entries):
        if isinstance(row.event, events.TicketIssued):
            numbers[row.event.ticket] = number_of(row.event)
        elif isinstance(row.event, events.TicketCalled):
            times[row.event.ticket] = 1
        elif isinstance(row.event, events.TicketRecalled):
            ticket, desk, at_s = row.event.ticket, row.event.desk, it.row_s(row)
            times[ticket] = times.get(ticket, 0) + 1
            following = it.entries[place + 1 :]
            soon = (one.event for one in _until(it, following, at_s + SHOWN_S))
            is_over = at_s + SHOWN_S > it.ends_s or any(_is_about(event, ticket, desk) for event in soon)
            if not is_over:
                yield _Recall(numbers[ticket], row.at, at_s, times[ticket])


def _until(it: Evidence, rows: Sequence[Entry], at_s: float) -> Iterator[Entry]:
    for row in rows:
        if it.row_s(row) > at_s:
            return
        yield row


def _is_about(event: events.AnyEvent, ticket: str, desk: str) -> bool:
    names = (getattr(event, "ticket", ""), getattr(event, "duplicate", ""))
    return ticket in names or getattr(event, "desk", "") == desk or isinstance(event, events.DayClosed)


def _unseen(board: str, recall: _Recall, shown: Sequence[tuple[float, Shown]]) -> Iterator[str]:
    newest = bisect_right(shown, recall.at_s + SHOWN_S, key=lambda it: it[0]) - 1
    view = _view.decode(shown[newest][1].view) if newest >= 0 else None
    calls = view.calls if isinstance(view, BoardView) else []
    found = next((call for call in calls if call.number == recall.number), None)
    if found is None:
        return  # What is not there at all is said by the checker of boards.
    who = f"the call of {recall.number} was repeated at {recall.at:%H:%M:%S}"
    if (found.called_at, found.times) != (recall.at, recall.times):
        yield f"{who}, and {board} was shown it as of {found.called_at:%H:%M:%S}, for the time {found.times}"
    elif before := [call.number for call in _before(calls, found) if call.called_at < recall.at]:
        yield f"{who}, and {board} was shown it after {before[0]}, which was called earlier"


def _before(calls: Sequence[BoardCall], found: BoardCall) -> Sequence[BoardCall]:
    return calls[: calls.index(found)]
