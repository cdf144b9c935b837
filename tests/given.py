"""Days for tests, told as sentences: `Story().when(...)` decides and applies, and remembers what came of it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from types import MappingProxyType
from typing import Literal, Self

from hub.day import admission, occupancy
from hub.day.apply import apply
from hub.day.decide import decide
from hub.day.due import due
from hub.day.events import AnyEvent
from hub.day.hours import service_day
from hub.day.inputs import (
    AnyInput,
    CallNext,
    CheckIn,
    CountPeople,
    DeskKey,
    Elapse,
    IssueTicket,
    KnowAppointment,
    OpenDay,
    OpenDesk,
)
from hub.day.lobby import Desk, Device, DeviceKind, Door, Lobby, Room, Service, Site
from hub.day.model import Day, Ticket
from hub.day.refusal import Refusal
from wire.messages import Gate

COUNTER = "door-1/counter"
MONDAY_9H = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def a_lobby(
    *,
    desks: int = 2,
    limit_people: int = 30,
    admitted: bool = False,
    unknown: Literal["hold", "tickets"] = "hold",
    margin_per_crossing: float = 0.0,
    empty_at_turn: bool = False,
    languages: tuple[str, ...] = ("en", "fr"),
    services_of: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    helps_of: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    door_code: Literal["rotating", "printed"] = "printed",
) -> Lobby:
    """A hall behind one counted door, services A (passports) and B (permits), every desk serving both but for those
    in `services_of`; a desk in `helps_of` helps out with those. Who joins by phone needs no code unless it is
    "rotating"."""

    hall = Room(
        id="main",
        name=_named(languages, en="Main hall", fr="Grande salle", de="Schalterhalle", it="Sala principale"),
        limit_people=limit_people,
        admitted=admitted,
        unknown=unknown,
        empty_at_turn=empty_at_turn,
    )
    site = Site(
        id="hall",
        name=_named(languages, en="Town hall", fr="Mairie", de="Gemeindeverwaltung", it="Municipio"),
        time_zone="UTC",
        languages=languages,
        door_code=door_code,
    )
    named_desks = [str(n) for n in range(1, desks + 1)]
    return Lobby(
        site=site,
        hours=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("08:00-18:00",)),
        services=_services(languages),
        rooms=(hall,),
        doors=(Door(id="front", to_room="main", margin_per_crossing=margin_per_crossing),),
        desks=tuple(
            Desk(
                id=desk,
                name=desk,
                room="main",
                services=services_of.get(desk, ("passports", "permits")),
                helps=helps_of.get(desk, ()),
            )
            for desk in named_desks
        ),
        devices=_devices(named_desks),
    )


def _named(languages: Sequence[str], **texts: str) -> dict[str, str]:
    return {language: texts[language] for language in languages}


def _services(languages: Sequence[str]) -> tuple[Service, ...]:
    passports = _named(languages, en="Passports", fr="Passeports", de="Reisepässe", it="Passaporti")
    permits = _named(languages, en="Permits", fr="Permis", de="Aufenthaltsbewilligungen", it="Permessi di soggiorno")
    return (
        Service(id="passports", letter="A", name=passports, target_wait_s=900),
        Service(id="permits", letter="B", name=permits, target_wait_s=300),
    )


def _devices(desks: Sequence[str]) -> tuple[Device, ...]:
    """A board, a sign and a counter at the door, a kiosk with its printer, and a panel at every desk."""
    return (
        Device(node="board-1", id="board", kind=DeviceKind.BOARD, room="main"),
        Device(node="door-1", id="sign", kind=DeviceKind.SIGN, room="main"),
        Device(node="door-1", id="counter", kind=DeviceKind.COUNTER, door="front"),
        Device(node="kiosk-1", id="printer", kind=DeviceKind.PRINTER),
        Device(node="kiosk-1", id="kiosk", kind=DeviceKind.KIOSK, room="main", printer="kiosk-1/printer"),
        *(Device(node=f"desk-{desk}", id="panel", kind=DeviceKind.PANEL, desk=desk) for desk in desks),
    )


class Story:
    """A day and its clock. Every step goes through `decide` and `apply` as in production."""

    def __init__(self, lobby: Lobby | None = None, now: datetime = MONDAY_9H) -> None:
        self.day = Day()
        self.now = now
        self.lobby = lobby or a_lobby()
        self.journal: list[tuple[datetime, AnyEvent]] = []
        self._ids = count(1)
        self.when(OpenDay(day=service_day(self.lobby, now), lobby=self.lobby))

    def when(self, an_input: AnyInput) -> list[AnyEvent] | Refusal:
        """Decide `an_input` now; its events, applied, or the refusal."""
        decided = decide(self.day, an_input, self.now)
        if not isinstance(decided, Refusal):
            for event in decided:
                self.journal.append((self.now, event))
                apply(self.day, event, self.now, len(self.journal))
        return decided

    def after(self, seconds: float) -> Self:
        self.now += timedelta(seconds=seconds)
        return self

    def with_open_desk(self, desk: str = "1") -> Self:
        self.when(OpenDesk(desk=desk, by="page"))
        return self

    def with_ticket(self, service: str = "passports", party_people: int = 1) -> Ticket:
        """Somebody takes a ticket."""
        n = next(self._ids)
        self.when(
            IssueTicket(
                ticket=f"t{n}",
                token_hash=f"h{n}",
                service=service,
                language="en",
                channel="phone",
                party_people=party_people,
            )
        )
        return self.day.tickets[f"t{n}"]

    def call_next(self, desk: str = "1") -> list[AnyEvent] | Refusal:
        """Staff at `desk` press next, seeing the desk as it is."""
        return self.when(CallNext(desk=desk, seen=self.day.desks[desk].seq, by="page"))

    def with_appointment(self, slot_s: float, service: str = "passports") -> Ticket:
        """Somebody is here for an appointment, whose slot is in `slot_s`."""
        n = next(self._ids)
        slot_at = self.now + timedelta(seconds=slot_s)
        self.when(KnowAppointment(appointment=f"a{n}", service=service, slot_at=slot_at, code_hash=f"c{n}"))
        self.when(CheckIn(code_hash=f"c{n}", ticket=f"t{n}", token_hash=f"h{n}", language="en", channel="phone"))
        return self.day.tickets[f"t{n}"]

    def press(self, kind: type[DeskKey], desk: str = "1") -> list[AnyEvent] | Refusal:
        """Staff at `desk` press a key, seeing the desk as it is."""
        return self.when(kind(desk=desk, seen=self.day.desks[desk].seq, by="page"))

    def counted(self, entered: int, left: int, epoch: str = "e1") -> Self:
        """The counter at the door says its totals."""
        self.when(CountPeople(device=COUNTER, epoch=epoch, entered=entered, left=left))
        return self

    def gate(self) -> Gate:
        """What the sign before the main room says."""
        return admission.gate(self.day, self.day.rooms["main"], occupancy.estimate(self.day, "main"))

    def elapsed(self) -> list[AnyEvent]:
        """Everything that is due now happens, as the writer lets it; the events."""
        happened: list[AnyEvent] = []
        while (at := due(self.day, self.now)) is not None and at <= self.now:
            events = self.when(Elapse())
            assert isinstance(events, list)
            assert events, f"due at {at}, yet nothing happens at {self.now}"
            happened += events
        return happened

    def replayed(self) -> Day:
        """The day as its journal tells it."""
        day = Day()
        for seq, (at, event) in enumerate(self.journal, start=1):
            apply(day, event, at, seq)
        return day
