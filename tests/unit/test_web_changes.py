"""What managers change for the day: by the API and on the pages, and what visitors see of it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from httpx import AsyncClient

from tests.given import a_lobby
from tests.sites import MemorySite, a_browser, an_app

API = "/api/v1/sites/hall"
WISH = "a-request-of-tests-00001"


@pytest.fixture
def site() -> MemorySite:
    return MemorySite(a_lobby(limit_people=10, languages=("en", "fr", "de", "it")))


@pytest.fixture
async def browser(site: MemorySite) -> AsyncIterator[AsyncClient]:
    async with a_browser(an_app(site)) as browser:
        yield browser


# --- programs ----------------------------------------------------------------------------------------------------


async def test_programs_set_a_limit_and_set_it_back(site: MemorySite, browser: AsyncClient) -> None:
    room = (await browser.put(f"{API}/rooms/main/limit", json={"limit_people": 4, "why": "few-staff"})).json()
    assert (room["limit_people"], room["described_limit_people"], room["limit_by_hand"]) == (4, 10, True)
    room = (await browser.delete(f"{API}/rooms/main/limit")).json()
    assert (room["limit_people"], room["limit_by_hand"]) == (10, False)


async def test_programs_pause_a_service_and_resume_it(site: MemorySite, browser: AsyncClient) -> None:
    until_at = site.now + timedelta(hours=1)
    service = (await browser.put(f"{API}/services/permits/pause", json={"until_at": until_at.isoformat()})).json()
    assert (service["takes_tickets"], service["paused_until_at"]) == (False, "2026-03-02T10:00:00Z")
    refused = await browser.post(f"{API}/tickets", json={"service": "permits"})
    assert refused.status_code == 409
    assert refused.json()["detail"] == (
        "No tickets are issued for this service until 10:00. Who has one is still called."
    )
    assert (await browser.delete(f"{API}/services/permits/pause")).json()["takes_tickets"]


async def test_programs_post_notices_and_withdraw_them(browser: AsyncClient) -> None:
    await browser.put(f"{API}/notice", json={"text": {"en": "The lift is out of order"}})
    both = (await browser.put(f"{API}/rooms/main/notice", json={"text": {"en": "Wet floor"}})).json()
    assert [(it["room"], it["text"]["en"]) for it in both] == [("", "The lift is out of order"), ("main", "Wet floor")]
    assert (await browser.get(API)).json()["notices"] == both
    assert [it["room"] for it in (await browser.delete(f"{API}/notice")).json()] == ["main"]
    assert (await browser.delete(f"{API}/rooms/main/notice")).json() == []


async def test_the_same_change_sent_twice_happens_once(site: MemorySite, browser: AsyncClient) -> None:
    wish = {"limit_people": 4, "request_id": WISH}
    await browser.put(f"{API}/rooms/main/limit", json=wish)
    await browser.delete(f"{API}/rooms/main/limit")
    await browser.put(f"{API}/rooms/main/limit", json=wish)
    assert site.day.rooms["main"].limit_people == 10


# --- managers ----------------------------------------------------------------------------------------------------

TODAY = "/hall/today"
LIMIT = "/hall/facilities/limit"


async def test_a_manager_sets_a_limit_with_its_reason_and_sees_it_at_the_room(
    site: MemorySite, browser: AsyncClient
) -> None:
    form = {"room": "main", "people": "4", "why": "closed-part", "do": "set", "request_id": WISH}
    answer = await browser.post(LIMIT, data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/hall/facilities#room-main")
    page = (await browser.get("/hall/facilities")).text
    assert "of 4 people" in page
    assert "(limit for today; 10 usually)" in page
    await browser.post(LIMIT, data=form | {"do": "back"})
    page = (await browser.get("/hall/facilities")).text
    assert "of 10 people" in page
    assert "usually)" not in page


@pytest.mark.parametrize("people", ["", "many", "1234567", "-1"])
async def test_a_limit_without_a_number_is_asked_for_again(site: MemorySite, browser: AsyncClient, people: str) -> None:
    form = {"room": "main", "people": people, "why": "event", "do": "set", "request_id": WISH}
    answer = await browser.post(LIMIT, data=form)
    assert answer.status_code == 422
    assert "Please write down how many people the room may hold." in answer.text
    assert 'value="event" selected' in answer.text
    assert site.day.rooms["main"].limit_by_hand is None


async def test_a_refused_limit_says_why(browser: AsyncClient) -> None:
    form = {"room": "attic", "people": "4", "why": "other", "do": "set", "request_id": WISH}
    answer = await browser.post(LIMIT, data=form)
    assert answer.status_code == 404
    assert "There is no such room here." in answer.text


async def test_a_manager_pauses_a_service_until_a_time_of_the_lobbys_clock_and_resumes_it(
    site: MemorySite, browser: AsyncClient
) -> None:
    form = {"service": "permits", "until": "10:30", "do": "pause", "request_id": WISH}
    assert (await browser.post(f"{TODAY}/services", data=form)).status_code == 303
    assert site.day.paused == {"permits": site.now + timedelta(minutes=90)}
    assert "Paused until 10:30" in (await browser.get(TODAY)).text
    assert "No tickets until 10:30" in (await browser.get("/hall/join")).text
    await browser.post(f"{TODAY}/services", data=form | {"do": "resume"})
    assert site.day.paused == {}


async def test_a_time_that_is_over_is_refused_in_words(browser: AsyncClient) -> None:
    form = {"service": "permits", "until": "08:30", "do": "pause", "request_id": WISH}
    answer = await browser.post(f"{TODAY}/services", data=form)
    assert answer.status_code == 422
    assert "08:30 is over already. Please choose a later time." in answer.text


async def test_a_manager_posts_a_notice_which_visitors_read_in_their_language(
    site: MemorySite, browser: AsyncClient
) -> None:
    form = {"place": "everywhere", "text-en": "The lift is out of order", "text-de": "Der Lift ist ausser Betrieb"}
    answer = await browser.post(f"{TODAY}/notices", data=form | {"until": "", "request_id": WISH})
    assert answer.status_code == 303
    assert "Der Lift ist ausser Betrieb" in (await browser.get("/hall/join?lang=de")).text
    issued = await browser.post(f"{API}/tickets", json={"service": "passports", "language": "de"})
    token = issued.json()["token"]
    assert "Der Lift ist ausser Betrieb" in (await browser.get(f"/t/{token}?lang=de")).text
    assert "The lift is out of order" in (await browser.get(f"/t/{token}?lang=en")).text
    await browser.post(f"{TODAY}/notices", data={"place": "everywhere", "do": "withdraw", "request_id": WISH})
    assert "lift" not in (await browser.get("/hall/join?lang=en")).text


async def test_a_refused_notice_keeps_what_was_written(browser: AsyncClient) -> None:
    form = {"place": "main", "text-en": "x" * 121, "text-fr": "Sol mouillé", "until": "11:00", "request_id": WISH}
    answer = await browser.post(f"{TODAY}/notices", data=form)
    assert answer.status_code == 422
    assert "A notice needs a text of at most 120 characters, in a language of this lobby." in answer.text
    assert 'value="Sol mouillé"' in answer.text
    assert 'value="main" selected' in answer.text


async def test_a_notice_is_text_and_never_markup(browser: AsyncClient) -> None:
    form = {"place": "main", "text-en": "<b>Wet</b>", "until": "", "request_id": WISH}
    await browser.post(f"{TODAY}/notices", data=form)
    for page in (TODAY, "/hall/join"):
        assert "&lt;b&gt;Wet&lt;/b&gt;" in (await browser.get(page)).text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("facilities/limit", {"room": "main", "people": "3", "why": "because"}),
        ("facilities/limit", {"room": "main", "people": "3", "why": "safety", "request_id": "short"}),
        ("today/services", {"service": "permits", "until": "noon", "do": "pause", "request_id": WISH}),
        ("today/services", {"service": "permits", "do": "pause"}),
        ("today/services", {"do": "pause", "request_id": WISH}),
        ("today/notices", {"place": "", "text-en": "Wet floor", "request_id": WISH}),
    ],
)
async def test_a_form_that_no_page_of_ours_sends_is_refused(
    browser: AsyncClient, path: str, fields: dict[str, str]
) -> None:
    assert (await browser.post(f"/hall/{path}", data=fields)).status_code == 400


async def test_before_the_day_there_is_nothing_to_change() -> None:
    async with a_browser(an_app(MemorySite(day_open=False))) as browser:
        assert "The day has not begun yet." in (await browser.get(TODAY)).text
