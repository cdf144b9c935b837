"""Looking back: what is usual, today beside it, the week by hours, and tables for a spreadsheet."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import pytest

from hub.errors import HistoryDown
from hub.history.points import Crossing, Occupancy, Point
from hub.history.reading import Highest
from hub.history.sql_store import SqlStore
from hub.web.looking_back import WEEKS, LookingBack
from hub.web.usual import DAYS_MIN, usual, usual_by_slot
from hub.web.usual_chart import usual_chart
from tests.given import MONDAY_9H, a_lobby
from tests.histories import a_history, people_at, weeks_until
from tests.sites import MemorySite, a_browser, an_app

PAGE, TABLE = "/hall/history", "/hall/history.csv"
NOW = MONDAY_9H + timedelta(hours=5)
LOBBY = a_lobby(limit_people=30)


@pytest.fixture(scope="module")
def store() -> Iterator[SqlStore]:
    with a_history("hall", weeks_until(NOW, LOBBY)) as store:
        yield store


def looking_back(store: SqlStore) -> LookingBack:
    return LookingBack(store, LOBBY, lambda: NOW)


# --- what is usual -----------------------------------------------------------------------------------------------


def test_usual_is_the_middle_and_the_half_around_it() -> None:
    found = usual([9, 1, 5, 3, 7])
    assert found is not None
    assert (found.low, found.median, found.high, found.days) == (3, 5, 7, 5)


def test_too_few_days_have_a_middle_and_no_half() -> None:
    found = usual([2, 8])
    assert found is not None
    assert DAYS_MIN > found.days == 2
    assert found.low == found.median == found.high == 5
    assert usual([]) is None


def test_a_day_that_does_not_know_a_slot_has_no_say_in_it() -> None:
    found = usual_by_slot([{1: 4, 2: 6}, {2: 8}, {}])
    assert {slot: (it.median, it.days) for slot, it in found.items()} == {1: (4, 1), 2: (7, 2)}


def test_a_chart_is_interrupted_where_nothing_is_known() -> None:
    usually = usual_by_slot([{slot: 10 for slot in range(32, 72) if slot != 50}])
    chart = usual_chart(usually, dict.fromkeys((32, 33, 36), 5), 30)
    assert chart.median.count("M") == 2
    assert chart.today.count("M") == 2
    assert (chart.rows[0].hour, chart.rows[0].today, chart.rows[-1].hour) == (8, 5, 17)


def test_a_chart_of_nothing_has_its_limit_and_no_lines() -> None:
    chart = usual_chart({}, {}, 30)
    assert (chart.median, chart.today, chart.band) == ("", "", "")
    assert 0 < chart.limit_at < 1_000


# --- asked of a store --------------------------------------------------------------------------------------------


async def test_the_usual_monday_is_made_of_eight_mondays(store: SqlStore) -> None:
    found = await looking_back(store).usual_people("main")
    at = NOW.replace(hour=13)
    before = sorted(people_at(at - timedelta(weeks=n), 7 * (9 - n)) for n in range(1, WEEKS + 1))
    noon = found[13 * 4]
    assert noon.days == WEEKS
    assert before[0] <= noon.low < noon.median < noon.high <= before[-1]
    assert noon.median == (before[3] + before[4]) / 2


async def test_days_on_which_nobody_came_are_not_usual(store: SqlStore) -> None:
    week = await looking_back(store).week("main")
    assert {weekday for weekday, _ in week} == {0, 1, 2, 3, 4}
    assert week[0, 13] > week[4, 13] > 0


async def test_who_came_in_is_compared_with_the_same_time_of_day(store: SqlStore) -> None:
    found = await looking_back(store).entered()
    assert found.today is not None
    assert found.usual is not None
    assert found.today > 0
    whole = await looking_back(store)._entered(date(2026, 2, 23))  # noqa: SLF001  # the whole of another Monday
    assert found.usual.median < sum(whole.values())


async def test_what_is_over_is_asked_once_and_today_every_time() -> None:
    class Counting:
        asked = 0

        async def highest(self, *_: object) -> list[Highest]:
            self.asked += 1
            return [Highest(MONDAY_9H, 3)]

    counting = Counting()
    back = LookingBack(counting, LOBBY, lambda: NOW)  # type: ignore[arg-type]  # asked for one thing only
    for _ in range(3):
        await back.people("main", back.today())
        await back.people("main", back.today() - timedelta(days=1))
    assert counting.asked == 3 + 1


# --- the page ----------------------------------------------------------------------------------------------------


async def test_the_page_shows_today_the_week_and_waits(store: SqlStore) -> None:
    async with a_browser(an_app(MemorySite(LOBBY, NOW), history=store)) as browser:
        page = (await browser.get(PAGE)).text
    assert "today beside the usual Monday" in page
    assert "Usual is what 8 such days were" in page
    assert page.count('class="heat-') > 7 * 9
    assert "Passports" in page
    assert "style=" not in page, "the content security policy forbids it"


async def test_a_hub_that_is_new_says_so(store: SqlStore) -> None:
    with a_history("hall", []) as empty:
        async with a_browser(an_app(MemorySite(LOBBY, NOW), history=empty)) as browser:
            page = (await browser.get(PAGE)).text
    assert "There was no such day yet, so nothing is usual." in page
    assert "Nobody was there yet." in page


async def test_without_history_and_with_a_store_that_is_down_the_page_says_so() -> None:
    class Down:
        async def highest(self, *_: object) -> list[Highest]:
            raise HistoryDown("away")

        async def points(self, *_: object) -> list[Point]:
            raise HistoryDown("away")

    async with a_browser(an_app(MemorySite(LOBBY, NOW))) as browser:
        assert "This hub keeps no history." in (await browser.get(PAGE)).text
        assert (await browser.get(TABLE)).status_code == 404
    down = an_app(MemorySite(LOBBY, NOW), history=Down())  # type: ignore[arg-type]  # it answers nothing anyway
    async with a_browser(down) as browser:
        answer = await browser.get(PAGE)
        assert (answer.status_code, "cannot be asked for at the moment" in answer.text) == (503, True)
        asked = {"table": "rooms", "from": "2026-03-02", "to": "2026-03-02"}
        assert (await browser.get(TABLE, params=asked)).status_code == 503


async def test_an_unknown_room_is_not_found(store: SqlStore) -> None:
    async with a_browser(an_app(MemorySite(LOBBY, NOW), history=store)) as browser:
        assert (await browser.get(PAGE, params={"room": "attic"})).status_code == 404


# --- tables ------------------------------------------------------------------------------------------------------


async def table(store: SqlStore, **asked: str) -> tuple[int, Sequence[dict[str, str]]]:
    async with a_browser(an_app(MemorySite(LOBBY, NOW), history=store)) as browser:
        answer = await browser.get(TABLE, params=asked)
    return answer.status_code, list(csv.DictReader(answer.text.splitlines()))


async def test_a_table_has_every_point_of_its_days_and_no_other(store: SqlStore) -> None:
    status, rows = await table(store, table="rooms", **{"from": "2026-02-26", "to": "2026-02-27"})
    assert status == 200
    points = [it for it in weeks_until(NOW, LOBBY) if isinstance(it, Occupancy) and it.at.day in (26, 27)]
    ours = [it for it in points if it.at.month == 2]
    assert [row["at"] for row in rows] == [it.at.isoformat(timespec="milliseconds") for it in ours]
    assert [row["people"] for row in rows] == [str(it.people) for it in ours]
    assert list(rows[0]) == ["at", "room", "people", "lower_people", "upper_people", "limit_people", "quality"]


@pytest.mark.parametrize("name", ["rooms", "doors", "lines", "visits", "desks", "devices", "self-tests", "nodes"])
async def test_every_table_has_its_columns_though_it_may_be_empty(store: SqlStore, name: str) -> None:
    async with a_browser(an_app(MemorySite(LOBBY, NOW), history=store)) as browser:
        answer = await browser.get(TABLE, params={"table": name, "from": "2026-03-01", "to": "2026-03-02"})
    assert answer.headers["content-disposition"] == f'attachment; filename="hall-{name}-2026-03-01-2026-03-02.csv"'
    assert answer.text.startswith("at,")


@pytest.mark.parametrize(
    "asked",
    [
        {"table": "people", "from": "2026-03-01", "to": "2026-03-02"},
        {"table": "rooms", "from": "yesterday", "to": "2026-03-02"},
        {"table": "rooms", "from": "2026-03-02", "to": "2026-03-01"},
        {"table": "rooms", "from": "2020-03-02", "to": "2026-03-01"},
        {},
    ],
)
async def test_a_table_that_no_page_of_ours_asks_for_is_refused(store: SqlStore, asked: dict[str, str]) -> None:
    assert (await table(store, **asked))[0] == 400


def test_the_history_of_tests_has_people_who_pass_doors() -> None:
    assert any(isinstance(it, Crossing) and it.entered for it in weeks_until(NOW, LOBBY))
