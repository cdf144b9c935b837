"""Reasons to be called earlier, each with a stated effect: so much earlier, and no more."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.day import events, inputs
from hub.day.inputs import Channel
from hub.day.lobby import Lobby, Priority
from hub.day.model import Ticket, TicketState
from hub.day.page_views import desk_view, lobby_view
from hub.day.refusal import Code, Refusal
from tests.given import Story, a_lobby

MOBILITY = Priority(id="reduced-mobility", name={"en": "Reduced mobility"}, earlier_s=600, offered=True)
PARENT = Priority(id="small-child", name={"en": "With a small child"}, earlier_s=300)


def with_priorities() -> Lobby:
    return replace(a_lobby(), priorities=(MOBILITY, PARENT))


def issue(story: Story, priority: str, channel: Channel = "desk") -> list[events.AnyEvent] | Refusal:
    return story.when(
        inputs.IssueTicket(
            ticket=f"p-{priority}",
            token_hash=f"hp-{priority}",
            service="passports",
            language="en",
            channel=channel,
            priority=priority,
        )
    )


def issued(story: Story, priority: str) -> Ticket:
    assert not isinstance(issue(story, priority), Refusal)
    return story.day.tickets[f"p-{priority}"]


def test_a_priority_is_ten_minutes_earlier_and_no_more() -> None:
    story = Story(with_priorities()).with_open_desk()
    long_before = story.with_ticket()
    before = story.after(120).with_ticket()
    first = issued(story.after(599), "reduced-mobility")
    assert first.due_at == story.now + timedelta(seconds=900 - 600)
    order = []
    for _ in range(3):
        decided = story.call_next()
        assert not isinstance(decided, Refusal)
        order.append(story.day.desks["1"].ticket)
    assert order == [long_before.id, first.id, before.id]


def test_the_reason_of_the_call_tells_the_priority_and_its_effect() -> None:
    story = Story(with_priorities()).with_open_desk()
    issued(story, "reduced-mobility")
    (call,) = story.call_next()  # type: ignore[misc]
    assert isinstance(call, events.TicketCalled)
    assert (call.priority, call.earlier_s) == ("reduced-mobility", 600)
    view = desk_view(story.day, "1", story.now)
    assert view is not None
    assert view.why is not None
    assert (view.why.priority, view.why.earlier_s) == ({"en": "Reduced mobility"}, 600)


def test_a_transfer_keeps_the_priority() -> None:
    story = Story(with_priorities()).with_open_desk()
    ticket = issued(story, "reduced-mobility")
    arrived_at = story.now
    story.call_next()
    story.when(inputs.Transfer(desk="1", seen=None, by="page", service="permits"))
    assert ticket.due_at == arrived_at + timedelta(seconds=300 - 600)


@pytest.mark.parametrize(
    ("priority", "channel", "is_given"),
    [
        ("reduced-mobility", "phone", True),
        ("reduced-mobility", "kiosk", True),
        ("small-child", "phone", False),
        ("small-child", "kiosk", False),
        ("small-child", "desk", True),
        ("small-child", "api", True),
        ("royalty", "desk", False),
    ],
)
def test_visitors_choose_only_what_is_offered_and_staff_give_the_rest(
    priority: str, channel: Channel, is_given: bool
) -> None:
    answer = issue(Story(with_priorities()), priority, channel)
    if is_given:
        assert not isinstance(answer, Refusal)
    else:
        assert answer == Refusal(code=Code.UNKNOWN_PRIORITY, facts={"priority": priority})


def test_the_lobby_tells_what_visitors_may_choose() -> None:
    story = Story(with_priorities())
    assert [it.id for it in lobby_view(story.day, story.now).priorities] == ["reduced-mobility"]


def test_who_arrived_earlier_than_its_effect_is_called_before_a_priority() -> None:
    story = Story(with_priorities()).with_open_desk()
    earlier = story.with_ticket()
    issued(story.after(601), "reduced-mobility")
    story.call_next()
    assert earlier.state is TicketState.CALLED
