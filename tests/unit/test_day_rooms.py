"""People in rooms, from cumulative totals."""

from hub.day import inputs, occupancy, people_events
from hub.day.refusal import Code, Refusal
from tests.given import Story, a_lobby
from wire.messages import CountQuality, Gate, Paper, RoomQuality

COUNTER = "door-1/counter"


def counted(story: Story, epoch: str, entered: int, left: int, quality: CountQuality = CountQuality.OK) -> object:
    return story.when(inputs.CountPeople(device=COUNTER, epoch=epoch, entered=entered, left=left, quality=quality))


def test_before_any_count_a_room_is_unknown_and_lets_nobody_in() -> None:
    story = Story()
    assert story.day.rooms["main"].people is None
    assert occupancy.quality(story.day, "main") is RoomQuality.UNKNOWN
    assert story.gate() is Gate.WAIT


def test_the_first_totals_of_a_counter_are_its_baseline() -> None:
    story = Story()
    counted(story, "e1", 1000, 900)
    assert story.day.rooms["main"].people == 0
    counted(story, "e1", 1012, 903)
    assert story.day.rooms["main"].people == 9


def test_a_new_epoch_counts_from_zero_and_degrades_the_room() -> None:
    story = Story()
    counted(story, "e1", 0, 0)
    counted(story, "e1", 5, 0)
    assert occupancy.quality(story.day, "main") is RoomQuality.LIVE
    counted(story, "e2", 2, 1)
    assert story.day.rooms["main"].people == 6
    assert occupancy.quality(story.day, "main") is RoomQuality.DEGRADED
    counted(story, "e1", 7, 0)
    assert story.day.rooms["main"].people == 8, "a known epoch goes on where it was"


def test_lower_totals_within_an_epoch_are_ignored_and_flagged_once() -> None:
    story = Story()
    counted(story, "e1", 0, 0)
    counted(story, "e1", 5, 0)
    assert occupancy.quality(story.day, "main") is RoomQuality.LIVE
    assert counted(story, "e1", 3, 0) == [people_events.TotalsFellBack(device=COUNTER, epoch="e1", entered=3, left=0)]
    assert counted(story, "e1", 2, 0) == Refusal(code=Code.TOTALS_FELL_BACK, facts={"device": COUNTER})
    assert story.day.rooms["main"].people == 5
    assert occupancy.quality(story.day, "main") is RoomQuality.DEGRADED


def test_repeated_totals_change_nothing() -> None:
    story = Story()
    counted(story, "e1", 4, 1)
    assert counted(story, "e1", 4, 1) == []


def test_a_full_room_asks_people_to_wait() -> None:
    story = Story(a_lobby(limit_people=2))
    counted(story, "e1", 0, 0)
    counted(story, "e1", 1, 0)
    assert story.gate() is Gate.COME_IN
    counted(story, "e1", 2, 0)
    assert story.gate() is Gate.WAIT
    counted(story, "e1", 2, 1)
    assert story.gate() is Gate.COME_IN


def test_a_room_never_holds_fewer_than_nobody() -> None:
    story = Story()
    counted(story, "e1", 0, 0)
    counted(story, "e1", 0, 3)
    assert story.day.rooms["main"].people == 0


def test_more_exits_than_people_widen_the_bounds_until_somebody_counts() -> None:
    story = Story(a_lobby(limit_people=5))
    counted(story, "e1", 0, 0)
    for left in range(1, 6):  # the beams are swapped: who enters is counted as leaving
        assert story.gate() is Gate.COME_IN
        counted(story, "e1", 0, left)
    assert story.gate() is Gate.WAIT
    known = occupancy.estimate(story.day, "main")
    assert (known.lower, known.value, known.upper, known.quality) == (0, 0, 5, RoomQuality.DEGRADED)
    assert occupancy.gate_upper(story.day, story.day.rooms["main"], known) == 5
    counted(story, "e1", 5, 5)
    known = occupancy.estimate(story.day, "main")
    assert (known.lower, known.value, known.upper) == (0, 5, 10), "they may all have left"
    story.when(inputs.CorrectPeople(room="main", people=0, why="empty"))
    known = occupancy.estimate(story.day, "main")
    assert (known.lower, known.value, known.upper, known.quality) == (0, 0, 0, RoomQuality.LIVE)


def test_an_exit_too_many_that_the_margin_explains_is_no_doubt() -> None:
    story = Story(a_lobby(margin_per_crossing=0.1))
    counted(story, "e1", 0, 0)
    counted(story, "e1", 20, 20)
    counted(story, "e1", 20, 22)
    known = occupancy.estimate(story.day, "main")
    assert (known.value, known.upper, known.quality) == (0, 5, RoomQuality.LIVE)
    counted(story, "e1", 20, 25)
    assert occupancy.quality(story.day, "main") is RoomQuality.DEGRADED, "one after the other, they are too many"
    counted(story, "e1", 60, 65)
    assert occupancy.quality(story.day, "main") is RoomQuality.DEGRADED, "though the margin has grown"


def test_only_an_empty_turn_of_the_day_ends_the_doubt_of_a_deficit() -> None:
    for empty_at_turn, quality, upper in ((False, RoomQuality.DEGRADED, 3), (True, RoomQuality.LIVE, 0)):
        story = Story(a_lobby(empty_at_turn=empty_at_turn))
        counted(story, "e1", 0, 0)
        counted(story, "e1", 0, 3)
        story.when(inputs.CloseDay())
        story.after(86_400).when(inputs.OpenDay(day=story.now.date(), lobby=story.lobby))
        known = occupancy.estimate(story.day, "main")
        assert (known.quality, known.upper) == (quality, upper)
        assert story.replayed() == story.day


def test_a_blocked_beam_degrades_the_room() -> None:
    story = Story()
    counted(story, "e1", 0, 0)
    counted(story, "e1", 0, 0, CountQuality.BLOCKED)
    assert occupancy.quality(story.day, "main") is RoomQuality.DEGRADED


def test_people_and_totals_are_carried_into_the_next_day() -> None:
    story = Story()
    counted(story, "e1", 0, 0)
    counted(story, "e1", 9, 2)
    story.when(inputs.CloseDay())
    story.after(86_400).when(inputs.OpenDay(day=story.now.date(), lobby=story.lobby))
    assert story.day.rooms["main"].people == 7
    counted(story, "e1", 9, 5)
    assert story.day.rooms["main"].people == 4


def test_a_printer_without_paper_has_none_on_the_next_day_either() -> None:
    story = Story()
    story.when(inputs.NotePaper(device="kiosk-1/printer", paper=Paper.OUT))
    story.when(inputs.CloseDay())
    story.after(86_400).when(inputs.OpenDay(day=story.now.date(), lobby=story.lobby))
    assert story.day.paper == {"kiosk-1/printer": Paper.OUT}
    assert story.replayed() == story.day


def test_totals_that_no_door_lets_through_are_refused() -> None:
    story = Story()
    counted(story, "e1", 0, 0)
    far_off = people_events.TotalsImplausible(device=COUNTER, epoch="e1", entered=2**53, left=0)
    assert counted(story, "e1", 2**53, 0) == [far_off]
    again = counted(story, "e1", 2**53 + 1, 0)
    assert again == Refusal(code=Code.IMPLAUSIBLE_TOTALS, facts={"device": COUNTER, "max": 10_000})
    assert story.day.rooms["main"].people == 0
    assert occupancy.quality(story.day, "main") is RoomQuality.DEGRADED, "who crosses now is not counted"
    counted(story, "e1", 0, 0)
    assert occupancy.quality(story.day, "main") is RoomQuality.LIVE, "it says what can be"
    assert story.replayed() == story.day


def test_a_correction_is_a_number_of_people_and_an_empty_room_has_none() -> None:
    story = Story()
    for correction in (
        inputs.CorrectPeople(room="main", people=-1, why="counted"),
        inputs.CorrectPeople(room="main", people=100_001, why="counted"),
        inputs.CorrectPeople(room="main", people=5, why="empty"),
    ):
        refused = story.when(correction)
        assert isinstance(refused, Refusal)
        assert refused.code is Code.BAD_PEOPLE
    assert story.day.rooms["main"].people is None
    story.when(inputs.CorrectPeople(room="main", people=0, why="empty"))
    assert story.day.rooms["main"].people == 0


def bounds(story: Story) -> tuple[int | None, int | None, int | None]:
    known = occupancy.estimate(story.day, "main")
    return known.lower, known.value, known.upper


def test_who_crossed_unheard_before_a_correction_is_not_counted_twice() -> None:
    story = Story()
    counted(story, "e1", 0, 0)
    counted(story, "e1", 20, 0)
    story.when(inputs.NoteSilence(device=COUNTER, is_silent=True))
    story.when(inputs.CorrectPeople(room="main", people=12, why="counted"))  # eight have left, unheard
    counted(story, "e1", 21, 8)
    story.when(inputs.NoteSilence(device=COUNTER, is_silent=False))
    assert bounds(story) == (4, 12, 20)
    counted(story, "e1", 23, 8)
    assert bounds(story) == (6, 14, 22), "what is heard is trusted again"
    story.when(inputs.CorrectPeople(room="main", people=14, why="counted"))
    assert bounds(story) == (14, 14, 14)
    assert story.replayed() == story.day


def test_a_correction_may_fall_into_a_silence_that_nobody_has_noticed_yet() -> None:
    for before_s, counts_between, expected in (
        (60, False, (2, 12, 22)),
        (60, True, (21, 21, 21)),
        (91, False, (3, 3, 3)),
    ):
        story = Story()
        counted(story, "e1", 0, 0)
        counted(story, "e1", 20, 0)
        story.after(10).when(inputs.CorrectPeople(room="main", people=12, why="counted"))
        if counts_between:
            counted(story.after(1), "e1", 21, 0)
        story.after(before_s).when(inputs.NoteSilence(device=COUNTER, is_silent=True))
        counted(story, "e1", 21 if not counts_between else 29, 10 if not counts_between else 0)
        story.when(inputs.NoteSilence(device=COUNTER, is_silent=False))
        assert bounds(story) == expected


def test_a_restart_of_a_counter_widens_the_bounds_by_two_people() -> None:
    story = Story()
    counted(story, "e1", 0, 0)
    counted(story, "e1", 8, 0)
    assert bounds(story) == (8, 8, 8)
    counted(story, "e2", 0, 0)
    assert bounds(story) == (6, 8, 10)
    counted(story, "e2", 1, 0)
    assert bounds(story) == (7, 9, 11), "each epoch begins once"


def test_who_leaves_widens_the_bounds_as_who_enters_does() -> None:
    story = Story(a_lobby(margin_per_crossing=0.1))
    counted(story, "e1", 0, 0)
    counted(story, "e1", 20, 0)
    assert bounds(story) == (18, 20, 22)
    counted(story, "e1", 20, 10)
    assert bounds(story) == (7, 10, 13)
