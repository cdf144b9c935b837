"""Limits at certain hours: they hold from their minute on, whatever was going on, and one set by hand stands before."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.config import lobby_of
from hub.day import events
from hub.day.change_events import LimitScheduled
from hub.day.due import due
from hub.day.inputs import ChangeLimit, ChangeLobby
from hub.day.lobby import LimitSpan, Lobby
from hub.day.room_views import room_view
from tests.given import MONDAY_9H, Story, a_lobby
from tests.unit.test_lobby_config import SOUND, faults_of

AT_EIGHT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MORNING = LimitSpan(hours="09:30-10:00", limit_people=3)


def limited(*spans: LimitSpan, limit_people: int = 10, zone: str = "UTC") -> Lobby:
    lobby = a_lobby(limit_people=limit_people, admitted=True)
    rooms = (replace(lobby.rooms[0], limits=spans),)
    return replace(lobby, rooms=rooms, site=replace(lobby.site, time_zone=zone))


def limit(story: Story) -> int:
    return story.day.rooms["main"].limit_people


def test_a_limit_of_an_hour_begins_and_ends_by_itself_and_each_is_an_event() -> None:
    story = Story(limited(MORNING), now=AT_EIGHT)
    assert story.elapsed() == []
    assert due(story.day) == AT_EIGHT + timedelta(minutes=90)
    assert story.after(5_400).elapsed() == [LimitScheduled(room="main", limit_people=3)]
    assert limit(story) == 3
    assert story.after(1_800).elapsed() == [LimitScheduled(room="main", limit_people=None)]
    assert limit(story) == 10
    assert story.replayed() == story.day


def test_a_day_that_opens_within_it_begins_with_it_before_anybody_is_invited() -> None:
    story = Story(limited(LimitSpan(hours="08:00-10:00", limit_people=1))).with_open_desk().counted(0, 0)
    story.with_ticket()
    story.with_ticket()
    happened = story.elapsed()
    assert [type(it) for it in happened] == [LimitScheduled, events.TicketAdmitted]
    assert isinstance(happened[1], events.TicketAdmitted)
    assert happened[1].limit_people == 1


def test_a_limit_set_by_hand_stands_before_that_of_the_hour() -> None:
    story = Story(limited(MORNING)).after(0)
    story.when(ChangeLimit(room="main", limit_people=7, why="event"))
    story.after(1_800).elapsed()
    assert limit(story) == 7
    view = room_view(story.day, story.day.rooms["main"])
    assert (view.limit_by_hand, view.limit_by_schedule) == (True, False)
    story.when(ChangeLimit(room="main", limit_people=None))
    assert limit(story) == 3
    assert room_view(story.day, story.day.rooms["main"]).limit_by_schedule


def test_of_two_that_hold_the_first_in_the_file_counts_and_days_that_are_not_named_are_left_out() -> None:
    tuesday = LimitSpan(hours="09:00-12:00", limit_people=1, days=("tue",))
    story = Story(limited(tuesday, MORNING, LimitSpan(hours="09:00-12:00", limit_people=5, days=("mon",))))
    story.elapsed()
    assert limit(story) == 5
    story.after(1_800).elapsed()
    assert limit(story) == 3


def test_an_hour_that_passed_while_nobody_was_there_leaves_the_usual_limit() -> None:
    story = Story(limited(MORNING)).after(7_200)
    assert story.elapsed() == [LimitScheduled(room="main", limit_people=None)]
    assert limit(story) == 10


def test_a_file_that_says_otherwise_holds_at_once() -> None:
    story = Story(limited(LimitSpan(hours="08:00-12:00", limit_people=3)))
    story.elapsed()
    story.when(ChangeLobby(lobby=limited()))
    assert story.elapsed() == [LimitScheduled(room="main", limit_people=None)]


def test_hours_are_those_of_the_lobbys_own_clocks() -> None:
    story = Story(limited(LimitSpan(hours="10:00-11:00", limit_people=3), zone="Europe/Paris"), now=MONDAY_9H)
    story.elapsed()
    assert limit(story) == 3, "nine in London is ten in Paris"


def test_a_night_in_which_clocks_change_has_each_limit_once() -> None:
    night = LimitSpan(hours="01:30-03:30", limit_people=3)
    began_at = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)  # midnight in Paris; at three it is two again
    story = Story(limited(night, zone="Europe/Paris"), now=began_at)
    seen = []
    while story.now < began_at + timedelta(hours=4, minutes=50):
        seen += story.after(600).elapsed()
    told = [it.limit_people for it in seen if isinstance(it, LimitScheduled)]
    assert told == [3, None]


@given(
    spans=st.lists(
        st.tuples(st.integers(0, 23), st.integers(1, 24), st.integers(0, 9), st.sampled_from([(), ("mon",), ("tue",)])),
        max_size=4,
    ),
    steps_s=st.lists(st.integers(1, 20_000), min_size=1, max_size=12),
)
def test_at_every_moment_the_limit_is_what_the_clock_says(
    spans: list[tuple[int, int, int, tuple[str, ...]]], steps_s: list[int]
) -> None:
    described = [
        LimitSpan(hours=f"{begin:02d}:00-{end:02d}:00", limit_people=people, days=days)
        for begin, end, people, days in spans
        if begin < end
    ]
    story = Story(limited(*described), now=datetime(2026, 3, 2, 4, 0, tzinfo=UTC))
    for step_s in steps_s:
        story.after(step_s)
        if story.day.ends_at is not None and story.now >= story.day.ends_at:
            break
        story.elapsed()
        weekday = "mon" if story.now.day == 2 else "tue"
        wanted = (
            it.limit_people
            for it in described
            if it.hours[:5] <= f"{story.now:%H:%M}" < it.hours[6:] and (not it.days or weekday in it.days)
        )
        assert limit(story) == next(wanted, 10)
    assert story.replayed() == story.day


def test_hours_and_days_of_a_limit_that_cannot_be_are_named() -> None:
    spans = (
        'limits = [{ hours = "10:00-09:00", limit_people = 3 }, { hours = "ten", limit_people = 1, days = ["may"] }]'
    )
    faults = faults_of(SOUND.replace("limit_people = 30", f"limit_people = 30\n{spans}"))
    assert any("rooms[0].limits[0].hours" in it and "ends before it begins" in it for it in faults)
    assert any("rooms[0].limits[1].hours" in it and "no period of a day" in it for it in faults)
    assert any("rooms[0].limits[1].days" in it and "'may'" in it for it in faults)


def test_a_warning_level_above_the_limit_or_said_twice_is_named() -> None:
    keys = "warn_at_people = 31\nwarn_at_share = 0.5\nreopens_below_people = 99"
    faults = faults_of(SOUND.replace("limit_people = 30", f"limit_people = 30\n{keys}"))
    assert len(faults) == 3
    assert any("remove one" in it for it in faults)


def test_a_lobby_file_may_say_limits_by_the_hour() -> None:
    spans = 'limits = [{ hours = "08:00-10:00", limit_people = 12, days = ["mon", "fri"] }]'
    read = lobby_of(SOUND.replace("limit_people = 30", f"limit_people = 30\n{spans}"))
    assert read.rooms[0].limits == (LimitSpan(hours="08:00-10:00", limit_people=12, days=("mon", "fri")),)
