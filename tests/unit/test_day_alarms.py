"""A room above its limit: an alarm with how long and by how many, which ends by itself, and is told everywhere."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.day.inputs import ChangeLimit, CloseDay, CorrectPeople, CountPeople, Elapse, NoteSilence
from hub.day.people_events import OverLimitBegan, OverLimitEnded
from hub.day.room_views import alarm_views, room_view
from hub.metrics import Metrics
from tests.given import COUNTER, Story, a_lobby
from tests.sites import MemorySite, a_browser, an_app


def a_hall(limit_people: int = 10, margin_per_crossing: float = 0.0) -> Story:
    return Story(a_lobby(limit_people=limit_people, margin_per_crossing=margin_per_crossing)).counted(0, 0)


def test_the_first_count_above_the_limit_begins_an_alarm_and_the_first_within_it_ends_it() -> None:
    story = a_hall()
    assert story.counted(10, 0).elapsed() == []
    assert story.counted(12, 0).elapsed() == [
        OverLimitBegan(room="main", people=12, lower_people=12, limit_people=10)
    ]  # fmt: skip
    assert story.after(60).counted(15, 0).elapsed() == []
    assert story.after(60).counted(15, 5).elapsed() == [
        OverLimitEnded(room="main", highest_people=15, most_over_people=5, lasted_s=120)
    ]
    assert story.replayed() == story.day


def test_an_alarm_tells_what_is_certain() -> None:
    story = a_hall(margin_per_crossing=0.1)
    began = story.counted(11, 0).elapsed()
    assert began == [OverLimitBegan(room="main", people=11, lower_people=9, limit_people=10)]


def test_a_lowered_limit_begins_one_and_setting_it_back_ends_it() -> None:
    story = a_hall().counted(8, 0)
    story.when(ChangeLimit(room="main", limit_people=5, why="safety"))
    assert [type(it) for it in story.elapsed()] == [OverLimitBegan]
    story.after(30).when(ChangeLimit(room="main", limit_people=None))
    assert story.elapsed() == [OverLimitEnded(room="main", highest_people=8, most_over_people=3, lasted_s=30)]


def test_while_nobody_knows_the_alarm_goes_on_and_a_count_by_hand_ends_it() -> None:
    story = a_hall().counted(12, 0)
    story.elapsed()
    story.when(NoteSilence(device=COUNTER, is_silent=True))
    assert story.elapsed() == []
    alarm = room_view(story.day, story.day.rooms["main"]).over
    assert alarm is not None
    assert (alarm.people, alarm.over_people, alarm.most_over_people) == (None, None, 2)
    story.when(NoteSilence(device=COUNTER, is_silent=False))
    story.when(CorrectPeople(room="main", people=4, why="counted"))
    assert [type(it) for it in story.elapsed()] == [OverLimitEnded]
    assert alarm_views(story.day) == ()


def test_an_alarm_ends_with_the_day() -> None:
    story = a_hall().counted(12, 0)
    story.elapsed()
    closed = story.after(600).when(CloseDay())
    assert isinstance(closed, list)
    assert closed[0] == OverLimitEnded(room="main", highest_people=12, most_over_people=2, lasted_s=600)


def test_nothing_is_due_twice() -> None:
    story = a_hall().counted(12, 0)
    story.elapsed()
    assert story.when(Elapse()) == []


def test_figures_tell_how_many_are_too_many_and_since_when() -> None:
    story = a_hall().counted(13, 0)
    story.elapsed()
    metrics = Metrics()
    metrics.look_at("hall", story.day, story.now + timedelta(seconds=90))
    told = metrics.render().decode()
    assert 'guichet_room_over_limit_people{room="main",site="hall"} 3.0' in told
    assert 'guichet_room_over_limit_seconds{room="main",site="hall"} 90.0' in told
    assert 'guichet_room_state{room="main",site="hall",state="full"} 1.0' in told


async def test_staff_at_desks_and_facilities_see_it_with_how_long_and_by_how_many() -> None:
    site = MemorySite(a_lobby(limit_people=10))
    for entered in (0, 13):
        await site.submit(CountPeople(device=COUNTER, epoch="e", entered=entered, left=0))
    await site.submit(Elapse())
    browser = a_browser(an_app(site))
    for page in ("/hall/desk/1", "/hall/facilities"):
        text = (await browser.get(page)).text
        assert "Main hall: 13 people, where 10 are allowed." in text
        assert "Over the limit since 09:00, by 3 at most." in text
        assert "Main hall: more people than the 10 that are allowed." in text, "said once, without the number"


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 90)), max_size=30), st.integers(0, 6))
def test_alarms_are_exactly_the_times_above_the_limit(steps: list[tuple[int, int, int]], limit: int) -> None:
    story = a_hall(limit_people=max(limit, 1))
    entered = left = 0
    spans: list[float] = []
    over_since = None
    for more_entered, more_left, later_s in steps:
        story.after(later_s)
        entered, left = entered + more_entered, left + more_left
        story.counted(entered, left).elapsed()
        people = story.day.rooms["main"].people or 0
        if people > story.lobby.rooms[0].limit_people:
            over_since = over_since or story.now
        elif over_since is not None:
            spans.append((story.now - over_since).total_seconds())
            over_since = None
    ended = [it.lasted_s for _, it in story.journal if isinstance(it, OverLimitEnded)]
    assert ended == spans
    assert (story.day.rooms["main"].over is not None) == (over_since is not None)
    assert story.replayed() == story.day
