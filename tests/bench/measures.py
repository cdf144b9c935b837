"""All measurements by name. One is imported when it is its turn."""

import asyncio
import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, NamedTuple

from tests.bench.figures import Figure, Setting


class Measure(NamedTuple):
    """Where it is found, and what is told while it runs."""

    where: str
    """`module.function` of this package: `(Setting) -> list[Figure]`, perhaps a coroutine."""
    what: str

    def run(self, setting: Setting) -> list[Figure]:
        module, _, name = self.where.partition(".")
        function: Callable[[Setting], Any] = getattr(import_module(f"tests.bench.{module}"), name)
        told = function(setting)
        figures: list[Figure] = asyncio.run(told) if inspect.iscoroutine(told) else told
        return figures


MEASURES: Mapping[str, Measure] = {
    "press": Measure("press.measure", "a press to the board, calm and while the web is saturated"),
    "tickets": Measure("tickets.measure", "tickets over HTTP"),
    "doubles": Measure("doubles.measure", "10,000 calls of eight desks at two hubs on PostgreSQL"),
    "line": Measure("inside.calls", "a call before 100,000 who wait"),
    "devices": Measure("devices.measure", "10,000 devices on 50 sites"),
    "counters": Measure("counters.measure", "200 people counters of one lobby"),
    "restart": Measure("restart.measure", "a restart in the middle of a day of 25,000 events"),
    "memory": Measure("memory.measure", "memory at rest, and of 50 sites"),
    "page": Measure("page.measure", "the first load of a ticket's page in Chromium"),
    "agent": Measure("agent.measure", "an agent: memory, rest, start, lamp and pixels"),
    "inside": Measure("inside.measure", "decoding, deciding and committing"),
    "days": Measure("lived_days.measure", "the largest days in virtual time"),
}
