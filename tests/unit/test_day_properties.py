"""Whatever is asked of a day, in whatever order: its promises hold, and its journal tells the same day again."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hub.day import inputs
from hub.day.decide import decide
from hub.day.due import due
from hub.day.events import TicketCalled
from hub.day.hours import turns_at
from hub.day.inputs import DeskKey
from hub.day.lobby import Device, DeviceKind, Door, Lobby, Priority
from hub.day.model import ENDED, Day, TicketState
from hub.day.refusal import Refusal
from hub.day.views import device_views
from hub.journal import Entry
from simulator.gate_report import gate_report
from tests.given import MONDAY_9H, Story, a_lobby

DESKS = st.sampled_from(["1", "2", "3", "nowhere"])
AT_DESK: list[type[DeskKey]] = [
    inputs.OpenDesk,
    inputs.CloseDesk,
    inputs.CallNext,
    inputs.Recall,
    inputs.NoShow,
    inputs.Start,
    inputs.Finish,
    inputs.Park,
    inputs.UndoCall,
]


def _standing(day: Day) -> object:
    """Where every ticket is, and whom every desk has."""
    tickets = [(t.id, t.state, t.service, t.due_at, t.desk, t.called_at, t.then) for t in day.tickets.values()]
    lines = [(list(state.line), list(state.outside)) for state in day.services.values()]
    return tickets, lines, [(desk.ticket, list(desk.line)) for desk in day.desks.values()]


def with_an_office(lobby: Lobby) -> Lobby:
    """Behind the hall, with a limit of its own and the second desk."""
    (hall,), (first, second, third) = lobby.rooms, lobby.desks
    return replace(
        lobby,
        rooms=(hall, replace(hall, id="office", limit_people=3)),
        doors=(*lobby.doors, Door(id="inner", from_room="main", to_room="office")),
        desks=(first, replace(second, room="office"), third),
        devices=(*lobby.devices, Device(node="door-2", id="counter", kind=DeviceKind.COUNTER, door="inner")),
    )


class AnyDay(RuleBasedStateMachine):
    """Visitors, staff, counters and time, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.story = Story()
        self.issued = 0
        self.appointments = 0

    @initialize(hour=st.sampled_from([9, 17]), admitted=st.booleans(), unknown=st.sampled_from(["hold", "tickets"]))
    def begin(self, hour: int, admitted: bool, unknown: Literal["hold", "tickets"]) -> None:
        """In the morning, or an hour before the lobby closes while tickets wait; the room open, or one that invites."""
        lobby = a_lobby(
            desks=3,
            limit_people=8 if admitted else 30,
            admitted=admitted,
            unknown=unknown,
            margin_per_crossing=0.1,
            services_of={"2": ("permits",), "3": ("permits",)},
            helps_of={"3": ("passports",)},
        )
        lobby = replace(lobby, priorities=(Priority(id="reduced-mobility", name={}, earlier_s=600, offered=True),))
        if admitted:
            lobby = with_an_office(lobby)
        self.story = Story(replace(lobby, site=replace(lobby.site, at_close="end")), now=MONDAY_9H.replace(hour=hour))

    @rule(
        service=st.sampled_from(["passports", "permits", "weddings"]),
        party=st.integers(0, 60),
        then=st.sampled_from([None, ("permits",), ("permits", "passports")]),
        priority=st.sampled_from(["", "", "reduced-mobility", "royalty"]),
    )
    def take_a_ticket(self, service: str, party: int, then: tuple[str, ...] | None, priority: str) -> None:
        self.issued += 1
        self.story.when(
            inputs.IssueTicket(
                ticket=f"t{self.issued}",
                token_hash=f"h{self.issued}",
                service=service,
                language="en",
                channel="phone",
                party_people=party,
                then=then,
                priority=priority,
            )
        )

    @rule(kind=st.sampled_from(AT_DESK), desk=DESKS, behind=st.integers(0, 1))
    def press_a_key(self, kind: type[DeskKey], desk: str, behind: int) -> None:
        state = self.story.day.desks.get(desk)
        seen = max(0, state.seq - behind) if state else 0
        has_moved_on = state is not None and seen != state.seq
        decided = self.story.when(kind(desk=desk, seen=seen, by="panel"))
        if has_moved_on:
            assert isinstance(decided, Refusal), "a desk that moved on answers nobody who saw it earlier"

    @rule(n=st.integers(1, 20))
    def give_a_ticket_back(self, n: int) -> None:
        self.story.when(inputs.CancelTicket(ticket=f"t{n}"))

    @rule(one=st.integers(1, 20), other=st.integers(1, 20))
    def merge(self, one: int, other: int) -> None:
        self.story.when(inputs.MergeTickets(ticket=f"t{one}", duplicate=f"t{other}"))

    @rule(n=st.integers(1, 20), desk=DESKS)
    def cancel_a_ticket(self, n: int, desk: str) -> None:
        self.story.when(inputs.CancelTicket(ticket=f"t{n}", desk=desk, reason="left"))

    @rule(n=st.integers(1, 20), desk=st.sampled_from(["", "1", "nowhere"]))
    def come_back(self, n: int, desk: str) -> None:
        self.story.when(inputs.ResumeTicket(ticket=f"t{n}", desk=desk))

    @rule(
        service=st.sampled_from(["", "passports", "permits", "weddings"]),
        to_desk=st.sampled_from(["", "1", "2", "9"]),
        desk=DESKS,
    )
    def send_on(self, service: str, to_desk: str, desk: str) -> None:
        self.story.when(inputs.Transfer(desk=desk, seen=None, by="page", service=service, to_desk=to_desk))

    @rule(entered=st.integers(0, 50), left=st.integers(0, 50), epoch=st.sampled_from(["e1", "e2"]))
    def count(self, entered: int, left: int, epoch: str) -> None:
        self.story.when(inputs.CountPeople(device="door-1/counter", epoch=epoch, entered=entered, left=left))

    @rule(entered=st.integers(0, 9), left=st.integers(0, 9))
    def count_at_the_office(self, entered: int, left: int) -> None:
        wish = inputs.CountPeople(device="door-2/counter", epoch="e1", entered=entered, left=left)
        self.story.when(wish)

    @rule()
    def everybody_goes_where_she_is_invited(self) -> None:
        """The counters say so, one after the other."""
        for counter, room in (("door-1/counter", "main"), ("door-2/counter", "office")):
            known = self.story.day.counters.get(counter)
            kept = self.story.day.rooms[room].reservations if room in self.story.day.rooms else []
            if known and kept:
                entered, left = known.totals[known.epoch]
                people = sum(it.people for it in kept)
                self.story.when(
                    inputs.CountPeople(device=counter, epoch=known.epoch, entered=entered + people, left=left)
                )

    @rule(desk=st.sampled_from(["1", "2", "3"]))
    def call_next(self, desk: str) -> None:
        """Nobody of the desk's own services is passed over who is overdue by more than the stated time."""
        day, now = self.story.day, self.story.now
        heads = [day.tickets[state.line.first[2]] for state in day.services.values() if state.line.first]
        own = [head for head in heads if desk in day.desks and head.service in day.desks[desk].desk.services]
        decided = self.story.when(inputs.CallNext(desk=desk, seen=None, by="page"))
        for event in decided if not isinstance(decided, Refusal) else []:
            if isinstance(event, TicketCalled):
                earlier = [head for head in own if head.due_at < event.due_at]
                assert all((now - head.due_at).total_seconds() <= event.overdue_max_s for head in earlier)
                assert {head.number for head in earlier} <= {head.number for head in event.passed_over}

    @rule(desk=DESKS, n=st.integers(1, 20))
    def pick_by_hand(self, desk: str, n: int) -> None:
        self.story.when(inputs.PickTicket(desk=desk, ticket=f"t{n}", seen=None, by="page"))

    @rule(slot_s=st.integers(-2_000, 2_000), service=st.sampled_from(["passports", "permits"]))
    def come_to_an_appointment(self, slot_s: int, service: str) -> None:
        self.appointments += 1
        name = f"a{self.appointments}"
        slot_at = self.story.now + timedelta(seconds=slot_s)
        self.story.when(inputs.KnowAppointment(appointment=name, service=service, slot_at=slot_at, code_hash=name))
        self.issued += 1
        wish = inputs.CheckIn(
            code_hash=name, ticket=f"t{self.issued}", token_hash=f"h{self.issued}", language="en", channel="phone"
        )
        self.story.when(wish)

    @rule(desk=st.sampled_from(["1", "2"]))
    def call_and_think_again(self, desk: str) -> None:
        """Whatever a call changed, undoing it changes back."""
        day = self.story.day
        before = _standing(day)
        if not isinstance(self.story.when(inputs.CallNext(desk=desk, seen=None, by="page")), Refusal):
            undone = self.story.when(inputs.UndoCall(desk=desk, seen=None, by="page"))
            assert isinstance(undone, Refusal) or _standing(day) == before

    @rule(is_silent=st.booleans())
    def hear_of_the_counter(self, is_silent: bool) -> None:
        self.story.when(inputs.NoteSilence(device="door-1/counter", is_silent=is_silent))

    @rule(people=st.integers(0, 9))
    def count_by_hand(self, people: int) -> None:
        self.story.when(inputs.CorrectPeople(room="main", people=people, why="counted"))

    @rule()
    def invite(self) -> None:
        self.story.when(inputs.Elapse())

    @rule(seconds=st.integers(1, 4000))
    def let_time_pass(self, seconds: int) -> None:
        while self.story.when(inputs.Elapse()):
            pass  # What is due happens before time passes.
        self.story.after(seconds).when(inputs.Elapse())

    @rule(people=st.sampled_from([None, -1, 0, 3, 40]), room=st.sampled_from(["main", "office", "attic"]))
    def change_the_limit(self, people: int | None, room: str) -> None:
        self.story.when(inputs.ChangeLimit(room=room, limit_people=people, why="safety" if people else ""))

    @rule(service=st.sampled_from(["passports", "permits", "weddings"]), lasts_s=st.sampled_from([None, 0, 900]))
    def pause(self, service: str, lasts_s: int | None) -> None:
        until_at = None if lasts_s is None else self.story.now + timedelta(seconds=lasts_s)
        self.story.when(inputs.PauseService(service=service, until_at=until_at))

    @rule(service=st.sampled_from(["passports", "permits"]))
    def resume(self, service: str) -> None:
        self.story.when(inputs.ResumeService(service=service))

    @rule(text=st.sampled_from(["Wet floor", " ", "x" * 200]), room=st.sampled_from(["", "main", "attic"]))
    def post_a_notice(self, text: str, room: str) -> None:
        until_at = self.story.now + timedelta(seconds=600) if room else None
        self.story.when(inputs.PostNotice(text={"en": text}, room=room, until_at=until_at))

    @rule(room=st.sampled_from(["", "main"]))
    def withdraw_the_notice(self, room: str) -> None:
        self.story.when(inputs.WithdrawNotice(room=room))

    @rule()
    def change_the_lobby_file(self) -> None:
        """What was changed by hand stands."""
        day = self.story.day
        before = day.rooms["main"].limit_by_hand, dict(day.paused), dict(day.notices)
        first = replace(self.story.lobby.rooms[0], limit_people=self.story.lobby.rooms[0].limit_people + 1)
        self.story.lobby = replace(self.story.lobby, rooms=(first, *self.story.lobby.rooms[1:]))
        self.story.when(inputs.ChangeLobby(lobby=self.story.lobby))
        assert (day.rooms["main"].limit_by_hand, day.paused, day.notices) == before

    @rule()
    def turn_the_day(self) -> None:
        self.story.when(inputs.CloseDay())
        self.story.when(inputs.OpenDay(day=self.story.now.date(), lobby=self.story.lobby))

    def teardown(self) -> None:
        """Nobody was invited in above the limit as then known."""
        journal = [Entry(seq, "2026-03-02", at, event) for seq, (at, event) in enumerate(self.story.journal, 1)]
        assert gate_report(journal).violations == []

    @invariant()
    def nothing_lasts_longer_than_it_was_to(self) -> None:
        day = self.story.day
        ends = [*day.paused.values(), *(it.until_at for it in day.notices.values())]
        assert all(at is None or at > self.story.now or (due(day) or at) <= at for at in ends)

    @invariant()
    def every_ticket_lives_in_exactly_one_place(self) -> None:
        day = self.story.day
        lines = [line for state in day.services.values() for line in (state.line, state.outside)]
        places = Counter(key[2] for line in lines for key in line)
        places.update(key[2] for desk in day.desks.values() for key in desk.line)
        places.update(ticket for _, ticket in day.missed)
        places.update(ticket for _, ticket in day.parked)
        places.update(desk.ticket for desk in day.desks.values() if desk.ticket)
        assert places == Counter(t.id for t in day.tickets.values() if t.state not in ENDED)

    @invariant()
    def a_desk_has_a_line_of_its_own_only_while_it_is_open(self) -> None:
        day = self.story.day
        own = Counter(day.tickets[key[2]].service for desk in day.desks.values() for key in desk.line)
        assert all(desk.is_open or not desk.line for desk in day.desks.values())
        assert all(state.for_desks == own[service] for service, state in day.services.items())

    @invariant()
    def a_number_leads_to_a_ticket_that_is_no_duplicate(self) -> None:
        day = self.story.day
        assert set(day.by_number) == {ticket.number for ticket in day.tickets.values()}
        assert all(not day.tickets[ticket].merged_into for ticket in day.by_number.values())

    @invariant()
    def what_is_due_happens(self) -> None:
        """Otherwise the writer would turn in circles."""
        day = self.story.day
        at = due(day)
        assert (
            at is None
            or at > self.story.now
            or at >= turns_at(self.story.lobby, self.story.now.date())
            or (decide(day, inputs.Elapse(), self.story.now))
        )

    @invariant()
    def appointments_in_line_are_known_as_such(self) -> None:
        day = self.story.day
        for state in day.services.values():
            slots = [key for key in state.line if day.tickets[key[2]].slot_at is not None]
            assert list(state.booked) == slots

    @invariant()
    def a_line_and_its_parts_hold_the_same(self) -> None:
        day = self.story.day
        lines = [(it.line, it.parts) for it in day.services.values()]
        for line, parts in lines + [(it.line, it.parts) for it in day.desks.values()]:
            if parts is not None:
                assert sorted(parts) == sorted((day.tickets[key[2]].part, key) for key in line)

    @invariant()
    def what_is_counted_along_the_way_is_what_there_is(self) -> None:
        day = self.story.day
        open_now = [desk for desk in day.desks.values() if desk.is_open]
        for service, state in day.services.items():
            assert state.open_desks == sum(service in desk.desk.serves for desk in open_now)
            assert state.own_desks == sum(service in desk.desk.services for desk in open_now)
        for room_id, room in day.rooms.items():
            here = [
                day.tickets[desk.ticket] for desk in day.desks.values() if desk.ticket and desk.desk.room == room_id
            ]
            assert room.served_people == sum(it.party_people for it in here if it.state is TicketState.SERVING)

    @invariant()
    def no_number_is_given_twice(self) -> None:
        numbers = Counter(ticket.number for ticket in self.story.day.tickets.values())
        assert all(times == 1 for times in numbers.values())

    @invariant()
    def a_desk_and_its_ticket_agree(self) -> None:
        day = self.story.day
        for desk in day.desks.values():
            if desk.ticket:
                ticket = day.tickets[desk.ticket]
                assert desk.is_open
                assert ticket.desk == desk.desk.id
                assert ticket.state in (TicketState.CALLED, TicketState.SERVING)

    @invariant()
    def views_can_be_built_and_rooms_are_never_below_zero(self) -> None:
        device_views(self.story.day, self.story.now, "http://localhost")
        assert all(room.people is None or room.people >= 0 for room in self.story.day.rooms.values())

    @invariant()
    def the_journal_tells_the_same_day(self) -> None:
        assert self.story.replayed() == self.story.day


AnyDay.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
test_any_day = AnyDay.TestCase
