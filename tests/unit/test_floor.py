"""The floor plan: every room and door has a place, who comes from outside comes from below, and nothing overlaps."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from hub.day.inputs import CountPeople, NoteSilence
from hub.day.lobby import OUTSIDE, Desk, Door, Lobby, Room, Service, Site
from hub.web.floor import ABREAST_MAX, plan
from tests.given import COUNTER, a_lobby
from tests.sites import MemorySite, a_browser, an_app
from wire.messages import CountQuality

PAGE, WALL = "/hall/floor", "/hall/wall/main"


def a_house(rooms: int, doors: list[tuple[str, str]]) -> Lobby:
    return Lobby(
        site=Site(id="hall", name={"en": "Hall"}, time_zone="UTC"),
        hours={},
        services=(Service(id="s", letter="A", name={"en": "S"}),),
        rooms=tuple(Room(id=f"r{n}", name={"en": f"R{n}"}, limit_people=9) for n in range(rooms)),
        doors=tuple(Door(id=f"d{n}", from_room=one, to_room=other) for n, (one, other) in enumerate(doors)),
        desks=(Desk(id="1", name="1", room="r0", services=("s",)),),
    )


def test_rooms_in_series_stand_above_each_other_and_outside_is_below() -> None:
    drawn = plan(a_house(3, [(OUTSIDE, "r0"), ("r0", "r1"), ("r1", "r2")]))
    tops = [place.top_px for place in drawn.places]
    assert tops == sorted(tops, reverse=True)
    assert drawn.outside.top_px > max(tops)
    assert drawn.height_px > drawn.outside.top_px


def test_a_door_stands_between_its_rooms_and_two_doors_beside_each_other() -> None:
    drawn = plan(a_house(2, [(OUTSIDE, "r0"), (OUTSIDE, "r0"), ("r0", "r1")]))
    one, other, inner = drawn.passages
    hall, office = drawn.places
    assert one.mark_x != other.mark_x
    assert hall.top_px + hall.height_px < one.mark_px < drawn.outside.top_px
    assert office.top_px + office.height_px < inner.mark_px < hall.top_px


def test_rooms_beside_each_other_have_their_door_between_them() -> None:
    drawn = plan(a_house(2, [(OUTSIDE, "r0"), (OUTSIDE, "r1"), ("r0", "r1")]))
    left, right = drawn.places
    assert left.top_px == right.top_px
    assert left.right < drawn.passages[2].mark_x < right.left


@given(st.data())
def test_whatever_the_house_every_room_has_a_place_of_its_own_and_every_door_a_mark(data: st.DataObject) -> None:
    rooms = data.draw(st.integers(1, 9))
    names = [OUTSIDE, *(f"r{n}" for n in range(rooms))]
    pairs = st.tuples(st.sampled_from(names), st.sampled_from(names)).filter(lambda pair: pair[0] != pair[1])
    doors = data.draw(st.lists(pairs, max_size=12))
    drawn = plan(a_house(rooms, doors))
    assert len(drawn.places) == rooms
    assert len(drawn.passages) == len(doors)
    for one, other in combinations(drawn.places, 2):
        beside = one.right < other.left or other.right < one.left
        above = abs(one.top_px - other.top_px) >= one.height_px
        assert beside or above
    assert all(0 <= place.left <= place.right <= 100 for place in drawn.places)
    assert all(sum(it.top_px == place.top_px for it in drawn.places) <= ABREAST_MAX for place in drawn.places)
    assert all(0 <= passage.mark_x <= 100 and 0 < passage.mark_px < drawn.height_px for passage in drawn.passages)


async def counted(site: MemorySite, entered: int, quality: CountQuality = CountQuality.OK) -> None:
    for totals in (0, entered):
        await site.submit(CountPeople(device=COUNTER, epoch="e", entered=totals, left=0, quality=quality))


async def test_the_plan_tells_rooms_and_counters_in_words_too() -> None:
    site = MemorySite(a_lobby(limit_people=10))
    async with a_browser(an_app(site)) as browser:
        assert "not heard yet" in (await browser.get(PAGE)).text
        await counted(site, 4)
        page = (await browser.get(PAGE)).text
        assert "4 of 10 people" in page
        assert "6 free places" in page
        assert "counts" in page
        await counted(site, 12, CountQuality.BLOCKED)
        page = (await browser.get(PAGE)).text
        assert "Main hall: 12 people, where 10 are allowed." in page
        assert "does not count reliably" in page
        await site.submit(NoteSilence(device=COUNTER, is_silent=True))
        page = (await browser.get(PAGE)).text
        assert "Nobody can say how many are inside." in page
        assert "url(#not-known)" in page
        assert "style=" not in page, "the content security policy forbids it"


async def test_a_room_on_a_wall_says_its_number_its_state_and_since_when() -> None:
    site = MemorySite(a_lobby(limit_people=10))
    async with a_browser(an_app(site)) as browser:
        page = (await browser.get(WALL)).text
        assert "<strong>?</strong>" in page
        assert "is-unknown" in page
        await counted(site, 10)
        page = (await browser.get(WALL)).text
        assert "<strong>10</strong>" in page
        assert "is-full" in page
        assert "as of 09:00" in page
        await counted(site, 11)
        assert "Over the limit" in (await browser.get(WALL)).text
        assert (await browser.get("/hall/wall/attic")).status_code == 404


async def test_before_the_day_there_is_nothing_to_show() -> None:
    async with a_browser(an_app(MemorySite(day_open=False))) as browser:
        for path in (PAGE, WALL):
            assert "The day has not begun yet." in (await browser.get(path)).text
