"""Counters are tested by their own counts, once an hour and quietly; what is found is shown wherever devices are."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hub.day.inputs import CountPeople
from hub.day.people.checks import WHAT_TO_DO, Fault
from hub.errors import HistoryDown
from hub.fleet import NodeView
from hub.history.points import Crossing, Point
from hub.history.reading import Passed
from hub.history.sql_store import SqlStore
from hub.self_tests import CHECKED_DAYS, EVERY_S, FIRST_AFTER_S, REST_TIMES, RETRY_S, SelfTests
from tests.given import COUNTER, MONDAY_9H, a_lobby
from tests.histories import a_history
from tests.hubs import Stage, run
from tests.sites import MemorySite, a_browser, an_app
from tests.unit.test_devices_page import FakeFleet

NOW = MONDAY_9H + timedelta(hours=5)
LOBBY = a_lobby(limit_people=30)
TOLD = WHAT_TO_DO[Fault.SWAPPED]


def a_day(back: int, *, is_swapped: bool) -> Iterator[Point]:
    """Forty people come in the morning and leave in the afternoon."""
    for hour, entered, left in ((8, 40, 2), (9, 20, 4), (15, 4, 20), (16, 2, 40)):
        counted = (left, entered) if is_swapped else (entered, left)
        at = NOW.replace(hour=hour) - timedelta(days=back)
        yield Crossing(at=at, site="hall", door="front", entered=counted[0], left=counted[1])


def a_fortnight(*, is_swapped: bool, since_repair: int = 0) -> list[Point]:
    """Of a counter that was turned round `since_repair` days ago, the last of them yesterday."""
    return [it for back in range(1, CHECKED_DAYS) for it in a_day(back, is_swapped=is_swapped and back > since_repair)]


class Asked:
    """A store that is away when it is told to be, and notes what it was asked for."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self.is_away = False
        self.asked: list[datetime] = []

    async def crossings(self, site: str, door: str, from_at: datetime, to_at: datetime, every_s: int) -> list[Passed]:
        if self.is_away:
            raise HistoryDown("away")
        self.asked.append(from_at)
        assert to_at - from_at <= timedelta(hours=25), "one question is about one day"
        return await self._store.crossings(site, door, from_at, to_at, every_s)


def a_tested_site(store: object) -> tuple[MemorySite, SelfTests]:
    site = MemorySite(LOBBY, NOW)
    return site, SelfTests(site, store, lambda: site.now)  # type: ignore[arg-type]  # asked for one thing only


# --- what is found, and when -------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_swapped", [False, True])
async def test_a_counter_that_is_mounted_the_wrong_way_round_is_found(is_swapped: bool) -> None:
    with a_history("hall", a_fortnight(is_swapped=is_swapped)) as store:
        site, tests = a_tested_site(store)
        assert await tests.look()
        assert tests.doors() == ({"front": (Fault.SWAPPED,)} if is_swapped else {})
        assert tests.against(site.day, NOW) == ({COUNTER: (Fault.SWAPPED,)} if is_swapped else {})


async def test_a_counter_that_was_turned_round_yesterday_is_not_accused_any_more() -> None:
    with a_history("hall", a_fortnight(is_swapped=True, since_repair=1)) as store:
        _, tests = a_tested_site(store)
        await tests.look()
        assert tests.doors() == {}


async def test_a_site_without_history_has_no_faults() -> None:
    with a_history("hall", []) as store:
        _, tests = a_tested_site(store)
        assert await tests.look()
        assert tests.doors() == {}
    site = MemorySite(LOBBY, NOW)
    without = SelfTests(site, None, lambda: site.now)
    assert await without.look()
    assert without.against(site.day, NOW) == {}


async def test_while_the_store_is_away_the_last_answer_stands() -> None:
    with a_history("hall", a_fortnight(is_swapped=True)) as store:
        asked = Asked(store)
        _, tests = a_tested_site(asked)
        await tests.look()
        asked.is_away = True
        assert not await tests.look()
        assert tests.doors() == {"front": (Fault.SWAPPED,)}


async def test_days_that_are_long_over_are_asked_for_once() -> None:
    with a_history("hall", a_fortnight(is_swapped=True)) as store:
        asked = Asked(store)
        site, tests = a_tested_site(asked)
        await tests.look()
        assert len(asked.asked) == CHECKED_DAYS
        asked.asked.clear()
        await tests.look()
        assert [it.date() for it in asked.asked] == [(NOW - timedelta(days=1)).date(), NOW.date()]
        site.after(86_400)
        asked.asked.clear()
        await tests.look()
        assert len(asked.asked) == 3, "yesterday once more, and today"


class Slow:
    """A store that takes two seconds for an answer, and notes when it was asked and when it answered."""

    def __init__(self) -> None:
        self.spans: list[tuple[float, float]] = []

    async def crossings(self, site: str, door: str, from_at: datetime, to_at: datetime, every_s: int) -> list[Passed]:
        began_s = asyncio.get_running_loop().time()
        await asyncio.sleep(2)
        self.spans.append((began_s, asyncio.get_running_loop().time()))
        return []


def test_of_all_sites_one_asks_at_a_time_and_rests_four_times_as_long_as_the_answer_took() -> None:
    slow, sites = Slow(), 3

    async def main(stage: Stage) -> None:
        turn, site = asyncio.Lock(), MemorySite(LOBBY, NOW)
        tests = [SelfTests(site, slow, lambda: site.now, turn) for _ in range(sites)]  # type: ignore[arg-type]
        await asyncio.gather(*(it.look() for it in tests))

    run(main)
    assert len(slow.spans) == sites * CHECKED_DAYS
    for (_, answered_s), (asked_s, _) in pairwise(slow.spans):
        assert asked_s - answered_s == pytest.approx(2 * REST_TIMES)


def test_it_looks_soon_after_the_start_and_then_once_an_hour_and_sooner_while_the_store_is_away() -> None:
    looked: list[float] = []

    class Counting(SelfTests):
        async def look(self) -> bool:
            looked.append(asyncio.get_running_loop().time())
            return len(looked) != 2

    async def main(stage: Stage) -> None:
        site = MemorySite(LOBBY, NOW)
        began_s = asyncio.get_running_loop().time()
        stage.start(Counting(site, None, lambda: site.now).run())
        await asyncio.sleep(FIRST_AFTER_S + 2 * EVERY_S + RETRY_S + 1)
        looked[:] = [at_s - began_s for at_s in looked]

    run(main)
    assert looked == pytest.approx(
        [
            FIRST_AFTER_S,
            FIRST_AFTER_S + EVERY_S,
            FIRST_AFTER_S + EVERY_S + RETRY_S,
            FIRST_AFTER_S + 2 * EVERY_S + RETRY_S,
        ]
    )


def test_a_store_that_answers_nonsense_stops_the_tests_and_not_the_lobby() -> None:
    class Nonsense:
        async def crossings(self, *_: object) -> list[Passed]:
            raise KeyError("values")

    async def main(stage: Stage) -> None:
        site, tests = a_tested_site(Nonsense())
        running = asyncio.create_task(tests.run())
        await asyncio.sleep(FIRST_AFTER_S + 1)
        assert running.done()
        assert running.exception() is None
        assert "counters are not tested any more" in tests.fault
        assert tests.against(site.day, NOW) == {}

    run(main)


# --- where it is shown -------------------------------------------------------------------------------------------


@pytest.fixture
def swapped() -> Iterator[SqlStore]:
    with a_history("hall", a_fortnight(is_swapped=True)) as store:
        yield store


async def shown(store: SqlStore, path: str) -> str:
    site, tests = a_tested_site(store)
    await tests.look()
    await site.submit(CountPeople(device=COUNTER, epoch="e", entered=0, left=0))
    fleet = FakeFleet()
    fleet.nodes = (NodeView(name="door-1", status="online"),)
    async with a_browser(an_app(site, history=store, self_tests=tests, fleet=fleet)) as browser:
        return (await browser.get(path)).text


@pytest.mark.parametrize("page", ["facilities", "devices", "history"])
async def test_pages_say_what_to_do(swapped: SqlStore, page: str) -> None:
    assert (await shown(swapped, f"/hall/{page}")).count(TOLD) == 1


async def test_the_floor_plan_marks_the_door(swapped: SqlStore) -> None:
    page = await shown(swapped, "/hall/floor")
    assert "seems to count entries as exits" in page
    assert "door is-serious" in page


async def test_the_api_names_the_counter_with_what_it_says_itself(swapped: SqlStore) -> None:
    site, tests = a_tested_site(swapped)
    await tests.look()
    async with a_browser(an_app(site, self_tests=tests)) as browser:
        answer = await browser.get("/api/v1/sites/hall/rooms/counters")
    assert answer.json() == [{"device": COUNTER, "door": "front", "state": "unheard", "faults": ["swapped"]}]


def test_a_hub_tells_prometheus_of_every_counter() -> None:
    figures: list[bytes] = []

    async def main(stage: Stage) -> None:
        hub = await stage.hub()
        figures.append(await hub.figures())

    run(main)
    (family,) = [it for it in text_string_to_metric_families(figures[0].decode()) if it.name == "guichet_counter_fault"]
    assert {(it.labels["device"], it.labels["fault"], it.value) for it in family.samples} == {
        (COUNTER, fault.value, 0.0) for fault in Fault
    }
