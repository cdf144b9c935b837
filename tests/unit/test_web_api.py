"""The JSON API: tickets, desks, and refusals that programs and people understand."""

from dataclasses import replace
from typing import Any

import pytest
from httpx import Response

from hub.accounts.records import ApiToken
from hub.accounts.rights import Right
from hub.day.inputs import OpenDesk
from hub.day.lobby import Priority
from hub.day.refusal import Code
from hub.keyring import token_hash
from hub.site import Answer
from tests.accounts import an_office
from tests.given import MONDAY_9H, a_lobby
from tests.sites import MemorySite, a_browser, a_visitor, an_app
from wire.messages import Outcome

TICKETS = "/api/v1/sites/hall/tickets"
DESK = "/api/v1/sites/hall/desks/1"
WISH = "a-wish-of-somebody"


def assert_refused(response: Response, status: int, code: str = "") -> dict[str, Any]:
    """The problem, which has this status, a sentence, and the code if one is named."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["status"] == status
    assert problem["detail"]
    assert code in ("", problem["code"])
    return problem


async def test_the_sites_of_the_hub_are_listed_with_the_address_that_their_doors_show() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        (site,) = (await browser.get("/api/v1/sites")).json()
    assert site["id"] == "hall"
    assert site["name"] == {"en": "Town hall", "fr": "Mairie"}
    assert site["join_url"] == "http://hub.test/hall/join"


async def test_a_lobby_tells_how_many_wait_for_each_service() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        await browser.post(TICKETS, json={"service": "permits"})
        lobby = (await browser.get("/api/v1/sites/hall")).json()
    assert lobby["open"]
    assert [(service["letter"], service["waiting"]) for service in lobby["services"]] == [("A", 0), ("B", 1)]


async def test_a_ticket_is_issued_with_the_address_of_its_own_page() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        response = await browser.post(TICKETS, json={"service": "passports", "language": "fr", "party_people": 3})
        issued = response.json()
        found = await browser.get(response.headers["location"])
    assert response.status_code == 201
    assert (issued["number"], issued["ticket"]["ahead"], issued["ticket"]["language"]) == ("A001", 0, "fr")
    assert issued["url"] == f"http://hub.test/t/{issued['token']}"
    assert found.json() == issued["ticket"]


async def test_a_priority_is_given_by_its_name() -> None:
    priority = Priority(id="small-child", name={"en": "With a small child"}, earlier_s=300)
    site = MemorySite(replace(a_lobby(), priorities=(priority,)))
    async with a_browser(an_app(site)) as browser:
        issued = await browser.post(TICKETS, json={"service": "passports", "priority": "small-child"})
        unknown = await browser.post(TICKETS, json={"service": "passports", "priority": "royalty"})
    assert issued.status_code == 201
    assert_refused(unknown, 404, "unknown-priority")


async def test_a_visit_of_several_steps_is_one_ticket() -> None:
    site = MemorySite()
    async with a_browser(an_app(site)) as browser:
        issued = await browser.post(TICKETS, json={"service": "passports", "then": ["permits"]})
        unknown = await browser.post(TICKETS, json={"service": "passports", "then": ["fishing"]})
    assert [name["en"] for name in issued.json()["ticket"]["then"]] == ["Permits"]
    problem = assert_refused(unknown, 404)
    assert problem["facts"] == {"service": "fishing"}


async def test_a_stranger_takes_over_the_api_no_more_than_visitors_may_choose() -> None:
    offered, for_staff = (
        Priority(id=it, name={"en": it}, earlier_s=600, offered=it == "offered") for it in ("offered", "for-staff")
    )
    site = MemorySite(replace(a_lobby(), priorities=(offered, for_staff)))
    async with a_visitor(an_app(site)) as stranger:
        own = await stranger.post(TICKETS, json={"service": "passports", "priority": "offered"})
        staffs = await stranger.post(TICKETS, json={"service": "passports", "priority": "for-staff"})
    assert own.status_code == 201
    assert_refused(staffs, 404, "unknown-priority")
    assert len(site.day.tickets) == 1


@pytest.mark.parametrize("wish", [{"then": ["permits"]}, {"then": []}, {"printer": "kiosk-1/printer"}])
async def test_only_the_house_plans_visits_and_prints_slips(wish: dict[str, object]) -> None:
    site = MemorySite()
    async with a_visitor(an_app(site)) as stranger:
        assert_refused(await stranger.post(TICKETS, json={"service": "passports"} | wish), 401, "unauthorized")
    assert not site.day.tickets
    async with a_browser(an_app(site)) as staff:
        assert (await staff.post(TICKETS, json={"service": "passports"} | wish)).status_code == 201


async def test_a_token_for_something_else_is_a_strangers() -> None:
    site, secret = MemorySite(), "guichet_for-health"
    token = ApiToken(name="watch", hash=token_hash(secret), scopes=(Right.HEALTH,), created_at=MONDAY_9H)
    async with a_visitor(an_app(site, office=an_office(token))) as program:
        program.headers["authorization"] = f"Bearer {secret}"
        wish = {"service": "passports", "printer": "kiosk-1/printer"}
        assert_refused(await program.post(TICKETS, json=wish), 403, "forbidden")
    assert not site.day.tickets


@pytest.mark.parametrize("header", [True, False])
async def test_the_same_wish_twice_is_the_same_ticket(header: bool) -> None:
    site = MemorySite()
    body = {"service": "passports"} if header else {"service": "passports", "request_id": WISH}
    headers = {"idempotency-key": WISH} if header else {}
    async with a_browser(an_app(site)) as browser:
        first = await browser.post(TICKETS, json=body, headers=headers)
        again = await browser.post(TICKETS, json=body, headers=headers)
    assert (first.json(), again.status_code) == (again.json(), 201)
    assert len(site.day.tickets) == 1


async def test_a_request_id_that_could_be_anybodys_is_not_taken() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        problem = assert_refused(await browser.post(TICKETS, json={"service": "passports", "request_id": "1"}), 422)
    assert problem["code"] == "bad-request"
    assert problem["detail"] == "This is not as it should be: request_id"
    assert problem["facts"]["request_id"].startswith("String should match pattern")


async def test_a_misspelt_field_is_named() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        problem = assert_refused(await browser.post(TICKETS, json={"servise": "passports"}), 422)
    assert problem["facts"] == {"servise": "Extra inputs are not permitted", "service": "Field required"}


@pytest.mark.parametrize("party", ["2", True, 1.5, None])
async def test_a_party_is_a_whole_number_and_nothing_like_one(party: object) -> None:
    site = MemorySite()
    async with a_browser(an_app(site)) as browser:
        problem = assert_refused(await browser.post(TICKETS, json={"service": "passports", "party_people": party}), 422)
    assert list(problem["facts"]) == ["party_people"]
    assert not site.day.tickets


async def test_a_service_that_is_not_offered_is_not_found() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        problem = assert_refused(await browser.post(TICKETS, json={"service": "fishing"}), 404)
    assert (problem["code"], problem["facts"]) == ("unknown-service", {"service": "fishing"})
    assert problem["detail"] == "We do not offer this service here. Please choose another one."


async def test_a_closed_lobby_says_in_the_readers_language_and_its_own_time_when_it_opens() -> None:
    site = MemorySite()
    site.after(12 * 3600)  # Monday, nine in the evening
    async with a_browser(an_app(site), language="fr") as browser:
        problem = assert_refused(await browser.post(TICKETS, json={"service": "passports"}), 409)
    assert problem["code"] == "closed"
    assert problem["detail"] == "Nous sommes fermés. Nous rouvrons mardi à 08:00."


async def test_nothing_can_be_issued_before_the_day_is_open() -> None:
    async with a_browser(an_app(MemorySite(day_open=False))) as browser:
        assert_refused(await browser.get("/api/v1/sites/hall"), 409, "no-day")
        assert_refused(await browser.post(TICKETS, json={"service": "passports"}), 409, "no-day")
        assert (await browser.get("/api/v1/sites/hall/desks")).json() == []


async def test_a_journal_that_cannot_be_written_is_a_service_unavailable() -> None:
    site = MemorySite()
    site.answer_always = Answer(outcome=Outcome.REFUSED, code=Code.UNAVAILABLE)
    async with a_browser(an_app(site)) as browser:
        assert_refused(await browser.post(TICKETS, json={"service": "passports"}), 503, "unavailable")


async def test_an_unknown_token_opens_no_ticket() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        for token in ("guessed", "x" * 5_000):
            assert_refused(await browser.get(f"/api/v1/tickets/{token}"), 404, "unknown-ticket")


async def test_a_ticket_is_found_whichever_site_issued_it() -> None:
    hall, annex = MemorySite(), MemorySite()
    annex.id = "annex"
    async with a_browser(an_app(hall, annex)) as browser:
        issued = (await browser.post("/api/v1/sites/annex/tickets", json={"service": "permits"})).json()
        found = await browser.get(f"/api/v1/tickets/{issued['token']}")
    assert found.json()["number"] == "B001"
    assert not hall.day.tickets


async def test_a_ticket_is_given_back_once() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        token = (await browser.post(TICKETS, json={"service": "passports"})).json()["token"]
        given_back = await browser.delete(f"/api/v1/tickets/{token}")
        again = await browser.delete(f"/api/v1/tickets/{token}")
    assert (given_back.json()["state"], given_back.json()["ended_why"]) == ("closed", "cancelled")
    assert_refused(again, 409, "ticket-ended")


async def test_a_wish_that_was_fulfilled_on_an_earlier_day_opens_no_ticket_of_today() -> None:
    site = MemorySite()
    async with a_browser(an_app(site)) as browser:
        await browser.post(TICKETS, json={"service": "passports", "request_id": WISH})
        site.begin_the_next_day()
        again = await browser.post(TICKETS, json={"service": "passports", "request_id": WISH})
    assert_refused(again, 404, "unknown-ticket")


async def test_a_desk_calls_serves_and_finishes() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        await browser.post(TICKETS, json={"service": "passports"})
        states = []
        for action in ("open", "next", "recall", "start", "finish", "close"):
            answered = (await browser.post(f"{DESK}/{action}")).json()
            states.append((action, answered["number"], answered["desk"]["state"]))
    assert states == [
        ("open", "", "free"),
        ("next", "A001", "called"),
        ("recall", "A001", "called"),
        ("start", "A001", "serving"),
        ("finish", "A001", "free"),
        ("close", "", "closed"),
    ]


async def test_a_press_that_was_meant_for_an_earlier_state_of_the_desk_is_refused() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        for _ in range(2):
            await browser.post(TICKETS, json={"service": "passports"})
        await browser.post(f"{DESK}/open")
        seen = (await browser.get(DESK)).json()["desk_seq"]
        first = await browser.post(f"{DESK}/next", json={"seen": seen})
        echo = await browser.post(f"{DESK}/next", json={"seen": seen})
    assert first.json()["number"] == "A001"
    assert_refused(echo, 409, "moved-on")


async def test_the_same_press_twice_calls_one_visitor() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        for _ in range(2):
            await browser.post(TICKETS, json={"service": "passports"})
        await browser.post(f"{DESK}/open")
        numbers = [(await browser.post(f"{DESK}/next", json={"request_id": WISH})).json()["number"] for _ in "12"]
    assert numbers == ["A001", "A001"]


async def test_two_buttons_with_one_request_id_are_two_presses() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        opened = await browser.post(f"{DESK}/open", json={"request_id": WISH})
        closed = await browser.post(f"{DESK}/close", json={"request_id": WISH})
    assert [answer.json()["desk"]["state"] for answer in (opened, closed)] == ["free", "closed"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/sites/nowhere", 404, "not-found"),
        ("/api/v1/sites/hall/desks/99", 404, "unknown-desk"),
        ("/api/v1/nothing", 404, "not-found"),
    ],
)
async def test_what_is_not_there_is_said_in_a_problem(path: str, status: int, code: str) -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        assert_refused(await browser.get(path), status, code)


async def test_an_unknown_desk_or_button_cannot_be_pressed() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        assert_refused(await browser.post("/api/v1/sites/hall/desks/99/open"), 404, "unknown-desk")
        assert_refused(await browser.post(f"{DESK}/explode"), 422, "bad-request")


async def test_all_desks_are_listed_in_the_lobbys_order() -> None:
    site = MemorySite()
    await site.submit(OpenDesk(desk="2", by="page"))
    async with a_browser(an_app(site)) as browser:
        desks = (await browser.get("/api/v1/sites/hall/desks")).json()
    assert [(desk["id"], desk["state"]) for desk in desks] == [("1", "closed"), ("2", "free")]


async def test_a_hub_that_stumbles_says_so_without_details() -> None:
    site = MemorySite()
    site.stumbles = True
    async with a_browser(an_app(site), raise_errors=False) as browser:
        problem = assert_refused(await browser.get("/api/v1/sites/hall"), 500)
    assert problem["code"] == "failed"
    assert "stumbled" not in problem["detail"]


async def test_health_and_metrics_are_told() -> None:
    site = MemorySite()
    async with a_browser(an_app(site)) as browser:
        well = await browser.get("/healthz")
        site.answer_always = Answer(outcome=Outcome.REFUSED, code=Code.UNAVAILABLE)
        failing = await browser.get("/healthz")
        metrics = await browser.get("/metrics")
    assert (well.status_code, failing.status_code, failing.json()) == (200, 503, {"status": "told"})
    assert (metrics.text, metrics.headers["content-type"]) == (
        "guichet_up 1\n",
        "text/plain; version=0.0.4; charset=utf-8",
    )


@pytest.mark.parametrize(
    "body",
    [
        '{"service": "passports"}'.encode("utf-16"),
        '{"service": "passports"}'.encode("utf-32"),
        b'{"service": "passports", "party_people": NaN}',
        b'{"service": "passports", "language": "\\ud800"}',
        b"[" * 60_000,
        b'{"service": "passports", "party_people": 1' + b"0" * 5_000 + b"}",
        b"\xff",
        b'{"service"',
    ],
)
async def test_a_body_that_is_no_json_in_utf_8_is_refused_whatever_else_it_is(body: bytes) -> None:
    site = MemorySite()
    async with a_browser(an_app(site)) as browser:
        answer = await browser.post(TICKETS, content=body, headers={"content-type": "application/json"})
    assert_refused(answer, 422, "bad-request")
    assert not site.day.tickets


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "This is not as it should be: party_people"),
        ("fr", "Ce n’est pas comme il faut : party_people"),
    ],
)
async def test_a_request_that_is_wrong_is_told_in_the_readers_language_and_to_programs_part_by_part(
    language: str, said: str
) -> None:
    async with a_browser(an_app(MemorySite()), language=language) as browser:
        problem = assert_refused(await browser.post(TICKETS, json={"service": "passports", "party_people": 0}), 422)
    assert problem["detail"] == said
    assert problem["facts"] == {"party_people": "Input should be greater than or equal to 1"}


async def test_a_method_that_is_none_of_an_address_is_told_which_are() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        answer = await browser.patch("/api/v1/tickets/x")
    assert_refused(answer, 405)
    assert answer.headers["allow"] == "DELETE, GET"


@pytest.mark.parametrize("until_at", [0, "0", "1700000000", 1.5, True])
async def test_an_instant_is_written_out(until_at: object) -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        answer = await browser.put(
            "/api/v1/sites/hall/notice", json={"text": {"en": "Wet floor"}, "until_at": until_at}
        )
    assert_refused(answer, 422, "bad-request")
