"""The checkers of limits, alarms and evacuations find what must not happen, and agree with days that are sound."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from hub.day import events
from hub.day.change_events import LimitScheduled
from hub.day.evacuation_events import EvacuationBegan, EvacuationEnded
from hub.day.inputs import ChangeLimit, EndEvacuation, Evacuate
from hub.day.lobby import LimitSpan, Lobby
from hub.day.people_events import OverLimitBegan, OverLimitEnded
from hub.journal import Entry
from simulator.alarm_checker import alarm_violations
from simulator.gate_report import gate_report
from simulator.gate_standing import Standing
from simulator.rule_checker import rule_violations
from tests.given import Story, a_lobby


def a_room(**of_gate: object) -> Lobby:
    lobby = a_lobby(limit_people=4, admitted=True)
    return replace(lobby, rooms=(replace(lobby.rooms[0], **of_gate),))  # type: ignore[arg-type]


def rows(story: Story) -> list[Entry]:
    return [Entry(seq, "2026-03-02", at, event) for seq, (at, event) in enumerate(story.journal, 1)]


def found(story: Story) -> list[str]:
    def told() -> Iterator[str]:
        yield from gate_report(rows(story)).violations
        yield from rule_violations(rows(story))
        yield from alarm_violations(rows(story))

    return list(told())


def forged(story: Story, event: events.AnyEvent) -> Story:
    """The journal as a hub with a bug would have written it."""
    story.journal.append((story.now, event))
    return story


def a_busy_day() -> Story:
    """Limits by the hour, a room that is kept shut, an alarm, and an evacuation."""
    limits = (LimitSpan(hours="09:10-09:40", limit_people=3),)
    story = Story(a_room(limits=limits, reopens_below_people=2, warn_at_share=0.5)).with_open_desk().counted(0, 0)
    for n in range(1, 8):
        story.with_ticket()
        story.elapsed()
        story.after(100).counted(n, max(0, n - 5)).elapsed()
        story.call_next()
        story.elapsed()
    story.when(ChangeLimit(room="main", limit_people=2, why="safety"))
    story.elapsed()
    story.when(Evacuate(by="facilities"))
    story.after(200).counted(7, 7).elapsed()
    story.when(EndEvacuation(by="manager"))
    story.elapsed()
    while story.now < story.journal[0][0] + timedelta(minutes=45):
        story.after(1).elapsed()
    return story


def test_a_sound_day_is_sound_and_has_all_of_it() -> None:
    story = a_busy_day()
    kinds = {type(event) for _, event in story.journal}
    assert {LimitScheduled, OverLimitBegan, OverLimitEnded, EvacuationBegan, EvacuationEnded} <= kinds
    assert found(story) == []


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (LimitScheduled(room="main", limit_people=9), "main got a limit of 9 for this hour"),
        (OverLimitBegan(room="main", people=1, lower_people=1, limit_people=4), "began with 0 people"),
        (OverLimitEnded(room="main", highest_people=9, most_over_people=5, lasted_s=1), "ended, and there was none"),
        (EvacuationEnded(by="admin", lasted_s=1, kept_until_at=Story().now), "an evacuation ended, and there was none"),
    ],
)
def test_an_event_for_which_there_is_no_reason_is_found(event: events.AnyEvent, sentence: str) -> None:
    story = forged(Story(a_room()).counted(0, 0), event)
    assert any(sentence in it for it in found(story)), found(story)


def test_a_limit_that_is_not_told_at_its_hour_is_found() -> None:
    story = Story(a_room(limits=(LimitSpan(hours="09:10-09:40", limit_people=3),))).counted(0, 0)
    story.after(900).counted(1, 0)
    assert any("has its usual limit for this hour, and a limit of 3 is wanted" in it for it in found(story))


def test_a_room_above_its_limit_without_an_alarm_is_found() -> None:
    story = Story(a_room()).counted(0, 0).counted(6, 0)
    story.after(60).counted(6, 1)
    assert any("its alarm says otherwise since 09:00:00" in it for it in found(story))


def test_an_invitation_into_a_room_that_is_kept_shut_is_found() -> None:
    story = Story(a_room(reopens_below_people=2)).with_open_desk().counted(0, 0).counted(4, 0).counted(4, 1)
    ticket = story.with_ticket()
    invited = events.TicketAdmitted(
        ticket=ticket.id,
        room="main",
        upper_people=3,
        reserved_people=0,
        limit_people=4,
        lapses_at=story.now + timedelta(minutes=3),
    )
    assert any("it stays shut until more have left" in it for it in found(forged(story, invited)))


def test_whoever_is_called_or_invited_while_everybody_leaves_is_found() -> None:
    story = Story(a_room()).with_open_desk().counted(0, 0)
    ticket = story.with_ticket()
    story.elapsed()
    story.when(Evacuate(by="facilities"))
    called = events.TicketCalled(ticket=ticket.id, desk="1", rule="earliest-due", due_at=ticket.due_at)
    assert any("while everybody leaves the building" in it for it in found(forged(story, called)))


def test_rooms_stand_as_the_hub_says_after_every_row() -> None:
    story = a_busy_day()
    standing, seen = Standing(None), set()
    for row in rows(story):
        list(standing.take(row))
        seen |= set(standing.words().values())
    assert seen == {"unknown", "open", "nearly-full", "full", "evacuate"}
