"""python -m tests.bench: a table for people, then one line of JSON."""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import busy_day, core, day, press, tickets
from tests.bench.figures import Figure, as_json, table
from tests.brokers import mosquitto
from tests.processes import lobby_processes


async def through_processes(folder: Path) -> list[Figure]:
    """What needs a hub, agents and a broker."""
    with mosquitto() as broker:
        async with lobby_processes(folder, broker.url) as lobby:
            return [*await press.measure(lobby, broker), *await tickets.measure(lobby)]


def main() -> None:
    with TemporaryDirectory(prefix="guichet-bench-") as folder:
        figures = [*asyncio.run(through_processes(Path(folder))), *core.measure(Path(folder)), *day.measure()]
    mix = busy_day.mix(busy_day.steps())
    sys.stdout.write(f"{table(figures)}\n\nthe day that is decided: {mix}\n\n{as_json(figures)}\n")


if __name__ == "__main__":
    main()
