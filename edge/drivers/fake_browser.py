"""A browser that is not there, in front of a page of the agent: it says every few seconds that it shows it, as the
page's own script does, until somebody kills it."""

import asyncio
from collections.abc import Callable

HEARD_EVERY_S = 20.0
"""Seldom, but more often than `agent.SCREEN_SILENT_S`."""


class FakeBrowser:
    """The one of one screen."""

    def __init__(self) -> None:
        self.is_killed = False

    async def run(self, heard: Callable[[], None]) -> None:
        """Tell `heard`, until cancelled."""
        while True:
            if not self.is_killed:
                heard()
            await asyncio.sleep(HEARD_EVERY_S)
