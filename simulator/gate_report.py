"""What the checker of the gate says of a whole journal: breaches, and figures of each admitted room."""

from collections.abc import Sequence

from msgspec import Struct

from hub.day import events
from hub.journal import Entry
from simulator.gate_checker import Gates, TruePeople
from simulator.gate_figures import GateFigures
from simulator.time_checker import Down, Lateness


class GateReport(Struct, frozen=True, kw_only=True):
    """What was found in a journal."""

    violations: list[str]
    figures: dict[str, GateFigures]
    """By admitted room."""


def gate_report(entries: Sequence[Entry], true_people: TruePeople | None = None, down: Down = ()) -> GateReport:
    """Every admission and call of the journal, checked. `down`: when the hub could do nothing, and no row shows it."""
    lobbies = (it.event.lobby for it in entries if isinstance(it.event, events.DayOpened | events.LobbyChanged))
    if not any(room.admitted for lobby in lobbies for room in lobby.rooms):
        return GateReport(violations=[], figures={})
    journal = Gates(true_people, Lateness(down))
    violations = [sentence for entry in entries for sentence in journal.take(entry)]
    return GateReport(violations=violations, figures={room: it.figures for room, it in journal.tallies.items()})
