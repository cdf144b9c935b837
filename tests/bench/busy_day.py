"""A busy day for the pure core: 1,200 visitors at forty desks, as the inputs that a hub would have to decide.

Simple people live it once on a day of its own, and whatever they ask is kept; a measurement then decides and applies
the very same inputs again. Nothing here knows a clock, a database or a message.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from random import Random

from msgspec import Struct

from hub.day import inputs
from hub.day.apply import apply
from hub.day.decide import decide
from hub.day.due import due
from hub.day.events import AnyEvent, TicketCalled
from hub.day.inputs import AnyInput
from hub.day.lobby import Desk, Device, DeviceKind, Door, Lobby, Priority, Room, Service, Site
from hub.day.model import ENDED, Day, Ticket, TicketState
from hub.day.refusal import Refusal

BEGINS_AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
OPEN_S = 8 * 3_600
VISITORS = 1_200
DESKS = 40
COUNT_S = 1.0
"""A counter's totals reach the day at most this often."""


class Step(Struct, frozen=True, gc=False):
    """Something asked of the day, and when."""

    an_input: AnyInput
    at: datetime


def take(day: Day, step: Step) -> list[AnyEvent] | Refusal:
    """Decide the step and apply what follows."""
    decided = decide(day, step.an_input, step.at)
    if not isinstance(decided, Refusal):
        for event in decided:
            apply(day, event, step.at, day.seq + 1)
    return decided


def steps() -> list[Step]:
    """The whole day, from its opening to its end; always the same."""
    return _Lived(Random(4)).steps


def mix(of: list[Step]) -> str:
    """What kinds of inputs they are, the most frequent first."""
    kinds = Counter(type(step.an_input).__name__ for step in of)
    day = Day()
    refused = sum(isinstance(take(day, step), Refusal) for step in of)
    said = ", ".join(f"{number:,} {kind}" for kind, number in kinds.most_common())
    return f"{len(of):,} inputs, of which {refused:,} are refused: {said}"


# --- the place -------------------------------------------------------------------------------------------------------


def lobby() -> Lobby:
    """A hall with 26 desks for four services; behind it an admitted office with 14 desks for two more."""
    hall = ("identity", "vehicles", "register", "taxes")
    desks = []
    for n in range(1, DESKS + 1):
        if n <= 26:
            services, helps = (hall[n % 4], hall[(n + 1) % 4]), (hall[(n + 2) % 4],) if n % 5 == 0 else ()
            desks.append(Desk(id=str(n), name=str(n), room="hall", services=services, helps=helps))
        else:
            desks.append(Desk(id=str(n), name=str(n), room="office", services=("permits", "residence")))
    counters = [Device(node=door, id="counter", kind=DeviceKind.COUNTER, door=door) for door in ("north", "inner")]
    return Lobby(
        site=Site(id="busy", name={"en": "Busy"}, time_zone="Europe/Paris", languages=("en", "fr")),
        hours=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00-17:00",)),
        services=(
            Service(id="identity", letter="A", name={"en": "Identity"}, target_wait_s=1_200, nominal_service_s=780),
            Service(id="vehicles", letter="B", name={"en": "Vehicles"}, target_wait_s=1_200, nominal_service_s=660),
            Service(id="register", letter="C", name={"en": "Register"}, target_wait_s=900, nominal_service_s=840),
            Service(id="taxes", letter="D", name={"en": "Taxes"}, target_wait_s=900, nominal_service_s=600),
            Service(id="permits", letter="E", name={"en": "Permits"}, nominal_service_s=900, then=("taxes",)),
            Service(id="residence", letter="F", name={"en": "Residence"}, nominal_service_s=840),
        ),
        rooms=(
            Room(id="hall", name={"en": "Hall"}, limit_people=300),
            Room(id="office", name={"en": "Office"}, limit_people=30, admitted=True),
        ),
        priorities=(Priority(id="child", name={"en": "With a child"}, earlier_s=600, offered=True),),
        doors=(Door(id="north", to_room="hall"), Door(id="inner", from_room="hall", to_room="office")),
        desks=tuple(desks),
        devices=(
            *counters,
            Device(node="kiosk", id="printer", kind=DeviceKind.PRINTER),
            Device(node="kiosk", id="kiosk", kind=DeviceKind.KIOSK, room="hall", printer="kiosk/printer"),
        ),
    )


class _Lived:
    """People act on a day; what they ask becomes `steps`. Times are seconds after `BEGINS_AT`."""

    def __init__(self, chance: Random) -> None:
        self.steps: list[Step] = []
        self._chance = chance
        self._day = Day()
        self._lobby = lobby()
        self._plans: list[tuple[float, int, Callable[[float], object]]] = []
        self._order = count()
        self._ids = count(1)
        self._totals = {"north/counter": [0, 0], "inner/counter": [0, 0]}
        self._unsaid: set[str] = set()
        self._ask(0.0, inputs.TakeOver(term=1, holder="bench"))
        self._ask(0.0, inputs.OpenDay(day=BEGINS_AT.date(), lobby=self._lobby, appointments=tuple(self._book())))
        for device in self._totals:
            self._ask(0.0, inputs.CountPeople(device=device, epoch="e", entered=0, left=0))
        for desk in self._lobby.desks:
            self._in(0.0, chance.uniform(0, 300), partial(self._opens, desk.id))
        for _ in range(VISITORS - len(self._day.appointments)):
            self._in(0.0, chance.triangular(0, OPEN_S - 1_800, OPEN_S / 3), self._walks_in)
        for known in self._day.appointments.values():
            comes_s = (known.slot_at - BEGINS_AT).total_seconds() - chance.triangular(-1_200, 1_800, 600)
            self._in(0.0, max(0.0, comes_s), partial(self._comes_as_booked, known.code_hash))
        self._live()

    def _live(self) -> None:
        """Each plan in its turn, and in between whatever is due by itself."""
        while self._plans:
            at_s, order, act = heappop(self._plans)
            due_at = due(self._day)
            assert due_at is not None
            due_s = max((due_at - BEGINS_AT).total_seconds(), self._now_s)
            if due_s <= at_s:
                heappush(self._plans, (at_s, order, act))
                self._ask(due_s, inputs.Elapse())
            else:
                act(at_s)
        self._ask(self._now_s, inputs.CloseDay())

    @property
    def _now_s(self) -> float:
        return (self.steps[-1].at - BEGINS_AT).total_seconds()

    def _ask(self, at_s: float, an_input: AnyInput) -> list[AnyEvent] | Refusal:
        step = Step(an_input, BEGINS_AT + timedelta(seconds=round(at_s, 3)))
        self.steps.append(step)
        decided = take(self._day, step)
        for event in [] if isinstance(decided, Refusal) else decided:
            if type(event).__name__ == "TicketAdmitted":
                self._in(
                    at_s, self._chance.uniform(20, 90), lambda then_s: self._crosses("inner/counter", 1, 0, then_s)
                )
        return decided

    def _in(self, at_s: float, after_s: float, act: Callable[[float], object]) -> None:
        heappush(self._plans, (at_s + after_s, next(self._order), act))

    def _happens(self, share: float) -> bool:
        return self._chance.random() < share

    # --- visitors ----------------------------------------------------------------------------------------------------

    def _book(self) -> Iterator[inputs.KnowAppointment]:
        for n in range(VISITORS // 4):
            service = self._chance.choice(self._lobby.services).id
            slot_at = BEGINS_AT + timedelta(seconds=900 + n * (OPEN_S - 3_600) // (VISITORS // 4))
            yield inputs.KnowAppointment(appointment=f"a{n}", service=service, slot_at=slot_at, code_hash=f"code-{n}")

    def _walks_in(self, at_s: float) -> None:
        people = self._chance.choices((1, 2, 3, 4), (80, 12, 5, 3))[0]
        channel: inputs.Channel = self._chance.choices(("phone", "kiosk", "desk"), (55, 35, 10))[0]
        service = self._chance.choice(self._lobby.services).id
        self._crosses("north/counter", people, 0, at_s)
        wish = inputs.IssueTicket(
            ticket=f"ticket-{next(self._ids)}",
            token_hash=f"hash-{next(self._ids)}",
            service=service,
            language=self._chance.choice(("en", "fr", "it")),
            channel=channel,
            party_people=people,
            priority="child" if self._happens(0.06) else "",
            printer="kiosk/printer" if channel == "kiosk" else "",
            room="" if channel == "phone" else "hall",
        )
        self._in(at_s, self._chance.uniform(5, 60), lambda then_s: self._asks_for_ticket(wish, wish.ticket, then_s))

    def _comes_as_booked(self, code_hash: str, at_s: float) -> None:
        self._crosses("north/counter", 1, 0, at_s)
        ticket = f"ticket-{next(self._ids)}"
        wish = inputs.CheckIn(
            code_hash=code_hash, ticket=ticket, token_hash=f"hash-{next(self._ids)}", language="fr", channel="kiosk",
            printer="kiosk/printer", room="hall",
        )  # fmt: skip
        self._in(at_s, self._chance.uniform(5, 60), lambda then_s: self._asks_for_ticket(wish, ticket, then_s))
        if self._happens(0.04):
            self._in(at_s, 70, lambda then_s: self._ask(then_s, wish))

    def _asks_for_ticket(self, wish: AnyInput, ticket: str, at_s: float) -> None:
        if isinstance(self._ask(at_s, wish), Refusal):
            self._crosses("north/counter", 0, 1, at_s + 30)
        elif self._happens(0.02):
            self._in(at_s, 600, lambda then_s: self._ask(then_s, inputs.CancelTicket(ticket=ticket)))

    def _crosses(self, counter: str, entered: int, left: int, at_s: float) -> None:
        """The totals are told once a second."""
        self._totals[counter][0] += entered
        self._totals[counter][1] += left
        if counter not in self._unsaid:
            self._unsaid.add(counter)
            self._in(at_s, COUNT_S, lambda then_s: self._counts(counter, then_s))

    def _counts(self, counter: str, at_s: float) -> None:
        self._unsaid.remove(counter)
        entered, left = self._totals[counter]
        self._ask(at_s, inputs.CountPeople(device=counter, epoch="e", entered=entered, left=left))

    def _leaves(self, ticket: Ticket, room: str, at_s: float) -> None:
        if room == "office":
            self._crosses("inner/counter", 0, ticket.party_people, at_s)
        if ticket.state in ENDED:
            self._crosses("north/counter", 0, ticket.party_people, at_s)

    # --- staff -------------------------------------------------------------------------------------------------------

    def _opens(self, desk: str, at_s: float) -> None:
        self._ask(at_s, inputs.OpenDesk(desk=desk, by="page"))
        self._in(at_s, 5, lambda then_s: self._calls(desk, then_s))

    def _calls(self, desk: str, at_s: float) -> None:
        state = self._day.desks[desk]
        finished = self._day.tickets.get(state.ticket)
        press = inputs.CallNext(desk=desk, seen=state.seq, by="panel")
        decided = self._ask(at_s, press)
        if finished is not None:
            self._leaves(finished, state.desk.room, at_s)
        if self._happens(0.04):
            self._ask(at_s + 0.2, press)
        if isinstance(decided, list) and isinstance(decided[-1], TicketCalled):
            if self._happens(0.01):
                self._ask(at_s + 4, inputs.UndoCall(desk=desk, seen=state.seq, by="page"))
                self._in(at_s, 8, lambda then_s: self._calls(desk, then_s))
            elif self._happens(0.05):
                self._in(at_s, 45, lambda then_s: self._waits_in_vain(desk, then_s))
            else:
                self._in(at_s, self._chance.uniform(10, 50), lambda then_s: self._starts(desk, then_s))
        elif at_s < OPEN_S:
            self._in(at_s, self._chance.uniform(60, 120), lambda then_s: self._calls(desk, then_s))
        elif state.ticket == "":
            self._ask(at_s, inputs.CloseDesk(desk=desk, seen=state.seq, by="page"))

    def _waits_in_vain(self, desk: str, at_s: float) -> None:
        state = self._day.desks[desk]
        self._ask(at_s, inputs.Recall(desk=desk, seen=state.seq, by="panel"))
        self._ask(at_s + 40, inputs.NoShow(desk=desk, seen=state.seq, by="panel"))
        self._in(at_s, 42, lambda then_s: self._calls(desk, then_s))

    def _starts(self, desk: str, at_s: float) -> None:
        state = self._day.desks[desk]
        self._ask(at_s, inputs.Start(desk=desk, seen=state.seq, by="panel"))
        if state.ticket and self._day.tickets[state.ticket].state is TicketState.SERVING:
            nominal_s = self._day.services[self._day.tickets[state.ticket].service].service.nominal_service_s
            self._in(at_s, self._chance.triangular(120, 2 * nominal_s), lambda then_s: self._ends(desk, then_s))
        else:
            self._in(at_s, 5, lambda then_s: self._calls(desk, then_s))

    def _ends(self, desk: str, at_s: float) -> None:
        """Most desks call the next at once; some finish first, or send the visitor for something."""
        state = self._day.desks[desk]
        ticket = self._day.tickets[state.ticket]
        pick = self._chance.random()
        if pick < 0.6:
            self._calls(desk, at_s)
            return
        if pick < 0.94:
            self._ask(at_s, inputs.Finish(desk=desk, seen=state.seq, by="panel"))
        elif pick < 0.97:
            self._ask(at_s, inputs.Park(desk=desk, seen=state.seq, by="page"))
            self._in(at_s, 1_200, lambda then_s: self._ask(then_s, inputs.ResumeTicket(ticket=ticket.id)))
        else:
            service = self._chance.choice(state.desk.services)
            self._ask(at_s, inputs.Transfer(desk=desk, seen=state.seq, by="page", service=service))
        self._leaves(ticket, state.desk.room, at_s)
        self._in(at_s, self._chance.uniform(5, 60), lambda then_s: self._calls(desk, then_s))
