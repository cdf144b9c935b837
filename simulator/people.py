"""Visitors: what they see, what they do, and how long they take.

They see boards, slips, signs and their phones; they do what hands and browsers can. They do not know the hub.
"""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from hub.day.hours import opens_at
from hub.day.lobby import OUTSIDE
from simulator.asgi_client import AsgiClient, Response
from simulator.clock import Now
from simulator.crowd import Character
from simulator.hall import DeskPlace, Fate, Hall

DOOR_LOOK_S = 5.0
"""How often somebody before the door looks at the sign."""
CLOSED_MAX_S = 1_200.0
"""The longest that somebody waits for the door to open."""
OUTSIDE_GLANCE_S = 60.0
"""How often somebody who waits to be invited looks at the phone as well: the sign shows the first numbers only."""
JOSTLE_S = 30.0
"""All who waited are through the door within this time."""
GLANCE_S = (180.0, 540.0)
"""How often somebody takes out the phone and looks at the ticket."""
TWICE = 0.03
"""The share of those who tap the button of a form twice."""
BACK_S = (60.0, 400.0)
"""How long somebody is away who comes back."""
GONE_S = (60.0, 900.0)
"""When somebody who will not be there leaves, after joining."""

SIGN_LOOKS = 3
"""So often somebody looks at the sign for a code that is good."""
SIGN_AGAIN_S = 20.0
"""Until there is another one there."""

_HIDDEN = re.compile(r'<input type="hidden" name="(request_id|pass)" value="([^"]+)"')


class Lobby:
    """What all people of one lobby share."""

    def __init__(self, hall: Hall, web: Callable[[], AsgiClient], now: Now, seed: int | str) -> None:
        """`web()` is the hub's web as it is reached now: another one after a restart."""
        self.hall = hall
        self.web = web
        self.now = now
        self.seed = seed
        self.site = hall.lobby.site.id
        self.fates: Counter[str] = Counter()
        """How the visits ended, in a word or two."""

    async def desk_page(self, desk: str) -> bytes | None:
        """What the page of that desk shows, as JSON; None when it does not load."""
        answer = await answer_of(self.web().get(f"/api/v1/sites/{self.site}/desks/{desk}"))
        return answer.body if answer is not None and answer.status == 200 else None

    def chance(self, purpose: str) -> random.Random:
        return random.Random(f"{self.seed}/{purpose}")


class Visitor:
    """One party on its way through the lobby."""

    def __init__(self, character: Character, lobby: Lobby) -> None:
        self.character = character
        self.number = ""
        self.token = ""
        """Of the ticket's page; empty with a slip."""
        self.room = OUTSIDE
        self._services = {service.id: service for service in lobby.hall.lobby.services}
        self._people = character.party_people
        """Who of the party come in."""
        self._lobby = lobby
        self._hall = lobby.hall
        self._entrance = lobby.hall.entrance(character.service)
        self._is_by_invitation = lobby.hall.is_by_invitation(character.service)
        self._chance = lobby.chance(f"{character.name}/visit")
        self._called = asyncio.Event()
        self._desk = ""
        self._second_number = ""
        self._steps = list(self._services[character.service].then)
        """What the visit goes on to."""

    async def visit(self) -> None:
        """From the street and back. The fate is noted."""
        fate = await (self._look_around() if self.character.is_without_ticket else self._come_and_go())
        self._lobby.fates[fate] += 1

    async def _come_and_go(self) -> str:
        if not await self._find_it_open():
            return "found it closed"
        deadline_s = asyncio.get_running_loop().time() + self.character.patience_s
        if self.character.has_phone and not await self._join_by_phone():
            return "turned away"
        if self.character.code and not self.number and not await self._check_in_at_reception():
            return "turned away"
        if self.number and self.character.takes_second_ticket:
            await self._take_second_ticket()
        slip_first = self._hall.has_kiosk_outside(self.character.service)
        if slip_first and not self.number and not await self._join_at_kiosk():
            return "got no slip"
        if self._is_by_invitation and self.character.is_no_show:
            return "did not stay"
        if not await self._come_in(deadline_s):
            return "gave up before the door"
        if not self.number and not await self._join_at_kiosk():
            await self._go(OUTSIDE)
            return "got no slip"
        try:
            async with asyncio.TaskGroup() as group:
                phone = group.create_task(self._watch_phone()) if self.token else None
                fate = await self._wait_and_be_served(deadline_s)
                if phone is not None:
                    phone.cancel()
        finally:
            self._hall.boards.look_away(self.number)
        await self._go(OUTSIDE)
        return fate

    async def _look_around(self) -> str:
        await self._go(self._entrance)
        await asyncio.sleep(self._chance.uniform(*GONE_S))
        await self._go(OUTSIDE)
        return "looked around"

    async def _find_it_open(self) -> bool:
        """Wait until the hour that is written on the door, if it is near."""
        now = self._lobby.now()
        opening = opens_at(self._hall.lobby, now)
        wait_s = CLOSED_MAX_S + 1 if opening is None else (opening - now).total_seconds()
        if wait_s > 0 and wait_s <= CLOSED_MAX_S:
            await asyncio.sleep(wait_s + self._chance.uniform(0, JOSTLE_S))
        return wait_s <= CLOSED_MAX_S

    # --- joining ---------------------------------------------------------------------------------------------

    async def _join_by_phone(self) -> bool:
        """What the code on the sign opens: choose, send, look at the ticket. Who is refused looks at the sign again."""
        for look in range(SIGN_LOOKS):
            if look:
                await asyncio.sleep(SIGN_AGAIN_S)
            path = self._hall.join_path(self._entrance)
            page = await answer_of(self._lobby.web().get(path, headers=self._headers())) if path else None
            answer = await self._send_wish(page.text) if page is not None else None
            if answer is None or answer.status == 303:
                break
        if answer is None or answer.status != 303:
            return False
        self.token = answer.headers["location"].rpartition("/")[2]
        ticket = await self._look_at_phone()
        self.number = "" if ticket is None else str(ticket["number"])
        return bool(self.number)

    async def _send_wish(self, page: str) -> Response | None:
        """Fill in the form of the join page and send it; None if it has none, or nobody answers."""
        hidden = dict(_HIDDEN.findall(page))
        if "request_id" not in hidden:
            return None
        path, form = "join", {"service": self.character.service, "party_people": str(self.character.party_people)}
        offered = [it.id for it in self._hall.lobby.priorities if it.offered]
        if self.character.wants_priority and offered:
            form["priority"] = offered[0]
        if self.character.code:
            path, form = "check-in", {"code": self.character.code}
        times = 2 if self._chance.random() < TWICE else 1
        web, path = self._lobby.web(), f"/{self._lobby.site}/{path}"
        sent = [answer_of(web.post(path, form=form | hidden, headers=self._headers())) for _ in range(times)]
        return (await asyncio.gather(*sent))[-1]

    async def _take_second_ticket(self) -> None:
        wish = {"service": self.character.service, "language": self.character.language}
        answer = await answer_of(self._lobby.web().post(f"/api/v1/sites/{self._lobby.site}/tickets", json_body=wish))
        self._second_number = str(answer.json()["number"]) if answer is not None and answer.status == 201 else ""

    async def _check_in_at_reception(self) -> bool:
        """Show the invitation to somebody who types its code, and be told the number."""
        path = f"/api/v1/sites/{self._lobby.site}/check-ins"
        wish = {"code": self.character.code, "language": self.character.language}
        answer = await answer_of(self._lobby.web().post(path, json_body=wish))
        self.number = str(answer.json()["number"]) if answer is not None and answer.status == 201 else ""
        return bool(self.number)

    async def _join_at_kiosk(self) -> bool:
        kiosk = self._hall.kiosk_for(self.character.service, self.room)
        if kiosk is None:
            return False
        async with kiosk.free:
            service = self.character.service
            self.number = await self._hall.take_slip(kiosk, service) or await self._hall.take_slip(kiosk, service)
        if self._is_by_invitation:
            self._people = 1  # a key asks for one place: the others wait outside
        return bool(self.number)

    async def _come_in(self, deadline_s: float) -> bool:
        """Wait until the sign lets us in, or the phone; False when that takes too long, or there is no use."""
        loop = asyncio.get_running_loop()
        phone_at_s = loop.time() + OUTSIDE_GLANCE_S
        while not self._sign_lets_in():
            if loop.time() > deadline_s:
                return False
            await asyncio.sleep(DOOR_LOOK_S)
            if self.token and self._is_by_invitation and loop.time() >= phone_at_s:
                phone_at_s = loop.time() + OUTSIDE_GLANCE_S
                ticket = await self._look_at_phone()
                if ticket is not None and ticket["state"] == "closed":
                    return False
                if ticket is not None and not ticket["is_outside"]:
                    break
        await self._go(self._entrance)
        return True

    def _sign_lets_in(self) -> bool:
        """In by invitation: one's own number; without a number, to the kiosk inside, when nobody is invited."""
        hall, room = self._hall, self._entrance
        if not self._is_by_invitation:
            return hall.may_come_in(room)
        return self.number in hall.invited(room) if self.number else hall.may_come_in(room) and not hall.invited(room)

    # --- waiting ---------------------------------------------------------------------------------------------

    async def _wait_and_be_served(self, deadline_s: float) -> str:
        self._hall.boards.look_up(self.number, self._notice)
        if self._is_by_invitation and (already := self._hall.boards.calling(self.number)):
            self._notice(already)
        if self.character.is_no_show:
            await asyncio.sleep(self._chance.uniform(*GONE_S))
            if not self.character.comes_back:
                return "did not stay"
            await self._go(OUTSIDE)
            await asyncio.sleep(self._chance.uniform(*BACK_S))
            await self._go(self._entrance)
        while True:
            try:
                async with asyncio.timeout_at(deadline_s):
                    await self._called.wait()
            except TimeoutError:
                await self._give_back()
                return "lost patience"
            self._called.clear()
            desk = self._hall.desks[self._desk]
            await asyncio.sleep(self.character.look_up_s + self.character.walk_s)
            await self._go(desk.desk.room)
            may_go = desk.sit_down(self.character, self.number, self._second_number)
            if may_go is None:
                continue  # sent away: too late, or too early. The board calls again.
            if await self._is_done(await may_go, desk):
                return "served"
            self._called.clear()

    async def _is_done(self, fate: Fate, desk: DeskPlace) -> bool:
        """False when one waits again, after whatever there was to do."""
        if fate is Fate.SERVED and not self._steps:
            return True
        if fate is Fate.SERVED:
            self._steps.pop(0)
        elif fate is Fate.TO_FETCH:
            await self._fetch_what_is_missing(desk.desk.id)
        return False

    async def _fetch_what_is_missing(self, desk: str) -> None:
        """Go and come back: who has a phone says so with it, and waits to be let in; others ask at the desk."""
        await self._go(OUTSIDE)
        await asyncio.sleep(self._chance.uniform(*BACK_S))
        if self.token:
            await answer_of(self._lobby.web().post(f"/t/{self.token}/back", form={}, headers=self._headers()))
            await self._come_in(asyncio.get_running_loop().time() + self.character.patience_s)
        else:
            await self._go(self._entrance)
            path = f"/api/v1/sites/{self._lobby.site}/desks/{desk}/tickets/{self.number}/resume"
            await answer_of(self._lobby.web().post(path, json_body={}))

    def _notice(self, desk: str) -> None:
        """A board or the phone says: to this desk."""
        self._desk = desk
        self._called.set()

    async def _give_back(self) -> None:
        """Who leaves and has the ticket on the phone may say so."""
        if self.token and self._chance.random() < 0.5:
            await answer_of(self._lobby.web().post(f"/t/{self.token}/give-back", form={}, headers=self._headers()))

    async def _watch_phone(self) -> None:
        """Keep the page open, or look at it now and then; a call that is news is noticed."""
        if self.character.watches_live:
            async with self._lobby.web().stream_events(f"/t/{self.token}/live") as events:
                async for event in events:
                    if 'class="ticket is-called"' in event.data:
                        await self._notice_on_phone()
        while True:
            await asyncio.sleep(self._chance.uniform(*GLANCE_S))
            await self._notice_on_phone()

    async def _notice_on_phone(self) -> None:
        ticket = await self._look_at_phone()
        if ticket is not None and ticket["state"] == "called":
            self._notice(str(ticket["desk"]))

    async def _look_at_phone(self) -> dict[str, Any] | None:
        """The ticket as its page shows it; None when the hub does not answer."""
        answer = await answer_of(self._lobby.web().get(f"/api/v1/tickets/{self.token}"))
        ticket: dict[str, Any] | None = answer.json() if answer is not None and answer.status == 200 else None
        return ticket

    async def _go(self, room: str) -> None:
        await self._hall.walk(self.room, room, self._people)
        self.room = room

    def _headers(self) -> dict[str, str]:
        return {"accept-language": self.character.language}


async def answer_of(asked: Awaitable[Response]) -> Response | None:
    """What the hub answers; None when it does not, which people see as a page that does not load."""
    try:
        return await asked
    except TimeoutError:
        return None
