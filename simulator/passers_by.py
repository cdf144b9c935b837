"""People without tickets: staff, guests, whoever has something to do in the house. They make rooms fill and empty.

They come and go through one door as a file of real counts says. They do not read signs, and nobody invites them.
"""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter

from edge.beams import Crossing
from simulator.crowd import seconds
from simulator.door_counts import HALF_HOUR_S, CountsError, DoorCounts, HalfHour
from simulator.hall import Hall
from simulator.scenario import PassersBy


@dataclass(frozen=True, slots=True, kw_only=True)
class PasserBy:
    """One person. Instants are seconds after midnight, local time."""

    enters_at_s: float
    leaves_at_s: float
    is_seen_leaving: bool
    """Real counters miss some who leave: the file has fewer of them than of those who enter."""


def passers_by(counts: DoorCounts, who: PassersBy, on: date, seed: int | str) -> list[PasserBy]:
    """Everybody who comes on the day `on`, in the order of coming.

    Raises:
        CountsError: the file does not have the day that `on` is made of.
    """
    file_day = day_of_week(who.week, on)
    half_hours = counts.days.get(file_day)
    if half_hours is None:
        first, last = min(counts.days), max(counts.days)
        raise CountsError(
            f"passers_by.week: {on} ({on:%A}) would be {file_day}, and {who.file} has {first} to {last}; "
            "choose another week"
        )
    chance = random.Random(f"{seed}/passers-by/{on}")
    people = _everybody(half_hours, chance)
    return [it for it in people if chance.random() < who.share]


def day_of_week(week: date, on: date) -> date:
    """The day in the week of `week` that is the same weekday as `on`. Weeks begin on Monday."""
    return week + timedelta(days=on.weekday() - week.weekday())


def _everybody(half_hours: list[HalfHour], chance: random.Random) -> list[PasserBy]:
    """Entries and exits of the file, joined to people. Who leaves is anybody inside; who leaves an empty building came
    before the file began, and is nobody here. Who never leaves in the file left unseen, after a stay like others'."""
    inside: list[float] = []
    people: list[PasserBy] = []
    for at_s, is_entry in sorted(_instants(half_hours, chance)):
        if is_entry:
            inside.append(at_s)
        elif inside:
            entered_at_s = inside.pop(chance.randrange(len(inside)))
            people.append(PasserBy(enters_at_s=entered_at_s, leaves_at_s=at_s, is_seen_leaving=True))
    stays_s = [it.leaves_at_s - it.enters_at_s for it in people] or [float(HALF_HOUR_S)]
    people += [
        PasserBy(enters_at_s=at_s, leaves_at_s=at_s + chance.choice(stays_s), is_seen_leaving=False) for at_s in inside
    ]
    return sorted(people, key=attrgetter("enters_at_s"))


def _instants(half_hours: list[HalfHour], chance: random.Random) -> Iterator[tuple[float, bool]]:
    """(seconds after midnight, whether somebody enters), evenly within each half hour."""
    for it in half_hours:
        begins_s = seconds(it.begins)
        yield from ((begins_s + chance.uniform(0, HALF_HOUR_S), True) for _ in range(it.entered))
        yield from ((begins_s + chance.uniform(0, HALF_HOUR_S), False) for _ in range(it.left))


async def come_and_go(people: list[PasserBy], hall: Hall, door: str, starts_s: float) -> None:
    """All of them, through `door`; ends when the last has left. The loop's 0 is `starts_s` after midnight, and whoever
    came before is not there."""
    async with asyncio.TaskGroup() as group:
        for it in people:
            if it.enters_at_s >= starts_s:
                await _until(it.enters_at_s - starts_s)
                group.create_task(_visit(it, hall, door, starts_s))


async def _visit(it: PasserBy, hall: Hall, door: str, starts_s: float) -> None:
    await hall.go_through(door, Crossing.ENTERED, 1)
    await _until(it.leaves_at_s - starts_s)
    if it.is_seen_leaving:
        await hall.go_through(door, Crossing.LEFT, 1)
    else:
        hall.census.crossed(door, Crossing.LEFT)


async def _until(at_s: float) -> None:
    """Sleep until the loop's instant `at_s`."""
    await asyncio.sleep(at_s - asyncio.get_running_loop().time())
