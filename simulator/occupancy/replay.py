"""Door counts through the hub's own filter: after each row an estimate, and for each counted entry what a gate would
have said. The filter sees what a counter reports, in its order, and never the truth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.day.people.room import Room, advance, enter, known, leave, new_room
from simulator.occupancy.files import INTERVAL, Counts, Row, together


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """What the filter knew just after a row."""

    row: Row
    known_at: datetime
    """When it knew that: of a half hour, at its end."""
    value: float
    lower: int
    upper: int
    upper_before: int | None
    """The upper bound that a counted entry met at the gate, which is that of the row before; None of any other row, and
    of half hours, of which nobody knows who came in which order."""
    raw: int
    """Counted in less counted out since the beginning of the file, without any correction."""


def replay(counts: Counts, confidence: float) -> list[Estimated]:
    """`confidence`: with which each bound holds, 0.5 to 1."""
    first = counts.rows[0].at
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    room = new_room((first - midnight).total_seconds())
    raw = upper = 0
    is_asked = not counts.is_intervals
    estimated: list[Estimated] = []
    for rows in together(counts):
        ends_at = rows[0].at + (INTERVAL if counts.is_intervals else timedelta())
        for at, row in _crossings(rows) if counts.is_intervals else [(ends_at, rows[0])] * rows[0].counted:
            advance(room, (at - midnight).total_seconds())
            _cross(room, is_entry=row.is_entry)
            raw += 1 if row.is_entry else -1
        advance(room, (ends_at - midnight).total_seconds())
        now, upper_before = known(room, confidence), upper
        upper = now.upper
        estimated += [
            Estimated(
                row=row,
                known_at=ends_at,
                value=now.value,
                lower=now.lower,
                upper=now.upper,
                upper_before=upper_before if is_asked and row.is_entry and row.counted else None,
                raw=raw,
            )
            for row in rows
        ]
    return estimated


def _cross(room: Room, *, is_entry: bool) -> None:
    if is_entry:
        enter(room)
    else:
        leave(room)


def _crossings(rows: Sequence[Row]) -> Iterator[tuple[datetime, Row]]:
    """Nobody knows when within its half hour somebody crossed: they are spread evenly, each direction by itself."""
    spread = [
        (row.at + INTERVAL * ((number + 0.5) / row.counted), row) for row in rows for number in range(row.counted)
    ]
    yield from sorted(spread, key=lambda it: (it[0], it[1].is_entry))
