"""The face of a kiosk that is touched: what it offers now, and how the wishes of the people before it stand.

It does not know how an offer becomes a page, nor who reads it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from zlib import crc32

from edge.kiosk_face import ENDS, Asked, How, Offer, Told

VISITS_MAX = 8
"""Wishes that are remembered; one more lets the oldest go. One person stands before a kiosk at a time."""


class Visit:
    """A wish and how it stands."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.told = Told(how=How.SENT)
        self.moved = asyncio.Event()
        """Set when it no longer stands as it did at first: there is a ticket, or a no."""


class KioskScreen:
    """One kiosk's. All on the event loop."""

    shows_numbers = True

    def __init__(self, name: str, new_token: Callable[[], str], time_zone: str = "UTC") -> None:
        """`name` is `node/device`, for whoever looks for this kiosk. `time_zone` is the lobby's."""
        self.name = name
        self.time_zone = time_zone
        self.new_token = new_token
        self.newest = Offer(view=None)
        self._visits: dict[str, Visit] = {}
        self._ask: Callable[[Asked], None] | None = None
        self._looked_for_until_s = 0.0

    # --- the role's side -------------------------------------------------------------------------------------

    def listen(self, ask: Callable[[Asked], None]) -> None:
        self._ask = ask

    def offer(self, offer: Offer) -> None:
        self.newest = offer

    def tell(self, asked: Asked, told: Told) -> None:
        visit = self._visits.get(asked.key)
        if visit is None:
            return
        if told.how is How.TAKEN:
            visit.told = replace(visit.told, how=How.TAKEN)  # what stands there stays
        elif told.how is How.KNOWN:
            visit.told = replace(visit.told, url=told.url)
        elif visit.told.how not in ENDS:
            visit.told = told
            if told.how is not How.SENT:
                visit.moved.set()

    def identify(self, seconds: int) -> None:
        self._looked_for_until_s = asyncio.get_running_loop().time() + seconds

    def close(self) -> None:
        self._ask = None

    # --- the visitor's side ----------------------------------------------------------------------------------

    @property
    def is_looked_for(self) -> bool:
        """Somebody in the lobby wants to find this kiosk."""
        return asyncio.get_running_loop().time() < self._looked_for_until_s

    @property
    def offer_mark(self) -> str:
        """Another when a page of what is offered should look another way. Waits are not worth a page that changes
        under somebody's finger."""
        view, offer = self.newest.view, self.newest
        services = (
            [(it.id, it.name, it.letter, it.id in offer.given, it.room_state) for it in view.services] if view else []
        )
        shown = (
            view and view.evacuates,
            view and view.title,
            view and view.languages,
            services,
            offer.is_silent,
            offer.prints,
        )
        return f"{crc32(repr((shown, self.is_looked_for)).encode()):08x}"

    def ask(self, asked: Asked) -> None:
        """Wish for something. A key that is known already is the same wish."""
        if asked.key in self._visits:
            return
        if len(self._visits) >= VISITS_MAX:
            del self._visits[next(iter(self._visits))]
        visit = self._visits[asked.key] = Visit(asked)
        if self._ask is None:
            visit.told = Told(how=How.OFFLINE)
        else:
            self._ask(asked)

    def visit(self, key: str) -> Visit | None:
        return self._visits.get(key)

    async def moved(self, key: str, wait_s: float) -> None:
        """Wait until that wish stands another way, for at most so long."""
        visit = self._visits.get(key)
        if visit is None:
            return
        try:
            async with asyncio.timeout(wait_s):
                await visit.moved.wait()
        except TimeoutError:
            return

    def forget(self, key: str) -> None:
        """The visitor has gone: nobody after her is to see her ticket."""
        self._visits.pop(key, None)
