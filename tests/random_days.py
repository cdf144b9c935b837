"""Days at random, straight through the core: whatever visitors, staff, counters and time may ask of it, in any order.

The day is driven as the writer drives it: what is due happens first, and the day turns when it is over. Most of what is
asked makes sense; the rest is refused, or should be.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hub.day import inputs
from hub.day.apply import apply
from hub.day.decide import decide
from hub.day.due import due
from hub.day.hours import service_day
from hub.day.inputs import AnyInput
from hub.day.lobby import Desk, Device, DeviceKind, Door, Lobby, Priority, Room, Service, Site
from hub.day.model import ENDED, IN_LINE, Day, TicketState
from hub.day.refusal import Refusal
from hub.journal import Entry
from wire.messages import CountQuality

COUNTERS = ("door-1/counter", "door-2/counter")
PRINTER = "kiosk-1/printer"


def some_lobby(chance: Random) -> Lobby:
    """Three services, two rooms, two to five desks; every rule has numbers small enough to matter within an hour."""
    is_gated = chance.random() < 0.4
    is_behind = is_gated or chance.random() < 0.5
    services = ("passports", "permits", "cashier")
    then: tuple[str, ...] = chance.choice([(), ("permits",), ("permits", "cashier")])
    desks = []
    for n in range(1, chance.randint(2, 5) + 1):
        own = (
            services[1:] if n == 1 else services[:1] if n == 2 else tuple(chance.sample(services, chance.randint(1, 2)))
        )
        helps = tuple(it for it in services if it not in own and chance.random() < 0.4)
        room = "office" if chance.random() < 0.3 else "hall"
        help_after_s = chance.choice([0, 120, 300])
        desks.append(Desk(id=f"desk-{n}", name=str(n), room=room, services=own, helps=helps, help_after_s=help_after_s))
    site = Site(
        id="hall",
        name={"en": "Hall"},
        time_zone=chance.choice(["UTC", "Europe/Paris", "America/St_Johns"]),
        no_show_grace_s=chance.choice([30, 120, 300]),
        recall_times_max=chance.choice([1, 2, 3]),
        invitation_s=chance.choice([30, 90, 180]),
        park_s=chance.choice([60, 300, 1_200]),
        last_ticket_before_close_s=chance.choice([0, 600, 1_800]),
        at_close=chance.choice(["serve", "end"]),
        guard_slots=chance.random() < 0.8,
        overdue_max_s=chance.choice([0, 120, 600]),
        late_s=chance.choice([0, 120, 900]),
        door_code_joins_max=2,
    )
    return Lobby(
        site=site,
        hours=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("08:00-12:00", "13:00-18:00")),
        services=tuple(
            Service(
                id=service,
                letter=letter,
                name={"en": service},
                target_wait_s=chance.choice([60, 300, 900]),
                nominal_service_s=chance.choice([120, 420, 1_200]),
                last_ticket_before_close_s=chance.choice([None, None, 1_200]),
                then=then if service == "passports" else (),
            )
            for service, letter in zip(services, "ABC", strict=True)
        ),
        rooms=(
            Room(
                id="hall",
                name={"en": "Hall"},
                limit_people=chance.choice([4, 8, 12]),
                admitted=is_gated,
                unknown=chance.choice(["hold", "tickets"]),
                empty_at_turn=chance.random() < 0.5,
            ),
            Room(id="office", name={"en": "Office"}, limit_people=6, admitted=is_gated and chance.random() < 0.3),
        ),
        priorities=(
            Priority(id="reduced-mobility", name={"en": "Mobility"}, earlier_s=600, offered=True),
            Priority(id="small-child", name={"en": "Child"}, earlier_s=120),
        ),
        doors=(
            Door(id="front", to_room="hall", margin_per_crossing=chance.choice([0.0, 0.01, 0.2])),
            Door(id="inner", from_room="hall" if is_behind else "outside", to_room="office"),
        ),
        desks=tuple(desks),
        devices=(
            Device(node="door-1", id="counter", kind=DeviceKind.COUNTER, door="front"),
            Device(node="door-2", id="counter", kind=DeviceKind.COUNTER, door="inner"),
            Device(node="kiosk-1", id="printer", kind=DeviceKind.PRINTER),
            Device(node="kiosk-1", id="kiosk", kind=DeviceKind.KIOSK, room="hall", printer=PRINTER),
        ),
    )


def _with_rules(lobby: Lobby, chance: Random) -> Lobby:
    """Half of the lobbies know when the hall is empty, what a long quiet of it means, or how long people stay."""
    if chance.random() < 0.5:
        return lobby
    hall = replace(
        lobby.rooms[0],
        empty_at=tuple(chance.sample(("08:20", "09:40", "12:10", "17:15", "20:00", "01:00"), chance.randint(0, 3))),
        empty_after_quiet_s=chance.choice([None, 300, 1_800]),
        longest_stay_s=chance.choice([None, 300, 900]),
        gate_confidence=chance.choice([None, None, 0.95]),
    )
    return replace(lobby, rooms=(hall, *lobby.rooms[1:]))


def _without(service: str, desks: tuple[Desk, ...]) -> tuple[Desk, ...]:
    """The desks, and none serves that."""
    kept = (
        replace(it, services=own, helps=tuple(other for other in it.helps if other != service))
        for it in desks
        if (own := tuple(other for other in it.services if other != service))
    )
    return tuple(kept)


class RandomDay:
    """A lobby and everything that happens in it. `entries` is its journal."""

    def __init__(self, seed: int | str) -> None:
        self.chance = Random(f"{seed}/random-day")
        self.lobby = _with_rules(some_lobby(self.chance), Random(f"{seed}/rules"))
        self.day = Day()
        self.entries: list[Entry] = []
        hour, minute = self.chance.choice([(8, 0), (9, 30), (11, 20), (16, 10), (17, 0)])
        self.now = datetime(2026, 3, 4, hour, minute, tzinfo=UTC)
        self.refused: dict[str, int] = {}
        self.on_input: Callable[[AnyInput, Any], None] = lambda an_input, decided: None
        """Told of each input and its answer, before it is applied."""
        self._n = 0
        self._day_name = ""
        self._totals = dict.fromkeys(COUNTERS, (0, 0))
        self._epoch = 0
        self._term = 0
        self.ask(inputs.TakeOver(term=self._next_term(), holder="hub"))
        self._turn()
        for desk in self.lobby.desks:
            self.ask(inputs.OpenDesk(desk=desk.id, by="page"))

    def ask(self, an_input: AnyInput) -> None:
        """Decide and apply, as the writer does."""
        decided = decide(self.day, an_input, self.now)
        self.on_input(an_input, decided)
        if isinstance(decided, Refusal):
            self.refused[decided.code] = self.refused.get(decided.code, 0) + 1
            return
        for event in decided:
            seq = len(self.entries) + 1
            apply(self.day, event, self.now, seq)
            self._day_name = str(self.day.day) if self.day.day is not None else self._day_name
            self.entries.append(Entry(seq, self._day_name, self.now, event))

    def live(self, steps: int) -> "RandomDay":
        """So many things happen."""
        acts = [(act, weight) for act, weight in self._acts()]
        for act in self.chance.choices([it for it, _ in acts], [weight for _, weight in acts], k=steps):
            act()
            if self.chance.random() < 0.7:
                self.pass_time(self.chance.choice([0, 1, 5, 9, 11, 30, 60, 180]))
        return self

    def pass_time(self, seconds: float) -> None:
        """Whatever is due meanwhile happens at its time."""
        until = self.now + timedelta(seconds=seconds)
        while (at := due(self.day, self.now)) is not None and at <= until:
            is_due, self.now = at <= self.now, max(self.now, at)
            if self.day.ends_at is not None and self.now >= self.day.ends_at:
                self._turn()
            else:
                before = len(self.entries)
                self.ask(inputs.Elapse())
                assert len(self.entries) > before or not is_due, f"due at {at}, and nothing happens"
        self.now = until

    def _turn(self) -> None:
        if self.day.is_open:
            self.ask(inputs.CloseDay())
        slots = [self.now + timedelta(seconds=self.chance.randint(-20, 90) * 60) for _ in range(8)]
        booked = tuple(self._appointment(slot_at) for slot_at in slots)
        today = service_day(self.lobby, self.now)
        self.ask(inputs.OpenDay(day=today, lobby=self.lobby, appointments=booked))

    # --- what may be asked -------------------------------------------------------------------------------------

    def _acts(self) -> list[tuple[Callable[[], None], int]]:
        return [
            (self._take_ticket, 22),
            (self._check_in, 10),
            (self._call, 30),
            (self._press, 22),
            (self._call_at_the_limit, 8),
            (self._pick, 5),
            (self._transfer, 5),
            (self._resume, 3),
            (self._cancel, 3),
            (self._merge, 4),
            (self._open_or_close, 4),
            (self._count, 14),
            (self._silence, 1),
            (self._correct, 1),
            (self._book, 2),
            (self._change_lobby, 1),
            (self._change, 3),
            (self._restart, 1),
            (self._sleep, 1),
        ]

    def _next_term(self) -> int:
        self._term += 1
        return self._term

    def _name(self, kind: str) -> str:
        self._n += 1
        return f"{kind}{self._n}"

    def _service(self) -> str:
        return self.chance.choice(self.lobby.services).id

    def _desk(self) -> str:
        return self.chance.choice(self.lobby.desks).id

    def _ticket(self, *states: TicketState) -> str:
        """Some ticket, most often one in these states, or that has not ended."""
        alive = [it for it in self.day.tickets.values() if (it.state in states if states else it.state not in ENDED)]
        if alive and self.chance.random() < 0.95:
            return self.chance.choice(alive).id
        return self.chance.choice([*self.day.tickets, "nobody"])

    def _at(self, kind: type[Any], desk: str, **more: object) -> None:
        state = self.day.desks[desk]
        seen = state.seq if self.chance.random() < 0.95 else state.seq - 1
        self.ask(kind(desk=desk, seen=seen, by="page", **more))

    def _take_ticket(self) -> None:
        for _ in range(self.chance.choice([1, 1, 1, 2])):
            name, at_kiosk = self._name("t"), self.chance.random() < 0.4
            channel: inputs.Channel = "kiosk" if at_kiosk else self.chance.choice(["phone", "phone", "api"])
            wish = inputs.IssueTicket(
                ticket=name,
                token_hash=f"h-{name}",
                service=self._service(),
                language="en",
                channel=channel,
                party_people=self.chance.choice([1, 1, 1, 2, 3]),
                then=self.chance.choice([None, None, None, (), ("cashier",)]),
                priority=self.chance.choice(["", "", "", "", "reduced-mobility", "small-child"]),
                printer=PRINTER if at_kiosk else "",
                room="hall" if at_kiosk else "",
                door_code=f"door/sign/{self.now.timestamp() // 30:.0f}" if channel == "phone" else "",
            )
            self.ask(wish)

    def _check_in(self) -> None:
        expected = [it for it in self.day.appointments.values() if not it.ticket]
        if self.chance.random() < 0.1:
            expected = list(self.day.appointments.values())
        if expected:
            name, known = self._name("t"), self.chance.choice(expected)
            wish = inputs.CheckIn(
                code_hash=known.code_hash, ticket=name, token_hash=f"h-{name}", language="en", channel="phone"
            )
            self.ask(wish)

    def _call(self) -> None:
        free = [it.desk.id for it in self.day.desks.values() if it.is_open and not it.ticket]
        desk = self.chance.choice(free) if free and self.chance.random() < 0.7 else self._desk()
        self._at(inputs.CallNext, desk)
        if self.chance.random() < 0.1:
            self.pass_time(self.chance.choice([0, 3, 10, 11]))
            if self.chance.random() < 0.2:
                self._at(self.chance.choice([inputs.Recall, inputs.Start]), desk)
            self._at(inputs.UndoCall, desk)

    def _call_at_the_limit(self) -> None:
        """In the very second in which a rule begins to hold for somebody who waits, every free desk calls."""
        site = self.lobby.site
        waiting = [it for it in self.day.tickets.values() if it.state in IN_LINE]
        if not waiting:
            return
        with_slot = [it for it in waiting if it.slot_at is not None and it.due_at > self.now]
        ticket = self.chance.choice(with_slot if with_slot and self.chance.random() < 0.5 else waiting)
        nominal_s = self.chance.choice(self.lobby.services).nominal_service_s
        after_s = self.chance.choice([0, site.overdue_max_s, -nominal_s, *(it.help_after_s for it in self.lobby.desks)])
        wait_s = (ticket.due_at - self.now).total_seconds() + after_s
        if 0 < wait_s <= 1_800:
            self.pass_time(wait_s)
            for state in list(self.day.desks.values()):
                if state.is_open and not state.ticket:
                    self._at(inputs.CallNext, state.desk.id)

    def _press(self) -> None:
        keys = (inputs.Start, inputs.Finish, inputs.Recall, inputs.NoShow, inputs.Park, inputs.UndoCall)
        busy = [it.desk.id for it in self.day.desks.values() if it.ticket]
        desk = self.chance.choice(busy) if busy and self.chance.random() < 0.9 else self._desk()
        self._at(self.chance.choices(keys, (6, 6, 4, 4, 2, 1))[0], desk)

    def _pick(self) -> None:
        sent = [it.id for it in self.day.tickets.values() if it.state in IN_LINE and it.for_desk]
        ticket = self.chance.choice(sent) if sent and self.chance.random() < 0.4 else self._ticket()
        self._at(inputs.PickTicket, self._desk(), ticket=ticket)

    def _transfer(self) -> None:
        busy = [it.desk.id for it in self.day.desks.values() if it.ticket]
        desk = self.chance.choice(busy) if busy else self._desk()
        service, to_desk = self.chance.choice(["", self._service()]), ""
        if self.chance.random() < 0.6:
            goal = self.chance.choice(self.lobby.desks)
            to_desk = goal.id
            service = self.chance.choice([*goal.serves, *goal.serves, *goal.serves, service])
        self._at(inputs.Transfer, desk, service=service, to_desk=to_desk)

    def _resume(self) -> None:
        desk = self._desk() if self.chance.random() < 0.5 else ""
        self.ask(inputs.ResumeTicket(ticket=self._ticket(TicketState.PARKED), desk=desk))

    def _cancel(self) -> None:
        desk = self._desk() if self.chance.random() < 0.5 else ""
        self.ask(inputs.CancelTicket(ticket=self._ticket(), desk=desk, reason="left" if desk else ""))

    def _merge(self) -> None:
        self.ask(inputs.MergeTickets(ticket=self._ticket(), duplicate=self._ticket()))

    def _open_or_close(self) -> None:
        self._at(self.chance.choice([inputs.OpenDesk, inputs.OpenDesk, inputs.CloseDesk]), self._desk())

    def _count(self) -> None:
        device = self.chance.choice(COUNTERS)
        if self.chance.random() < 0.03:
            self._epoch += 1
            self._totals[device] = (0, 0)
        entered, left = self._totals[device]
        self._totals[device] = entered + self.chance.randint(0, 3), left + self.chance.randint(0, 3)
        quality = CountQuality.OK if self.chance.random() < 0.95 else CountQuality.BLOCKED
        entered, left = self._totals[device]
        wish = inputs.CountPeople(device=device, epoch=f"e{self._epoch}", entered=entered, left=left, quality=quality)
        self.ask(wish)

    def _silence(self) -> None:
        self.ask(inputs.NoteSilence(device=self.chance.choice(COUNTERS), is_silent=self.chance.random() < 0.4))

    def _correct(self) -> None:
        people = self.chance.randint(0, 5)
        self.ask(inputs.CorrectPeople(room=self.chance.choice(["hall", "office"]), people=people, why="counted"))

    def _book(self) -> None:
        known = list(self.day.appointments)
        slot_at = self.now + timedelta(minutes=self.chance.randint(-10, 60))
        if not known or self.chance.random() < 0.5:
            self.ask(self._appointment(slot_at))
        elif self.chance.random() < 0.5:
            self.ask(inputs.CancelAppointment(appointment=self.chance.choice(known)))
        else:
            name = self.chance.choice(known)
            self.ask(inputs.MoveAppointment(appointment=name, service=self._service(), slot_at=slot_at))

    def _appointment(self, slot_at: datetime) -> inputs.KnowAppointment:
        name = self._name("a")
        return inputs.KnowAppointment(appointment=name, service=self._service(), slot_at=slot_at, code_hash=name)

    def _change_lobby(self) -> None:
        other = some_lobby(self.chance)
        desks = other.desks if self.chance.random() < 0.3 else self.lobby.desks
        site = replace(self.lobby.site, **{it: getattr(other.site, it) for it in ("guard_slots", "overdue_max_s")})
        if self.chance.random() < 0.3:
            desks = _without(self._service(), desks) or desks
        services = self.lobby.services
        if self.chance.random() < 0.3:
            letters = self.chance.sample([it.letter for it in services], len(services))
            services = tuple(replace(it, letter=letter) for it, letter in zip(services, letters, strict=True))
        self.lobby = replace(self.lobby, site=site, services=services, desks=desks)
        self.ask(inputs.ChangeLobby(lobby=self.lobby))

    def _change(self) -> None:
        """What a manager changes for the day."""
        until_at = self.now + timedelta(seconds=self.chance.choice([60, 300])) if self.chance.random() < 0.6 else None
        wishes: list[AnyInput] = [
            inputs.PauseService(service=self._service(), until_at=until_at),
            inputs.ResumeService(service=self._service()),
            inputs.PostNotice(text={"en": "Lift out of order"}, until_at=until_at),
            inputs.WithdrawNotice(),
            inputs.ChangeLimit(room="hall", limit_people=self.chance.choice([None, 2, 6, 20])),
        ]
        self.ask(self.chance.choice(wishes))

    def _restart(self) -> None:
        self.ask(inputs.TakeOver(term=self._next_term(), holder="hub"))

    def _sleep(self) -> None:
        """Nobody does anything for a while, now and then until the next morning."""
        self.pass_time(self.chance.choice([600, 1_800, 3_600, 3_600, 16 * 3_600]))
