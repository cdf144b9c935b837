"""The load: visitors, staff and an office who ask over real HTTP until they are answered, and keys that are pressed.

Each wish has a name and is asked again under it, whatever came in between, as browsers and booking systems do. Some
hang up before the answer. Nobody here knows what is killed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import httpx

from tests.brokers import HOST
from tests.chaos.blows import Moment, Moments
from tests.chaos.ledger import Kind, Ledger, Wish
from tests.chaos.stage import DESKS, KEYS, PRINTER, SITE, Stage

API = f"/api/v1/sites/{SITE}"
PATIENCE_S = 5.0
"""For one answer."""
AGAIN_S = (0.02, 0.1)
"""After no answer, or one that says: later."""
HANGS_UP = 0.05
HANGS_UP_AFTER_S = 0.03
PRINTED = 0.1
"""Of the tickets of the API so many are printed at the kiosk, too."""
RECALLED = 0.2
SLOT_AHEAD = timedelta(minutes=30)
IMPORTED = 2
"""Appointments of a file."""
LATER = (429, 503)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Between two wishes of one person, in seconds: at least and at most."""

    visitor_s: tuple[float, float] = (0.05, 0.3)
    desk_s: tuple[float, float] = (0.05, 0.2)
    office_s: tuple[float, float] = (1.0, 3.0)
    kiosk_s: tuple[float, float] = (0.5, 1.5)


class People:
    """All of them, at one lobby."""

    def __init__(self, stage: Stage, token: str, ledger: Ledger, moments: Moments, chance: Random, pace: Pace) -> None:
        self.answered: Callable[[Wish], None] = lambda wish: None
        """Told of each answer."""
        self._stage, self._ledger, self._moments, self._chance, self._pace = stage, ledger, moments, chance, pace
        self._headers = {"authorization": f"Bearer {token}"}
        self._codes: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        """UID and code of appointments whose visitors have not come."""
        self._invited: set[str] = set()
        self._numbers = count(1)
        self._has_ended = False

    async def live(self) -> None:
        """Until `end` was called, and everybody has been answered."""
        async with asyncio.TaskGroup() as group:
            for desk in DESKS:
                group.create_task(self._serve(desk))
            for _ in range(2):
                group.create_task(self._visit())
            for person in (self._come_to_appointments, self._book, self._press_keys):
                group.create_task(person())

    def end(self) -> None:
        """Nobody asks for anything new."""
        self._has_ended = True

    # --- what they do ------------------------------------------------------------------------------------------

    async def _visit(self) -> None:
        async with self._client() as web:
            while not self._has_ended:
                body: dict[str, Any] = {"service": self._chance.choice(KEYS)}
                if self._chance.random() < PRINTED:
                    body["printer"] = PRINTER
                await self._ask(web, self._wish(Kind.TICKET, "/tickets", body))
                await self._pause(self._pace.visitor_s)

    async def _serve(self, desk: str) -> None:
        async with self._client() as web:

            async def press(action: str) -> dict[str, Any]:
                wish = self._wish(Kind.PRESS, f"/desks/{desk}/{action}", {}, about=desk, action=action)
                await self._ask(web, wish)
                await self._pause(self._pace.desk_s)
                return wish.answer if wish.is_done else {}

            await press("open")
            while not self._has_ended:
                if not (await press("next")).get("number"):
                    continue
                if self._chance.random() < RECALLED:
                    await press("recall")
                await press("start")
                await press("finish")

    async def _book(self) -> None:
        async with self._client() as web:
            while not self._has_ended:
                wish = self._wish(Kind.IMPORT, "", "")
                slot_at = (datetime.now(UTC) + SLOT_AHEAD).replace(second=0, microsecond=0)
                lines = [
                    f"{wish.request}-{n},{self._chance.choice(KEYS)},{slot_at:%Y-%m-%dT%H:%MZ}" for n in range(IMPORTED)
                ]
                wish.path = f"{API}/book/imports?source={wish.request}"
                wish.body = "\n".join(("uid,service,start", *lines))
                await self._ask(web, wish)
                await self._read_codes(web)
                await self._pause(self._pace.office_s)

    async def _read_codes(self, web: httpx.AsyncClient) -> None:
        try:
            answer = await web.get(f"{API}/book/appointments")
        except httpx.TransportError:
            return  # with the next file
        if answer.status_code != 200:
            return
        for one in answer.json()["appointments"]:
            if one["uid"] not in self._invited:
                self._invited.add(one["uid"])
                self._codes.put_nowait((one["uid"], one["code"]))

    async def _come_to_appointments(self) -> None:
        async with self._client() as web:
            while not self._has_ended:
                if self._codes.empty():
                    await self._pause(self._pace.visitor_s)
                    continue
                uid, code = self._codes.get_nowait()
                await self._ask(web, self._wish(Kind.CHECK_IN, "/check-ins", {"code": code}, about=uid))

    async def _press_keys(self) -> None:
        while not self._has_ended:
            self._stage.agent.write(f"press kiosk {self._chance.choice(KEYS)}")
            self._ledger.keys_pressed += 1
            self._moments.has_come(Moment.PRESSED)
            await self._pause(self._pace.kiosk_s)

    # --- how they ask ------------------------------------------------------------------------------------------

    def _wish(self, kind: Kind, path: str, body: dict[str, Any] | str, *, about: str = "", action: str = "") -> Wish:
        request = f"{kind.value}-{next(self._numbers):012d}"
        if isinstance(body, dict):
            body = {**body, "request_id": request}
        wish = Wish(kind=kind, request=request, path=f"{API}{path}", body=body, about=about, action=action)
        self._ledger.wishes.append(wish)
        return wish

    async def _ask(self, web: httpx.AsyncClient, wish: Wish) -> None:
        """Return when there is an answer."""
        while wish.status == 0:
            answer = await self._once(web, wish)
            if answer is None or answer.status_code in LATER:
                await self._pause(AGAIN_S)
                continue
            wish.status = answer.status_code
            if "json" in answer.headers.get("content-type", ""):
                wish.answer = answer.json()
            self.answered(wish)
            if answer.is_success:
                self._moments.has_come(Moment.ANSWERED)

    async def _once(self, web: httpx.AsyncClient, wish: Wish) -> httpx.Response | None:
        patience_s = PATIENCE_S
        if self._chance.random() < HANGS_UP:
            patience_s = self._chance.uniform(0, HANGS_UP_AFTER_S)
        wish.attempts += 1
        wish.last_asked_at = datetime.now(UTC)
        self._moments.has_come(Moment.ASKED)
        try:
            async with asyncio.timeout(patience_s):
                if isinstance(wish.body, str):
                    return await web.post(wish.path, content=wish.body, headers={"content-type": "text/csv"})
                return await web.post(wish.path, json=wish.body)
        except (httpx.TransportError, TimeoutError):
            return None

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=f"http://{HOST}:{self._stage.port}", headers=self._headers, timeout=PATIENCE_S, trust_env=False
        )

    def _pause(self, between_s: tuple[float, float]) -> Awaitable[None]:
        return asyncio.sleep(self._chance.uniform(*between_s))
