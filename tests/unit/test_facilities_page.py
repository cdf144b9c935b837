"""The facilities page: rooms against their limits, waits, devices, and the form for a manual count."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient, Response

from hub.day.inputs import CorrectPeople, CountPeople, IssueTicket, NotePaper, NoteSilence
from hub.web.device_faults import FaultKind, day_faults, node_faults, nodes_of
from tests.given import COUNTER, Story, a_lobby
from tests.sites import MemorySite, a_browser, an_app
from wire.messages import CountQuality, Paper

PAGE = "/hall/facilities"
ROOMS = "/api/v1/sites/hall/rooms"
WISH = "a-request-of-tests-00001"


@pytest.fixture
def site() -> MemorySite:
    return MemorySite(a_lobby(limit_people=10, admitted=True, margin_per_crossing=0.1))


@pytest.fixture
async def browser(site: MemorySite) -> AsyncIterator[AsyncClient]:
    async with a_browser(an_app(site)) as browser:
        yield browser


async def counted(site: MemorySite, entered: int, left: int = 0) -> None:
    """The counter at the door began at zero and says its totals."""
    for totals in ((0, 0), (entered, left)):
        await site.submit(CountPeople(device=COUNTER, epoch="e", entered=totals[0], left=totals[1]))


async def somebody_waits(site: MemorySite, people: int = 1) -> None:
    n = len(site.day.tickets)
    await site.submit(
        IssueTicket(
            ticket=f"t{n}", token_hash=f"h{n}", service="passports", language="en", channel="phone", party_people=people
        )
    )


async def correct(browser: AsyncClient, **fields: str) -> Response:
    form = {"room": "main", "why": "counted", "people": "7", "request_id": WISH} | fields
    return await browser.post(PAGE, data=form)


# --- what is seen ------------------------------------------------------------------------------------------------


async def test_a_room_is_told_against_its_limit_with_its_bounds(site: MemorySite, browser: AsyncClient) -> None:
    await counted(site, 7, 2)
    page = (await browser.get(PAGE)).text
    assert "<strong>5</strong> <span>of 10 people</span>" in page
    assert "between 4 and 6" in page
    assert "4 free places" in page, "on the safe side"
    assert "Counted live" in page


async def test_an_unknown_room_is_no_number_and_never_zero(site: MemorySite, browser: AsyncClient) -> None:
    await counted(site, 5)
    await site.submit(NoteSilence(device=COUNTER, is_silent=True))
    page = (await browser.get(PAGE)).text
    assert "<strong>?</strong>" in page
    assert "Nobody can say how many are inside." in page
    assert 'class="bar"' not in page


async def test_too_many_people_are_an_alarm_in_words_and_shape(site: MemorySite, browser: AsyncClient) -> None:
    await counted(site, 10)
    assert "overfull" not in (await browser.get(PAGE)).text
    await counted(site, 12)
    page = (await browser.get(PAGE)).text
    assert "Main hall: 12 people, where 10 are allowed." in page
    assert "is-over" in page
    assert page.count("Over the limit") == 1


async def test_a_room_without_a_place_to_promise_is_full(site: MemorySite, browser: AsyncClient) -> None:
    await counted(site, 9)
    assert ">Full" in (await browser.get(PAGE)).text.replace("\n", ""), "nine, or ten: nobody more is invited"


async def test_the_chart_has_a_title_a_description_and_the_same_in_figures(
    site: MemorySite, browser: AsyncClient
) -> None:
    await counted(site, 5)
    page = (await browser.get(PAGE)).text
    assert "People in the course of the day: Main hall</title>" in page
    assert "5 people now. Highest number today: 5. Limit: 10.</desc>" in page
    assert '<th scope="row">09:00</th>' in page
    assert "style=" not in page, "the content security policy forbids it"


async def test_waits_are_told_with_the_longest(site: MemorySite, browser: AsyncClient) -> None:
    await somebody_waits(site)
    site.after(25 * 60)
    await somebody_waits(site)
    page = (await browser.get(PAGE)).text
    assert '<td class="count">2</td>' in page
    assert "<td>25 min</td>" in page


async def test_before_the_day_there_is_nothing_to_show() -> None:
    async with a_browser(an_app(MemorySite(day_open=False))) as browser:
        page = await browser.get(PAGE)
    assert page.status_code == 200
    assert "The day has not begun yet." in page.text


async def test_the_page_speaks_french(site: MemorySite) -> None:
    async with a_browser(an_app(site), language="fr") as browser:
        assert "Fréquentation" in (await browser.get(PAGE)).text


# --- a manual count ----------------------------------------------------------------------------------------------


async def test_a_manual_count_closes_the_bounds_and_shows_the_room(site: MemorySite, browser: AsyncClient) -> None:
    await counted(site, 9)
    answer = await correct(browser, people=" 7 ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/hall/facilities#room-main")
    assert (site.day.rooms["main"].people, site.day.rooms["main"].margin) == (7, 0.0)


async def test_an_empty_room_needs_no_number(site: MemorySite, browser: AsyncClient) -> None:
    await counted(site, 9)
    assert (await correct(browser, why="empty", people="")).status_code == 303
    assert site.day.rooms["main"].people == 0


async def test_the_same_count_sent_twice_is_noted_once(site: MemorySite, browser: AsyncClient) -> None:
    await correct(browser)
    await site.submit(CorrectPeople(room="main", people=8, why="counted"))
    await correct(browser)
    assert site.day.rooms["main"].people == 8


@pytest.mark.parametrize("people", ["", "many", "-3", "1.5", "10000000"])
async def test_a_count_without_a_number_is_asked_for_again(site: MemorySite, browser: AsyncClient, people: str) -> None:
    answer = await correct(browser, people=people)
    assert answer.status_code == 422
    assert "Please write down how many people you have counted." in answer.text
    assert site.day.rooms["main"].people is None


@pytest.mark.parametrize("fields", [{"why": "guessed"}, {"request_id": "short"}])
async def test_a_form_that_no_page_of_ours_sends_is_refused(browser: AsyncClient, fields: dict[str, str]) -> None:
    assert (await correct(browser, **fields)).status_code == 400


async def test_a_refused_count_says_why_and_keeps_what_was_written(browser: AsyncClient) -> None:
    answer = await correct(browser, people="200000")
    assert answer.status_code == 422
    assert 'value="200000"' in answer.text
    assert (await correct(browser, room="attic", request_id=WISH[::-1])).status_code == 404


# --- for programs ------------------------------------------------------------------------------------------------


async def test_programs_read_rooms_and_curves_and_correct_them(site: MemorySite, browser: AsyncClient) -> None:
    await counted(site, 6)
    (room,) = (await browser.get(ROOMS)).json()
    assert (room["people"], room["lower"], room["upper"], room["takes_more"]) == (6, 5, 7, True)
    corrected = await browser.post(f"{ROOMS}/main/corrections", json={"people": 2})
    assert corrected.json()["people"] == 2
    curve = (await browser.get(f"{ROOMS}/main/curve")).json()
    assert curve["limit_people"] == 10
    assert [(point["people"], point["highest"]) for point in curve["points"]] == [(2, 6)]
    assert (await browser.get(f"{ROOMS}/attic/curve")).json()["code"] == "unknown-room"


# --- devices -----------------------------------------------------------------------------------------------------


def faults_of(story: Story) -> list[tuple[str, str]]:
    return [(fault.where, fault.kind.value) for fault in day_faults(story.day)]


def test_a_counter_that_needs_somebody_is_named_with_the_worst_of_it() -> None:
    story = Story()
    assert faults_of(story) == [(COUNTER, "counter-unheard")]
    story.counted(3, 0)
    assert faults_of(story) == []
    story.counted(2, 0)
    assert faults_of(story) == [(COUNTER, "counter-fell-back")]
    story.counted(2**40, 0)
    assert faults_of(story) == [(COUNTER, "counter-implausible")]
    story.counted(0, 0, epoch="e2")
    assert faults_of(story) == [(COUNTER, "counter-restarted")]
    story.when(CountPeople(device=COUNTER, epoch="e2", entered=0, left=0, quality=CountQuality.BLOCKED))
    assert faults_of(story) == [(COUNTER, "counter-blocked")]
    story.when(NoteSilence(device=COUNTER, is_silent=True))
    assert faults_of(story) == [(COUNTER, "counter-silent")]


@pytest.mark.parametrize(
    ("paper", "kinds"),
    [
        (Paper.OK, []),
        (Paper.NEAR_END, ["paper-near-end"]),
        (Paper.OUT, ["paper-out"]),
        (Paper.UNKNOWN, ["paper-unknown"]),
    ],
)
def test_paper_that_runs_out_is_named(paper: Paper, kinds: list[str]) -> None:
    story = Story().counted(0, 0)
    story.when(NotePaper(device="kiosk-1/printer", paper=paper))
    assert [kind for _, kind in faults_of(story)] == kinds


def test_nodes_are_told_by_the_hubs_report() -> None:
    nodes = [
        {"name": "door-1", "status": "lost", "version": "1", "since_at": "2026-03-02T08:40:00Z", "faults": {}},
        {"name": "kiosk-1", "status": "online", "faults": {"printer": "no cable; plug it in"}},
        {"name": "board-1", "status": "unheard", "since_at": None, "faults": {}},
    ]
    report: dict[str, object] = {"status": "degraded", "sites": [{"site": "hall", "seq": 7, "nodes": nodes}]}
    found = list(node_faults(nodes_of("hall", report)))
    assert [(fault.where, fault.kind, fault.needs) for fault in found] == [
        ("door-1", FaultKind.NODE_LOST, ""),
        ("kiosk-1/printer", FaultKind.DEVICE, "no cable; plug it in"),
        ("board-1", FaultKind.NODE_UNHEARD, ""),
    ]
    assert nodes_of("elsewhere", report) == ()


async def test_the_page_names_a_lost_node_once_with_its_time_and_not_its_silent_counter(site: MemorySite) -> None:
    await counted(site, 1)
    await site.submit(NoteSilence(device=COUNTER, is_silent=True))
    node = {"name": "door-1", "status": "lost", "since_at": "2026-03-02T08:40:00Z", "faults": {}}
    app = an_app(site, health={"sites": [{"site": "hall", "nodes": [node]}]})
    async with a_browser(app) as browser:
        page = (await browser.get(PAGE)).text
    assert "<strong>door-1</strong> No connection" in page
    assert "since 08:40" in page
    assert "Silent" not in page
    assert "0 of 1 computers are connected." in page
