"""Door counts through the hub's own filter: after each row an estimate, and for each counted entry what a gate would
have said. The filter sees what a counter reports, in its order, and never the truth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.day.people import bounds as people_bounds
from hub.day.people import crossings
from hub.day.people.state import People, begin
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
    """The upper bound that a counted entry met at the gate, which is that of the row before; None of any other row."""
    raw: int
    """Counted in less counted out since the beginning of the file, without any correction."""


def replay(counts: Counts, confidence: float) -> list[Estimated]:
    """`confidence`: with which each bound holds, 0.5 to 1."""
    state = begin()
    now = counts.rows[0].at
    raw = 0
    estimated: list[Estimated] = []
    upper = 0
    for rows in together(counts):
        upper_before = upper
        for at, row in _crossings(rows) if counts.is_intervals else [(rows[0].at, rows[0])] * max(1, rows[0].counted):
            crossings.pass_time(state, (at - now).total_seconds())
            now = at
            if not row.counted:
                continue
            _cross(state, is_entry=row.is_entry)
            raw += 1 if row.is_entry else -1
        if counts.is_intervals:
            ends_at = rows[0].at + INTERVAL
            crossings.pass_time(state, (ends_at - now).total_seconds())
            now = ends_at
        value = people_bounds.mean_people(state)
        lower, upper = people_bounds.bounds(state, confidence)
        for row in rows:
            estimated.append(
                Estimated(
                    row=row,
                    known_at=now,
                    value=value,
                    lower=lower,
                    upper=upper,
                    upper_before=upper_before if row.is_entry and row.counted else None,
                    raw=raw,
                )
            )
    return estimated


def _cross(state: People, *, is_entry: bool) -> None:
    if is_entry:
        crossings.enter(state)
    else:
        crossings.leave(state)


def _crossings(rows: Sequence[Row]) -> Iterator[tuple[datetime, Row]]:
    """Nobody knows when within its half hour somebody crossed: they are spread evenly, each direction by itself."""
    spread = [
        (row.at + INTERVAL * ((number + 0.5) / row.counted), row) for row in rows for number in range(row.counted)
    ]
    yield from sorted(spread, key=lambda it: (it[0], it[1].is_entry))
