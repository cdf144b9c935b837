"""A kiosk's offline numbers against the real rules of the day, with everything in between as unreliable as it can be.

Messages are lost, repeated and late; the kiosk's power goes between any two steps, with or without its memory; the hub
starts anew from its journal; the day turns. Afterwards everything is handed in, and every slip leads to one ticket.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import NamedTuple

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from edge.offline import Offline, Promise, Stamp, Why, decode, encode
from hub.day.events import TicketIssued
from hub.day.inputs import AnyInput, ChangeLobby, CloseDay, HandInTicket, IssueTicket, LeaseRange, OpenDay
from hub.day.model import Day
from hub.day.number_events import RangeLeased, TicketAliased
from hub.day.refusal import Code, Refusal
from hub.day.views import device_views
from hub.intake import REQUEST_STALE_MS
from tests.given import MONDAY_9H, Story
from tests.unit.test_day_numbers import KIOSK, cut_off_lobby
from wire.link import HeardTime
from wire.messages import HubTime, KioskView, NumbersWanted, TicketGiven

HELP_AFTER_S = 10.0
STEPS_S = (0.0, 0.5, 3.0, 9.0, 11.0, 600.0)


class Request(NamedTuple):
    """What the kiosk asks of the hub, as it travels."""

    name: str
    asked_at_s: float
    boot: int


@dataclass
class Paper:
    """A slip in somebody's hands."""

    request: str
    number: str
    day: object
    pressed_at_s: float
    is_lost: bool = False
    """Its kiosk lost its memory before it could hand it in: the slip is for a desk now."""


@dataclass
class World:
    """A hub, a kiosk and the air between them."""

    story: Story = field(default_factory=lambda: Story(cut_off_lobby(numbers=4)))
    now_s: float = 0.0
    turned_at_s: float = 0.0
    """When the day began."""
    boot: int = 1
    machine: int = 1
    tokens: int = 0
    disk: bytes | None = None
    marks: dict[str, bool] = field(default_factory=dict)
    """Answered inputs; a repeat changes nothing."""
    air: list[Request | NumbersWanted | TicketGiven] = field(default_factory=list)
    slips: list[Paper] = field(default_factory=list)
    wishes: dict[str, tuple[float, Stamp | None]] = field(default_factory=dict)
    pressed_at_s: dict[str, float] = field(default_factory=dict)
    jobs: list[str] = field(default_factory=list)
    """Requests for which the hub has a slip to print."""
    printed: list[str] = field(default_factory=list)
    """Those for which it has been."""

    def __post_init__(self) -> None:
        self.kiosk = self.new_kiosk()
        self.leases: list[RangeLeased] = []

    def token(self) -> str:
        self.tokens += 1
        return f"token-{self.tokens}"

    def new_kiosk(self) -> Offline:
        kept = None if self.disk is None else decode(self.disk)
        return Offline(kept, machine=str(self.machine), new_token=self.token)

    def save(self) -> None:
        self.disk = encode(self.kiosk.kept)

    def is_before_closing(self, seconds: float) -> bool:
        """Whether the lobby is still open in so many seconds."""
        return (self.story.now + timedelta(seconds=seconds)).hour < 17

    def turn_day(self) -> None:
        """It is nine o'clock on the next day."""
        assert self.story.day.day is not None
        day = self.story.day.day + timedelta(days=1)
        self.pass_time((MONDAY_9H + (day - MONDAY_9H.date()) - self.story.now).total_seconds())
        self.turned_at_s = self.now_s
        self.submit(CloseDay())
        self.submit(OpenDay(day=day, lobby=self.story.lobby))
        self.jobs.clear()

    def pass_time(self, seconds: float) -> None:
        self.now_s += seconds
        self.story.after(seconds)

    # --- the hub -------------------------------------------------------------------------------------------

    def submit(self, an_input: AnyInput, mark: str = "") -> None:
        if mark in self.marks:
            return
        decided = self.story.when(an_input)
        self.marks |= {mark: True} if mark else {}
        if isinstance(decided, Refusal):
            assert decided.code in (Code.OTHER_DAY, Code.CLOSED), decided
            return
        for event in decided:
            if isinstance(event, TicketIssued) and not event.offline:
                self.jobs.append(event.request)

    def hub_takes(self, message: Request | NumbersWanted | TicketGiven) -> None:
        ticket = self.token()
        match message:
            case Request(name, asked_at_s, boot):
                if boot == self.boot and (self.now_s - asked_at_s) * 1_000 <= REQUEST_STALE_MS:
                    wish = IssueTicket(
                        ticket=ticket, token_hash=ticket, service="passports", language="en", channel="kiosk",
                        printer="kiosk-1/printer", request=name,
                    )  # fmt: skip
                    self.submit(wish, f"request/{name}")
            case NumbersWanted(holder=holder, next=number):
                self.submit(LeaseRange(device=KIOSK, holder=holder, next=number))
            case TicketGiven():
                self.submit(
                    HandInTicket(
                        ticket=ticket, token_hash=ticket, request=message.request, device=KIOSK, service="passports",
                        language="en", day=message.day, series=message.series, number=message.number,
                        arrived_at=message.pressed_at,
                    ),
                    f"offline/{message.request}",
                )  # fmt: skip
                self.kiosk_hears_answer(message.request)

    def kiosk_hears_answer(self, request: str) -> None:
        self.kiosk.answered(request)

    def view(self) -> KioskView:
        view = device_views(self.story.day, self.story.now, "")[KIOSK]
        assert isinstance(view, KioskView)
        return view

    # --- the kiosk -----------------------------------------------------------------------------------------

    def hear(self) -> None:
        time = HubTime(term=1, seq=0, boot=f"boot-{self.boot}", ms=round(self.now_s * 1_000), wall_at=self.story.now)
        self.kiosk.hear_time(HeardTime(time, self.now_s))
        if self.kiosk.hear_view(self.view()):
            self.save()
        if (wanted := self.kiosk.wanted()) is not None:
            self.air.append(wanted)

    def press(self) -> None:
        request = self.token()
        self.pressed_at_s[request] = self.now_s
        self.wishes[request] = (self.now_s, self.kiosk.stamp(self.now_s))
        self.air.append(Request(request, self.now_s, self.boot))

    def help(self, request: str, *, dies: str) -> None:
        """No slip has come in time. `dies` says where the power goes: before the disk, before the paper, after it."""
        _, stamp = self.wishes.pop(request)
        promise = self.kiosk.give("passports", request, "en", stamp, self.now_s)
        assert promise is None or promise.ticket is not None or promise.why is not None
        if promise is None or promise.ticket is None:
            return None
        if dies == "before disk":
            return self.power_cut(is_memory_lost=False)
        self.save()
        if dies == "before paper":
            return self.power_cut(is_memory_lost=False)
        self.print(promise)
        if dies == "after paper":
            return self.power_cut(is_memory_lost=False)
        self.kiosk.slip_is_out(request)
        self.save()
        return None

    def print(self, promise: Promise) -> None:
        ticket = promise.ticket
        assert ticket is not None
        number = f"{ticket.series}{ticket.number:03d}"
        if not any(slip.request == ticket.request for slip in self.slips):  # a second one says that it is a copy
            self.slips.append(Paper(ticket.request, number, ticket.day, self.pressed_at_s[ticket.request]))

    def slip_comes(self, request: str) -> None:
        """The hub's slip, at any time, any number of times; the printer remembers what it has printed."""
        ticket = self.story.day.by_request.get(request)
        if ticket is None or self.kiosk.is_helped(request) or self.story.day.tickets[ticket].offline:
            return
        self.wishes.pop(request, None)
        if request not in self.printed:
            self.printed.append(request)
            number = self.story.day.tickets[ticket].number
            self.slips.append(Paper(request, number, self.story.day.day, self.pressed_at_s[request]))

    def power_cut(self, *, is_memory_lost: bool, is_machine_off: bool = True) -> None:
        if is_memory_lost:
            for slip in self.slips:
                slip.is_lost = slip.is_lost or slip.number.startswith("K")
            self.disk = None
        self.machine += is_machine_off
        self.wishes.clear()
        self.kiosk = self.new_kiosk()
        for promise in self.kiosk.unfinished():
            self.print(promise)
            assert promise.ticket is not None
            self.kiosk.slip_is_out(promise.ticket.request)
        self.save()

    def hand_in(self) -> None:
        ticket = self.kiosk.to_hand_in()
        if ticket is not None:
            self.air.append(ticket)


class CutOffAndBack(RuleBasedStateMachine):
    """Anything may happen next."""

    @initialize()
    def begin(self) -> None:
        self.world = cut_off_world()

    @rule(seconds=st.sampled_from(STEPS_S))
    def time_passes(self, seconds: float) -> None:
        if self.world.is_before_closing(seconds):
            self.world.pass_time(seconds)

    @rule()
    def the_kiosk_hears_the_hub(self) -> None:
        self.world.hear()

    @rule(is_heard=st.booleans())
    def somebody_presses(self, is_heard: bool) -> None:
        self.world.press()
        if is_heard:
            self.world.hub_takes(self.world.air[-1])

    @precondition(lambda self: self.world.air)
    @rule(data=st.data(), stays=st.booleans())
    def a_message_arrives(self, data: st.DataObject, stays: bool) -> None:
        at = data.draw(st.integers(0, len(self.world.air) - 1))
        message = self.world.air[at] if stays else self.world.air.pop(at)
        self.world.hub_takes(message)

    @precondition(lambda self: self.world.air)
    @rule()
    def all_messages_are_lost(self) -> None:
        self.world.air.clear()

    @rule(dies=st.sampled_from(["", "", "", "before disk", "before paper", "after paper"]))
    def whoever_waited_long_enough_is_helped(self, dies: str) -> None:
        world = self.world
        if world.wishes and world.is_before_closing(HELP_AFTER_S):
            world.pass_time(HELP_AFTER_S)
        for request, (asked_at_s, _) in list(world.wishes.items()):
            if request in world.wishes and world.now_s - asked_at_s >= HELP_AFTER_S:
                world.help(request, dies=dies)

    @precondition(lambda self: self.world.jobs)
    @rule(data=st.data())
    def the_hubs_slip_comes(self, data: st.DataObject) -> None:
        self.world.slip_comes(data.draw(st.sampled_from(self.world.jobs)))

    @rule()
    def the_oldest_ticket_is_handed_in(self) -> None:
        self.world.hand_in()

    @rule(is_memory_lost=st.sampled_from([False, False, True]), is_machine_off=st.booleans())
    def the_kiosk_starts_anew(self, is_memory_lost: bool, is_machine_off: bool) -> None:
        self.world.power_cut(is_memory_lost=is_memory_lost, is_machine_off=is_machine_off)

    @rule()
    def the_hub_starts_anew(self) -> None:
        self.world.boot += 1
        self.world.story.day = self.world.story.replayed()

    @rule()
    def the_day_turns(self) -> None:
        world = self.world
        world.turn_day()

    @invariant()
    def no_number_is_on_two_slips(self) -> None:
        numbers = [(slip.day, slip.number) for slip in self.world.slips]
        assert len(set(numbers)) == len(numbers)

    @invariant()
    def no_request_has_two_slips(self) -> None:
        requests = [slip.request for slip in self.world.slips if not slip.is_lost]
        assert len(set(requests)) == len(requests)

    def teardown(self) -> None:
        """Calm: everything is heard, and every slip of today leads to one ticket, due by when its visitor came."""
        world = self.world
        while (ticket := world.kiosk.to_hand_in()) is not None:
            world.hub_takes(ticket)
        assert_slips_and_tickets_agree(world.story.day, world)


def assert_slips_and_tickets_agree(day: Day, world: World) -> None:
    held = [slip for slip in world.slips if slip.day == day.day and not slip.is_lost]
    tickets = [day.by_number[slip.number] for slip in held]
    assert len(set(tickets)) == len(tickets)
    for slip, ticket in zip(held, tickets, strict=True):
        assert day.tickets[ticket].number == slip.number
        assert day.by_request[slip.request] == ticket
    offline = [(slip, day.tickets[it]) for slip, it in zip(held, tickets, strict=True) if slip.number[0] == "K"]
    # Whoever pressed before the day turned counts from when it was given.
    offline = [it for it in offline if it[0].pressed_at_s >= world.turned_at_s]
    in_order = sorted(offline, key=lambda it: it[0].pressed_at_s)
    assert sorted(day.tickets[it.id].counts_from for _, it in in_order if not it.old_numbers) == [
        it.counts_from for _, it in in_order if not it.old_numbers
    ]


CutOffAndBack.TestCase.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
test_whatever_happens_every_slip_leads_to_one_ticket = CutOffAndBack.TestCase


# --- each way once, by name ----------------------------------------------------------------------------------


def cut_off_world() -> World:
    """A kiosk that holds numbers."""
    world = World()
    world.hear()
    world.hub_takes(world.air.pop())
    world.hear()
    world.air.clear()
    return world


def help_after(world: World, seconds: float = HELP_AFTER_S) -> None:
    world.pass_time(seconds)
    for request in list(world.wishes):
        world.help(request, dies="")


def come_back(world: World) -> None:
    while (ticket := world.kiosk.to_hand_in()) is not None:
        world.hub_takes(ticket)
    assert_slips_and_tickets_agree(world.story.day, world)


def of(world: World, kind: type) -> int:
    return sum(isinstance(event, kind) for _, event in world.story.journal)


@pytest.mark.parametrize("arrives", ["never", "in time", "late", "after the return"])
def test_a_request_is_one_ticket_whenever_it_arrives(arrives: str) -> None:
    world = cut_off_world()
    world.press()
    asked = world.air.pop()
    if arrives == "in time":
        world.hub_takes(asked)
    help_after(world)
    if arrives == "late":
        world.hub_takes(asked)
    come_back(world)
    if arrives == "after the return":
        world.hub_takes(asked)
    assert len(world.story.day.tickets) == 1
    assert of(world, TicketAliased) == (arrives == "in time")


def test_a_double_return_is_one_ticket() -> None:
    world = cut_off_world()
    world.press()
    help_after(world)
    ticket = world.kiosk.to_hand_in()
    assert ticket is not None
    for _ in range(2):
        world.hub_takes(ticket)
        world.marks.clear()
    assert len(world.story.day.tickets) == 1


def test_a_hub_that_started_anew_knows_when_they_came() -> None:
    world = cut_off_world()
    for _ in range(3):
        world.press()
        help_after(world)
    world.boot += 1
    world.story.day = world.story.replayed()
    come_back(world)
    assert [ticket.number for ticket in world.story.day.tickets.values()] == ["K001", "K002", "K003"]


def test_a_return_after_the_day_has_turned_is_refused_and_forgotten() -> None:
    world = cut_off_world()
    world.press()
    help_after(world)
    world.turn_day()
    come_back(world)
    assert not world.story.day.tickets
    assert world.kiosk.to_hand_in() is None


@pytest.mark.parametrize("trouble", ["used up", "machine off", "day over", "no range"])
def test_where_there_is_no_number_the_kiosk_says_why_and_where_to_go(trouble: str) -> None:
    world = cut_off_world()
    expected = {"used up": Why.EXHAUSTED, "no range": Why.NO_RANGE}.get(trouble, Why.UNKNOWN_DAY)
    if trouble == "used up":
        for _ in range(4):
            world.press()
            help_after(world)
    elif trouble == "machine off":
        world.power_cut(is_memory_lost=False)
    elif trouble == "day over":
        world.pass_time(10 * 3_600)
    else:
        world.power_cut(is_memory_lost=True)
        world.kiosk.hear_view(world.view())
    promise = world.kiosk.give("passports", "wish", "en", None, world.now_s)
    assert promise is not None
    assert (promise.ticket, promise.why, promise.service.desk) == (None, expected, "1")


def test_what_was_heard_before_a_restart_of_the_broker_takes_no_number_back() -> None:
    world = cut_off_world()
    old = world.view()
    for _ in range(3):
        world.press()
        help_after(world)
    world.hear()
    world.hub_takes(world.air.pop())
    world.hear()
    world.kiosk.hear_view(old)
    world.press()
    help_after(world)
    assert [slip.number for slip in world.slips] == ["K001", "K002", "K003", "K005"]


def test_other_opening_hours_take_no_number_back() -> None:
    world = cut_off_world()
    world.press()
    help_after(world)
    hours: dict[str, tuple[str, ...]] = {"mon": ("08:00-16:00",)}
    world.submit(ChangeLobby(lobby=replace(world.story.lobby, hours=hours)))
    world.hear()
    world.press()
    help_after(world)
    assert [slip.number for slip in world.slips] == ["K001", "K002"]
