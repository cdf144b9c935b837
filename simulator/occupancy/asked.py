"""The command `guichet-sim occupancy`: from a file of door counts to a report, JSON, a table and a picture."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from hub.day.people.checks import WHAT_TO_DO
from simulator.occupancy import doors, picture
from simulator.occupancy.files import read
from simulator.occupancy.replay import Estimated, replay
from simulator.occupancy.score import Gate, Quiet, Score, quiet, score

LIMITS = (12, 15, 20)
"""Asked where nobody says others: of the hall that the door files are about."""
CONFIDENCE = 0.98
"""Of each bound: the truth is between both 96 % of the time, if the model is right."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    file: Path
    limits: Sequence[int]
    confidence: float
    as_json: bool
    estimates: Path | None
    picture: Path | None


def answer(asked: Asked, say: Callable[[str], None]) -> None:
    """Write what was asked for and print the report.

    Raises:
        DoorFileError: the file cannot be read.
        CannotDraw: a picture is wanted and cannot be made.
        OSError: something cannot be written.
    """
    if asked.picture is not None:
        picture.check(asked.picture)
    counts = read(asked.file)
    estimated = replay(counts, asked.confidence)
    found = score(estimated, asked.limits or LIMITS)
    nights = quiet(estimated) if counts.is_intervals else None
    if asked.estimates is not None:
        _write_estimates(estimated, asked.estimates)
    if asked.picture is not None:
        picture.draw(estimated, asked.file.name, asked.picture)
    for line in _report(asked, len(counts.rows), found, nights):
        say(line)
    for door, faults in doors.faults(counts).items():
        for fault in faults:
            say(f"  door {door}: {WHAT_TO_DO[fault]}")
    if asked.as_json:
        say(msgspec.json.encode(found).decode())


def _write_estimates(estimated: Sequence[Estimated], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["ts", "value", "lower", "upper"])
        writer.writerows([it.row.ts, f"{it.value:.2f}", it.lower, it.upper] for it in estimated)


def _report(asked: Asked, rows: int, found: Score, nights: Quiet | None) -> list[str]:
    lines = [f"{asked.file.name}: {rows} rows, each bound at {asked.confidence:.1%}"]
    lines.append(f"  width of the bounds   {found.width:6.2f} people")
    if found.mae is None or found.bias is None or found.coverage is None or found.within_2 is None:
        lines.append("  No errors can be told: the truth is not in the file, or for no time at all.")
    else:
        lines.append(f"  mean absolute error   {found.mae:6.2f} people")
        lines.append(f"  bias                  {found.bias:+6.2f} people (estimate less truth)")
        lines.append(f"  truth within bounds   {found.coverage:6.1%} of the time")
        lines.append(f"  within 2 people       {found.within_2:6.1%} of the time")
    if nights is not None:
        lines.append(
            f"  at 04:00 on {nights.nights} weekdays the estimate is {nights.mean_people:.2f} people on average,"
        )
        lines.append(f"    {nights.highest_people:.2f} at most, and at most 4 in {nights.within_4:.1%} of the nights")
    return lines + [_of_gate(gate) for gate in found.limits if gate.admissions is not None]


def _of_gate(gate: Gate) -> str:
    told = f"  limit {gate.limit:4d}: {gate.admissions} admissions"
    if gate.wrongful_admissions is None and gate.wrongful_holds is None:
        return f"{told}; how many of them into a full room, the file does not tell"
    wrong, held = _percent(gate.wrongful_admissions), _percent(gate.wrongful_holds)
    return f"{told}, of which {wrong} into a full room; held though there was a place: {held} of those"


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.2%}"
