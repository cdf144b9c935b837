"""Staff: open a desk, press its keys when there is somebody to call, wait for them, serve them, close.

They see the panel's lamp and the desk's page, and press the panel's keys; when the panel does not answer they press the
page's buttons, as real staff would. They do not know the hub.
"""

import asyncio
import math
from typing import Any

import msgspec
from msgspec import Struct

from edge.hands import NoSuchThing
from hub.day.lobby import Service
from simulator.crowd import Character
from simulator.hall import DeskPlace, Fate
from simulator.people import Lobby, answer_of
from simulator.scenario import Staff
from wire.messages import Key, PanelState
from wire.waiting import set_by

LAMP_LOOK_S = 6.0
"""How often staff without a visitor look at the lamp."""
ROUNDING = 1e-9
"""Of instants and of how many looks lie between them."""
PAGE_LOOK_S = 120.0
"""How often they look at the page as well: a lamp may have missed something."""
BOARD_S = 2.0
"""How long they look up at the board, before they look at the page."""
EFFECT_S = (0.3, 0.7, 1.5)
"""When they look whether a key has done something, each after the last look."""
PRESSES_MAX = 3
"""On the panel, before they use the page."""
FINISH_FIRST = 0.3
"""The share of visits that are ended with a key of their own, rather than by calling the next."""
START_KEY = 0.7
"""The share of visits whose begin is told to the hub."""

TWICE_S = (0.1, 1.5)
"""From a press to the one for good measure."""

WITH_VISITOR = (Key.RECALL, Key.NO_SHOW, Key.START, Key.FINISH)
"""Keys that mean nothing while nobody is called."""


class View(Struct):
    """The desk as its page shows it."""

    state: PanelState
    desk_seq: int
    number: str
    lines: list[dict[str, Any]]
    next_number: str
    """Whom the desk would call now; empty for nobody, however many wait."""

    @property
    def waiting(self) -> int:
        return sum(line["waiting"] for line in self.lines)


_view = msgspec.json.Decoder(View)
NOTHING = View(state=PanelState.CLOSED, desk_seq=-1, number="", lines=[], next_number="")


def service_s(service: Service, character: Character, spread: float) -> float:
    """How long a visitor keeps the desk: lognormal around the service's nominal time."""
    return service.nominal_service_s * math.exp(spread * character.slowness - spread * spread / 2)


class Clerk:
    """Whoever staffs one desk."""

    def __init__(self, place: DeskPlace, lobby: Lobby, habits: Staff) -> None:
        self._place = place
        self._lobby = lobby
        self._habits = habits
        self._services = {service.id: service for service in lobby.hall.lobby.services}
        self._chance = lobby.chance(f"{place.desk.id}/staff")
        self._whims = lobby.chance(f"{place.desk.id}/whims")
        self._path = f"/api/v1/sites/{lobby.site}/desks/{place.desk.id}"
        self._seen = NOTHING
        self._number = ""
        """Whom this clerk called last."""

    async def work(self, until_s: float) -> None:
        """One shift: open the desk, call until the loop's instant `until_s`, serve to the end, close."""
        await self.press(Key.OPEN)
        while await self._has_work(until_s):
            await self._pause()
            await self._serve_in_turn(until_s)
        await self.press(Key.CLOSE)

    async def _has_work(self, until_s: float) -> bool:
        """Wait until somebody waits, or is called to this desk by another hand; False when the shift is over."""
        loop = asyncio.get_running_loop()
        page_at_s = loop.time() + PAGE_LOOK_S
        while loop.time() < until_s:
            self._place.stirred.clear()
            if self._lamp_is_lit() or self._place.rung.is_set():
                return True
            if loop.time() >= page_at_s:
                page_at_s = loop.time() + PAGE_LOOK_S
                view = await self._look()
                if view.state is PanelState.CLOSED:
                    await self.press(Key.OPEN)  # the service day has turned, or the first press was lost
                if view.waiting or view.state is PanelState.CALLED:
                    return True
            await self._next_look(min(page_at_s, until_s))
        return False

    async def _next_look(self, by_s: float) -> None:
        """Sleep until there may be something new to see, at the latest by the loop's instant `by_s`: of the looks every
        `LAMP_LOOK_S`, those at nothing new are left out."""
        loop = asyncio.get_running_loop()
        last_s = loop.time()
        await set_by(self._place.stirred, by_s)
        looks = max(math.ceil((loop.time() - last_s) / LAMP_LOOK_S - ROUNDING), 1)
        await asyncio.sleep(last_s + looks * LAMP_LOOK_S - loop.time())

    async def _serve_in_turn(self, until_s: float) -> None:
        """Call and serve, one after another, as long as somebody is called."""
        while await self._call() and not await self._takes_it_back() and await self._receive():
            await self._serve()
            is_last = asyncio.get_running_loop().time() > until_s or self._chance.random() < FINISH_FIRST
            if is_last:
                self._tap(Key.FINISH)
            await self._pause()
            if is_last:
                return

    async def _call(self) -> bool:
        """Call somebody, unless another hand has done so already; False when nobody is called."""
        number = self._rung() or await self._ring()
        self._place.rung.clear()
        if number:
            self._number = number
            self._place.expect(number)
        return bool(number)

    async def _ring(self) -> str:
        """Press until a board calls somebody here: the number, empty when nobody waits."""
        if self._likes(self._habits.pick) and (picked := await self._pick()):
            return picked
        self._tap(Key.NEXT)
        try:
            async with asyncio.timeout(BOARD_S):
                while not self._rung():
                    self._place.rung.clear()
                    await self._place.rung.wait()
                return self._place.rung_number
        except TimeoutError:
            view = await self._look()  # refused, or the board is late: the page tells
        if view.next_number and not self._is_news(view):
            view = await self.press(Key.NEXT)
        return view.number if self._is_news(view) else ""

    def _is_news(self, view: View) -> bool:
        return view.state is PanelState.CALLED and view.number != self._number

    def _rung(self) -> str:
        """Whom a board has called here since the last call of this clerk; empty if nobody."""
        place = self._place
        return place.rung_number if place.rung.is_set() and place.rung_number != self._number else ""

    async def _receive(self) -> bool:
        """Wait for whoever was called; call once more; False when nobody comes, which the hub is told."""
        habits = self._habits
        if await self._comes(habits.recall_after_s):
            return True
        await self.press(Key.RECALL)
        if await self._comes(habits.no_show_after_s - habits.recall_after_s):
            return True
        self._place.give_up()
        await self.press(Key.NO_SHOW)
        self._place.rung.clear()
        return False

    async def _comes(self, within_s: float) -> bool:
        try:
            async with asyncio.timeout(max(within_s, 0.0)):
                await self._place.arrived.wait()
        except TimeoutError:
            return False
        return True

    async def _serve(self) -> None:
        visitor = self._place.visitor
        assert visitor is not None, "somebody has arrived"
        self._place.rung.clear()
        if self._chance.random() < START_KEY:
            self._tap(Key.START)
        if self._place.second_number:
            await self._ask(f"tickets/{self._number}/merge", {"duplicate": self._place.second_number})
        lasts_s = service_s(self._services[visitor.service], visitor, self._habits.service_spread)
        if self._likes(self._habits.park):
            await asyncio.sleep(lasts_s / 4)
            is_parked = await self._ask("park", {})
            self._place.dismiss(Fate.TO_FETCH if is_parked else Fate.SERVED)
        elif self._likes(self._habits.transfer):
            await asyncio.sleep(lasts_s / 4)
            others = [it for it in self._services if it not in self._place.desk.services]
            is_sent = await self._ask("transfer", {"service": self._whims.choice(others)})
            self._place.dismiss(Fate.SENT_ON if is_sent else Fate.SERVED)
        else:
            await asyncio.sleep(lasts_s)
            self._place.dismiss()

    # --- what staff do now and then ----------------------------------------------------------------------------

    def _likes(self, share: float) -> bool:
        return share > 0 and self._whims.random() < share

    async def _pick(self) -> str:
        """Call one of the first in line by the number; empty when there is none, or it is refused."""
        numbers = [line["next_number"] for line in (await self._look()).lines if line["next_number"]]
        number: str = self._whims.choice(numbers) if numbers else ""
        return number if number and await self._ask(f"tickets/{number}/call", {}) else ""

    async def _takes_it_back(self) -> bool:
        """A slip of the hand: whoever was called stays where she was."""
        if not self._likes(self._habits.undo):
            return False
        self._place.give_up()
        self._number = ""
        return await self._ask("undo", {})

    async def _ask(self, what: str, wish: dict[str, object]) -> bool:
        """A button of the desk's page, with what it shows; False when it is refused."""
        wish = {**wish, "seen": (await self._look()).desk_seq} if "/merge" not in what else wish
        answer = await answer_of(self._lobby.web().post(f"{self._path}/{what}", json_body=wish))
        return answer is not None and answer.status == 200

    async def _pause(self) -> None:
        await asyncio.sleep(self._chance.uniform(*self._habits.reaction_s))

    # --- keys and what they do -------------------------------------------------------------------------------

    def _tap(self, key: Key) -> None:
        """Press once and trust that it is heard."""
        if self._place.panel is not None:
            hands, panel = self._place.panel
            hands.press(panel, key)
            if self._likes(self._habits.twice):
                asyncio.get_running_loop().call_later(self._whims.uniform(*TWICE_S), hands.press, panel, key)

    async def press(self, key: Key) -> View:
        """Press until the desk has changed, at last on the page; the desk afterwards."""
        before = await self._look()
        if key in WITH_VISITOR and not before.number:
            return before
        if self._place.panel is not None:
            hands, panel = self._place.panel
            for _ in range(PRESSES_MAX):
                hands.press(panel, key)
                after = await self._effect(before)
                if after.desk_seq != before.desk_seq or not self._makes_sense(key, after):
                    return after
        web = self._lobby.web()
        await answer_of(web.post(f"{self._path}/{key.value}", json_body={"seen": self._seen.desk_seq}))
        return await self._look()

    async def _effect(self, before: View) -> View:
        """The desk, as soon as it is another than `before`; as it is when nothing happens for a while."""
        view = before
        for pause_s in EFFECT_S:
            await asyncio.sleep(pause_s)
            view = await self._look()
            if view.desk_seq != before.desk_seq:
                break
        return view

    def _makes_sense(self, key: Key, view: View) -> bool:
        """Whether it is worth pressing `key` again."""
        match key:
            case Key.NEXT:
                return bool(view.next_number or view.number)
            case Key.OPEN:
                return view.state is PanelState.CLOSED
            case Key.CLOSE:
                return view.state is not PanelState.CLOSED
            case _:
                return bool(view.number)

    async def _look(self) -> View:
        """The page of the desk; as last seen when it does not load."""
        page = await self._lobby.desk_page(self._place.desk.id)
        if page is not None:
            self._seen = _view.decode(page)
        return self._seen

    def _lamp_is_lit(self) -> bool:
        if self._place.panel is None:
            return False
        hands, panel = self._place.panel
        try:
            return hands.is_lit(panel)
        except NoSuchThing:
            return False
