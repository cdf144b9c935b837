"""Whatever is asked of a day, in whatever order: its promises hold, and its journal tells the same day again."""

from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hub.day import inputs
from hub.day.inputs import DeskInput
from hub.day.model import ENDED, TicketState
from hub.day.refusal import Refusal
from hub.day.views import device_views
from tests.given import Story

DESKS = st.sampled_from(["1", "2", "nowhere"])
AT_DESK: list[type[DeskInput]] = [
    inputs.OpenDesk,
    inputs.CloseDesk,
    inputs.CallNext,
    inputs.Recall,
    inputs.NoShow,
    inputs.Start,
    inputs.Finish,
]


class AnyDay(RuleBasedStateMachine):
    """Visitors, staff, counters and time, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.story = Story()
        self.issued = 0

    @rule(service=st.sampled_from(["passports", "permits", "weddings"]), party=st.integers(0, 60))
    def take_a_ticket(self, service: str, party: int) -> None:
        self.issued += 1
        self.story.when(
            inputs.IssueTicket(
                ticket=f"t{self.issued}",
                token_hash=f"h{self.issued}",
                service=service,
                language="en",
                channel="phone",
                party_people=party,
            )
        )

    @rule(kind=st.sampled_from(AT_DESK), desk=DESKS, behind=st.integers(0, 1))
    def press_a_key(self, kind: type[DeskInput], desk: str, behind: int) -> None:
        state = self.story.day.desks.get(desk)
        seen = max(0, state.seq - behind) if state else 0
        has_moved_on = state is not None and seen != state.seq
        decided = self.story.when(kind(desk=desk, seen=seen, by="panel"))
        if has_moved_on:
            assert isinstance(decided, Refusal), "a desk that moved on answers nobody who saw it earlier"

    @rule(n=st.integers(1, 20))
    def give_a_ticket_back(self, n: int) -> None:
        self.story.when(inputs.CancelTicket(ticket=f"t{n}"))

    @rule(entered=st.integers(0, 50), left=st.integers(0, 50), epoch=st.sampled_from(["e1", "e2"]))
    def count(self, entered: int, left: int, epoch: str) -> None:
        self.story.when(inputs.CountPeople(device="door-1/counter", epoch=epoch, entered=entered, left=left))

    @rule(seconds=st.integers(1, 4000))
    def let_time_pass(self, seconds: int) -> None:
        self.story.after(seconds).when(inputs.Elapse())

    @rule()
    def turn_the_day(self) -> None:
        self.story.when(inputs.CloseDay())
        self.story.when(inputs.OpenDay(day=self.story.now.date(), lobby=self.story.lobby))

    @invariant()
    def every_ticket_lives_in_exactly_one_place(self) -> None:
        day = self.story.day
        places = Counter(key[2] for state in day.services.values() for key in state.line)
        places.update(ticket for _, ticket in day.missed)
        places.update(desk.ticket for desk in day.desks.values() if desk.ticket)
        assert places == Counter(t.id for t in day.tickets.values() if t.state not in ENDED)

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
