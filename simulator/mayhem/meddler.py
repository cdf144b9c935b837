"""Somebody who asks for the oddest things, in ways in which programs and staff can: what is refused, and what is not.

Each trick is one wish, at random. It looks at what the API shows everybody, and never asks what it got.
"""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import msgspec

from hub.day import inputs
from hub.day.model import Day, TicketState
from simulator.lobby_run import LobbyRun
from simulator.people import answer_of

EVERY_S = (20.0, 90.0)
"""Between two tricks."""
NUMBERS = 0.75
"""The share of wishes about tickets that name one that exists."""
AT_ONCE = 0.2
"""The share of tickets that are asked for by two at once, with slips."""
LEASES = 11
"""So often a kiosk forgets what it has, that there are no numbers left."""
NO_DESK, NO_NUMBER, NO_ROOM, NO_SERVICE = "desk-99", "Z999", "cellar", "nothing"

_REFUSAL, _PASS = re.compile(r'data-code="([a-z-]+)"'), re.compile(r'name="pass" value="([^"]+)"')
_problem = msgspec.json.Decoder(dict[str, Any])


class Meddler:
    """One lobby's. `refusals` counts the codes that it was told."""

    def __init__(self, run: LobbyRun, codes: list[str]) -> None:
        """`codes` are those of invitations to appointments of the day."""
        self.refusals: Counter[str] = Counter()
        self._run = run
        self._codes = codes
        self._chance = random.Random(f"{run.seed}/meddler")
        self._site = f"/api/v1/sites/{run.lobby.site.id}"
        self._requests = 0
        self._old_way = ""
        """The join page, with the code that was shown some time ago."""
        self._tricks: tuple[Callable[[], Awaitable[None]], ...] = (
            self._take_ticket,
            self._take_ticket,
            self._take_odd_ticket,
            self._check_in,
            self._press,
            self._press,
            self._press,
            self._recall_for_ever,
            self._ask_about_ticket,
            self._ask_about_ticket,
            self._ask_about_ticket,
            self._see_somebody_who_is_back,
            self._see_somebody_who_is_back,
            self._merge,
            self._transfer,
            self._correct,
            self._change_room,
            self._change_service,
            self._post_notice,
            self._ask_the_book,
            self._ask_the_day,
            self._hand_in,
            self._join_at_the_door,
        )

    async def meddle(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(self._chance.uniform(*EVERY_S))
            await self._chance.choice(self._tricks)()

    # --- tickets ---------------------------------------------------------------------------------------------

    async def _take_ticket(self) -> None:
        lobby, one = self._run.lobby, self._chance.choice
        wish: dict[str, object] = {"service": one(lobby.services).id, "request_id": self._request()}
        if self._chance.random() < 0.4:
            wish["priority"] = one(lobby.priorities).id
        if self._chance.random() < 0.3:
            wish["then"] = ["cashier"]
        if self._chance.random() < AT_ONCE:
            await self._take_slips_at_once(wish)
        else:
            await self._post("tickets", wish)

    async def _take_slips_at_once(self, wish: dict[str, object]) -> None:
        """For two who came together, at the reception."""
        printer = self._chance.choice([it.printer for it in self._run.lobby.devices if it.printer])
        wishes = [{**wish, "printer": printer, "request_id": self._request()} for _ in range(2)]
        await asyncio.gather(*(self._post("tickets", it) for it in wishes))

    async def _take_odd_ticket(self) -> None:
        odd: list[dict[str, object]] = [
            {"service": NO_SERVICE},
            {"service": "residents", "priority": "no-reason"},
            {"service": "residents", "printer": "kiosk-9/printer"},
            {"service": "residents", "then": [NO_SERVICE]},
        ]
        if self._chance.random() < 0.3:
            await self._submit(
                inputs.IssueTicket(
                    ticket=self._request(), token_hash="", service="residents", language="en", channel="api",
                    party_people=99,
                )
            )  # fmt: skip
        else:
            await self._post("tickets", self._chance.choice(odd))

    async def _check_in(self) -> None:
        code = self._chance.choice([*self._codes, "ABCD-EFGH"])
        for _ in range(2):
            await self._post("check-ins", {"code": code})

    # --- desks -----------------------------------------------------------------------------------------------

    async def _press(self) -> None:
        action = self._chance.choice(
            ["recall", "recall", "start", "finish", "park", "undo", "undo", "open", "no-show", "next"]
        )
        wish: dict[str, object] = {"seen": 0} if self._chance.random() < 0.2 else {}
        desk = self._desk()
        for _ in range(self._chance.choice((1, 1, 1, 2, 4))):
            await self._post(f"desks/{desk}/{action}", wish)

    async def _recall_for_ever(self) -> None:
        """More often than anybody may be called."""
        called = await self._look(
            lambda day: [it.desk for it in day.tickets.values() if it.state is TicketState.CALLED]
        )
        desk = self._chance.choice(called or [NO_DESK])
        for _ in range(self._run.lobby.site.recall_times_max + 1):
            await self._post(f"desks/{desk}/recall", {})

    async def _ask_about_ticket(self) -> None:
        what = self._chance.choice(["call", "resume", "resume", "cancel"])
        wish: dict[str, object] = {"reason": "mistake"} if what == "cancel" else {}
        await self._post(f"desks/{self._desk()}/tickets/{await self._number()}/{what}", wish)

    async def _merge(self) -> None:
        one, other = await self._number(), await self._number()
        await self._post(f"desks/{self._desk()}/tickets/{one}/merge", {"duplicate": other})

    async def _transfer(self) -> None:
        wish: dict[str, object] = {}
        if self._chance.random() < 0.6:
            wish["service"] = self._chance.choice([*(it.id for it in self._run.lobby.services), NO_SERVICE])
        if self._chance.random() < 0.6:
            wish["to_desk"] = self._desk()
        busy = await self._look(lambda day: [it.desk.id for it in day.desks.values() if it.ticket])
        away = await self._look(lambda day: [it.desk.id for it in day.desks.values() if not it.is_open])
        if away and self._chance.random() < 0.7:
            wish = {"to_desk": self._chance.choice(away)}
        await self._post(f"desks/{self._chance.choice(busy or [NO_DESK])}/transfer", wish)

    async def _see_somebody_who_is_back(self) -> None:
        """Or who was never let in."""
        state = self._chance.choice((TicketState.PARKED, TicketState.MISSED, TicketState.WAITING))
        found = await self._look(
            lambda day: [
                (it.number, desk.id)
                for it in day.tickets.values()
                for desk in self._run.lobby.desks
                if it.state is state and it.service in desk.serves and it.is_outside == (state is TicketState.WAITING)
            ]
        )
        if found:
            number, desk = self._chance.choice(found)
            await self._post(f"desks/{desk}/tickets/{number}/{self._chance.choice(('call', 'resume'))}", {})

    # --- rooms, services, notices ----------------------------------------------------------------------------

    async def _correct(self) -> None:
        room = self._chance.choice([*(it.id for it in self._run.lobby.rooms), NO_ROOM])
        is_empty = self._chance.random() < 0.4
        wish: dict[str, object] = {"people": self._chance.choice((0, 5)), "why": "empty" if is_empty else "counted"}
        if is_empty or self._chance.random() < 0.5:
            await self._post(f"rooms/{room}/corrections", wish)
        elif room != NO_ROOM:
            truth = self._run.hall.census.people(room)
            await self._post(f"rooms/{room}/corrections", {"people": max(truth, 0), "why": "counted"})

    async def _change_room(self) -> None:
        room = self._chance.choice([*(it.id for it in self._run.lobby.rooms), NO_ROOM])
        limit = self._chance.choice((None, None, 4, 9, 20, 1_000_000))
        await self._submit(inputs.ChangeLimit(room=room, limit_people=limit, why="" if limit is None else "safety"))

    async def _change_service(self) -> None:
        service = self._chance.choice([*(it.id for it in self._run.lobby.services), NO_SERVICE])
        if self._chance.random() < 0.4:
            until_at = self._run.now() + timedelta(seconds=self._chance.choice((-60, 60, 300)))
            await self._submit(inputs.PauseService(service=service, until_at=until_at))
            await self._post("tickets", {"service": service, "request_id": self._request()})
        else:
            await self._submit(inputs.ResumeService(service=service))

    async def _post_notice(self) -> None:
        room = self._chance.choice(["", "hall", NO_ROOM])
        text = self._chance.choice([{"en": "The lift is out of order."}, {}, {"tlh": "no such language"}])
        if self._chance.random() < 0.6:
            await self._submit(inputs.PostNotice(text=text, room=room))
        else:
            await self._submit(inputs.WithdrawNotice(room=room))

    # --- what only other parts of the hub ask ----------------------------------------------------------------

    async def _ask_the_book(self) -> None:
        """As the book would, if it were wrong."""
        known = await self._look(lambda day: [it.id for it in day.appointments.values()])
        slot_at = self._run.now() + timedelta(minutes=20)
        name = self._chance.choice([*known, "nobody's"])
        wish: inputs.AnyInput
        match self._chance.randrange(4):
            case 0:
                wish = inputs.KnowAppointment(appointment=name, service="residents", slot_at=slot_at, code_hash=name)
            case 1:
                wish = inputs.CancelAppointment(appointment=name)
            case _:
                wish = inputs.MoveAppointment(appointment=name, service="residents", slot_at=slot_at)
        await self._submit(wish)

    async def _ask_the_day(self) -> None:
        """As an operator would who does not see that it is open."""
        day = await self._look(lambda day: [day.day])
        if day and day[0] is not None:
            await self._submit(inputs.OpenDay(day=day[0], lobby=self._run.lobby))

    async def _hand_in(self) -> None:
        """As a kiosk would that has lost its memory, or has that of another."""
        chance = self._chance
        kiosk = chance.choice([it for it in self._run.lobby.devices if it.offline_letter])
        if chance.random() < 0.5:
            for _ in range(chance.choice((1, 1, LEASES))):
                await self._submit(inputs.LeaseRange(device=kiosk.address, holder=self._request(), next=0))
            return
        day = await self._look(lambda day: [day.day])
        given = await self._look(
            lambda day: [it.number for it in day.tickets.values() if it.number.startswith(kiosk.offline_letter)]
        )
        if not day:
            return
        on, number = day[0], int(chance.choice(given)[1:]) if given and chance.random() < 0.7 else 998
        await self._submit(
            inputs.HandInTicket(
                ticket=self._request(),
                token_hash=self._request(),
                request=self._request(),
                device=kiosk.address,
                service=chance.choice(self._run.lobby.services).id,
                language="en",
                day=on - timedelta(days=1) if chance.random() < 0.3 else on,
                series=kiosk.offline_letter,
                number=number,
                arrived_at=self._run.now() - timedelta(minutes=3),
            )
        )

    # --- the door --------------------------------------------------------------------------------------------

    async def _join_at_the_door(self) -> None:
        """With a code that was never shown, with one of earlier, without any, or more often than one is good for."""
        way = self._run.hall.join_path(self._chance.choice(self._run.lobby.rooms).id)
        join = f"/{self._run.lobby.site.id}/join"
        wish = {"service": self._chance.choice(self._run.lobby.services).id}
        match self._chance.randrange(4):
            case 0:
                await self._browse(f"{join}?code=12345678")
            case 1 if self._old_way:
                await self._browse(self._old_way)
            case 2:
                await self._browse(join, wish)
            case _:
                shown = await self._browse(way) if way else ""
                if found := _PASS.search(shown):
                    for _ in range(self._run.lobby.site.door_code_joins_max + 1):
                        await self._browse(join, wish | {"pass": found[1]})
        self._old_way = way or self._old_way

    async def _browse(self, path: str, form: dict[str, str] | None = None) -> str:
        """The page that is answered, whose refusal is counted."""
        web = self._run.web
        answer = await answer_of(web.get(path) if form is None else web.post(path, form=form))
        page = "" if answer is None else answer.text
        if found := _REFUSAL.search(page):
            self.refusals[found[1]] += 1
        return page

    # --- asking ----------------------------------------------------------------------------------------------

    async def _post(self, path: str, wish: dict[str, object]) -> None:
        answer = await answer_of(self._run.web.post(f"{self._site}/{path}", json_body=wish))
        if answer is not None and answer.status >= 400 and answer.status != 422:
            self.refusals[str(_problem.decode(answer.body).get("code", answer.status))] += 1

    async def _submit(self, an_input: inputs.AnyInput) -> None:
        if self._run.is_hub_up:
            await self._patiently(self._run.site.submit(an_input))

    async def _look(self, question: Callable[[Day], list[Any]]) -> list[Any]:
        if not self._run.is_hub_up:
            return []
        return await self._patiently(self._run.site.read(lambda day, _: question(day) if day.day else [])) or []

    async def _patiently(self, asked: Awaitable[Any]) -> Any:
        """What is answered; None by a hub that dies meanwhile."""
        try:
            async with asyncio.timeout(30.0):
                return await asked
        except TimeoutError:
            return None

    async def _number(self) -> str:
        """Most often of a ticket of today, of those that are not over if there are any."""
        if self._chance.random() > NUMBERS:
            return NO_NUMBER
        over = (TicketState.SERVED, TicketState.CLOSED)
        is_live = self._chance.random() < 0.8
        numbers: list[str] = await self._look(
            lambda day: [it.number for it in day.tickets.values() if (it.state not in over) == is_live]
        )
        return self._chance.choice(numbers or [NO_NUMBER])

    def _desk(self) -> str:
        desks = [it.id for it in self._run.lobby.desks]
        return self._chance.choice(desks * 3 + [NO_DESK])

    def _request(self) -> str:
        self._requests += 1
        return f"meddler-request-{self._requests:06d}"
