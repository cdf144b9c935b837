"""The hub's clock as this node hears it.

This room knows the newest HubTime of the link and the event loop's clock. It does not know the node's own wall clock,
which on a Raspberry Pi may say 1970.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec import Struct

from wire.link import HeardTime, Link
from wire.messages import Heard

HUB_SILENT_S = 3.0
"""Without HubTime for this long (three of them missed) nobody can promise that a press is still young on arrival."""
LOOK_AGAIN_S = 1.0
"""How often it is looked whether a silent hub is back: HubTime comes once a second."""
LATE_S = 0.01
"""Timers aim a little late, so that what they wait for has come when they fire, however the fractions are rounded."""


class Reading(Struct, frozen=True, gc=False):
    """What the hub's clock says."""

    wall_at: datetime
    """Running on by the loop's clock while the hub is silent."""
    heard_at: datetime
    """When the hub was last heard."""
    is_silent: bool


class HubClock:
    """Reads the link's newest HubTime when asked, and watches for its silence."""

    def __init__(self, link: Link, site: str) -> None:
        self._link = link
        self._site = site
        self._watchers: list[Callable[[bool], None]] = []
        self._give_up: Callable[[], None] | None = None
        """Ends what makes it look again; None while nobody watches."""

    @property
    def age_s(self) -> float | None:
        """Seconds since the newest HubTime was heard; None before the first."""
        heard = self._link.hub_time(self._site)
        return None if heard is None else _age_s(heard)

    @property
    def is_silent(self) -> bool:
        """True before the first HubTime and when the newest is `HUB_SILENT_S` old."""
        heard = self._link.hub_time(self._site)
        return heard is None or _age_s(heard) >= HUB_SILENT_S

    @property
    def newest(self) -> HeardTime | None:
        """The newest HubTime, however old; None before the first."""
        return self._link.hub_time(self._site)

    def wall_at(self) -> datetime | None:
        """The hub's wall clock now, running on by the loop's clock while the hub is silent; None before the first."""
        heard = self._link.hub_time(self._site)
        return None if heard is None else heard.time.wall_at + timedelta(seconds=_age_s(heard))

    def read(self) -> Reading | None:
        """All that the clock says in this moment; None before the first HubTime."""
        heard = self._link.hub_time(self._site)
        if heard is None:
            return None
        age_s, heard_at = _age_s(heard), heard.time.wall_at
        return Reading(heard_at + timedelta(seconds=age_s), heard_at, age_s >= HUB_SILENT_S)

    def stamp(self) -> Heard | None:
        """This moment, told by the newest HubTime; None while the hub is silent."""
        heard = self._link.hub_time(self._site)
        if heard is None or (age_s := _age_s(heard)) >= HUB_SILENT_S:
            return None
        return Heard(boot=heard.time.boot, ms=heard.time.ms, since_ms=round(age_s * 1000))

    # --- watching --------------------------------------------------------------------------------------------

    def watch(self, tell: Callable[[bool], None]) -> None:
        """Call `tell(is_silent)` now, in the moment in which the hub falls silent, and each second while it is, up to
        the one in which it is heard again; until `close`."""
        self._watchers.append(tell)
        if self._give_up is None:
            self._look()
        else:
            tell(self.is_silent)

    def close(self) -> None:
        """Nobody watches any longer."""
        self._watchers.clear()
        if self._give_up is not None:
            self._give_up()
            self._give_up = None

    def _look(self) -> None:
        is_silent = self.is_silent
        if is_silent:
            self._give_up = asyncio.get_running_loop().call_later(LOOK_AGAIN_S, self._look).cancel
        else:
            self._give_up = self._link.when_silent(self._site, HUB_SILENT_S, self._look)
        for tell in self._watchers:
            tell(is_silent)


def _age_s(heard: HeardTime) -> float:
    return max(0.0, asyncio.get_running_loop().time() - heard.heard_at_s)
