"""Other errors and other stays for the hall whose door counts are given: what the estimate is to hold against.

    python -m tests.door_variants ../shared/data/doors/door_events.csv FOLDER [SEED]
    guichet-sim occupancy FOLDER/exits-missed-12.csv

Each file has the true arrivals of the given one. Its departures are the true ones, too, or those of stays drawn anew;
where these are long, some visitors stay away, so that about as many are inside. All errors of the counters are drawn
anew. What `hub.day.people` takes for constants was chosen with other draws from a set like this one.
"""

import csv
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tests.door_files import Errors, Stay, exponential, log_normal, two_kinds

Crossing = tuple[datetime, str, bool]
"""When, at which door, and whether it is an entry."""
LEAST_S = 3.0
AS_GIVEN = Errors()
"""About those of the file that is given."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    errors: Errors = AS_GIVEN
    run: float = 1.0
    """So many miss in a row, on average."""
    stay: Stay | None = None
    """None for the true ones."""
    come: float = 1.0
    """The share of the visitors that come."""


VARIANTS = {
    "as-given": Variant(),
    "exits-missed-12": Variant(errors=Errors(missed_out=0.12)),
    "entries-missed-8": Variant(errors=Errors(missed_in=0.08, missed_out=0.02)),
    "nobody-missed": Variant(errors=Errors(missed_in=0.0, missed_out=0.0)),
    "twice-4": Variant(errors=Errors(double=0.04)),
    "turned-2": Variant(errors=Errors(swapped=0.02)),
    "missed-in-threes": Variant(run=3.0),
    "missed-in-sixes": Variant(run=6.0),
    "exponential-4.5-min": Variant(stay=exponential(270)),
    "log-normal-4.5-min": Variant(stay=log_normal(270, 0.8)),
    "90-s-or-10-min": Variant(stay=two_kinds(90, 600, 0.5), come=0.8),
    "alike-5-min": Variant(stay=lambda chance: chance.gauss(300, 30)),
    "log-normal-15-min": Variant(stay=log_normal(900, 0.6), come=0.35),
    "exponential-30-min": Variant(stay=exponential(1800), come=0.16),
    "2-or-30-min": Variant(stay=two_kinds(120, 1800, 0.7), come=0.4),
}


def write(source: Path, variant: Variant, seed: str, to: Path) -> None:
    """
    Raises:
        OSError: a file cannot be read or written.
    """
    chance = random.Random(seed)
    with source.open(newline="", encoding="utf-8") as file:
        given = [(datetime.fromisoformat(it["ts"]), it["door"], it["true_dir"] == "in") for it in csv.DictReader(file)]
    crossings = given if variant.stay is None else list(_stayed(given, variant.stay, variant.come, chance))
    with to.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["ts", "door", "true_dir", "reported_dir", "counted", "true_occupancy"])
        writer.writerows(_counted(crossings, variant, chance))


def _stayed(given: Sequence[Crossing], stay: Stay, come: float, chance: random.Random) -> list[Crossing]:
    crossings = []
    for at, door, is_entry in given:
        if is_entry and chance.random() < come:
            left_at = at + timedelta(seconds=int(max(LEAST_S, stay(chance))))
            crossings += [(at, door, True), (left_at, chance.choice(["A", "A", "B"]), False)]
    return sorted(crossings, key=lambda it: (it[0], not it[2]))


def _counted(crossings: Sequence[Crossing], variant: Variant, chance: random.Random) -> Iterator[list[object]]:
    people = more_missed = 0
    for at, door, is_entry in crossings:
        people += 1 if is_entry else -1
        missed = variant.errors.missed_in if is_entry else variant.errors.missed_out
        if more_missed:
            more_missed, counted = more_missed - 1, 0
        elif chance.random() < missed / variant.run:
            more_missed, counted = _more(variant.run, chance.random), 0
        else:
            counted = 2 if chance.random() < variant.errors.double else 1
        reported = is_entry != (chance.random() < variant.errors.swapped)
        words = ["in" if it else "out" for it in (is_entry, reported)]
        yield [at.isoformat(), door, *words, counted, people]


def _more(run: float, draw: Callable[[], float]) -> int:
    """Geometric, `run` - 1 on average."""
    more = 0
    while draw() < 1 - 1 / run:
        more += 1
    return more


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for name, variant in VARIANTS.items():
        write(Path(sys.argv[1]), variant, f"{name} {sys.argv[3] if len(sys.argv) > 3 else 0}", folder / f"{name}.csv")
