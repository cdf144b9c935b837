"""Who gets where: every route and its right, sessions and their cookie, forms of foreign pages, and crowds."""

import asyncio
import re

import pytest
from fastapi.routing import APIRoute
from httpx import AsyncClient, Response
from starlette.requests import Request
from starlette.routing import Route

from hub.accounts.office import LINK_LASTS, Office
from hub.accounts.records import Account
from hub.accounts.rights import SCOPES, Right, Role
from hub.accounts.sessions import ROTATES
from hub.web import limits
from hub.web.gate import address_of
from hub.web.limits import BUCKETS_MAX, Kind, Limits
from simulator.asgi_client import AsgiClient
from simulator.clock import Now, run_virtual
from tests.accounts import PASSWORD, STAFF_TOKEN, MemoryStore, an_office
from tests.given import MONDAY_9H
from tests.sites import MemorySite, a_visitor, an_app

OWN = {"sec-fetch-site": "same-origin"}
"""What browsers say of the forms of our own pages."""
PAGE = {"accept": "text/html,*/*"}
TICKETS = "/api/v1/sites/hall/tickets"
NEXT = "/api/v1/sites/hall/desks/1/next"

FOR_EVERYBODY = {
    ("GET", "/"), ("GET", "/healthz"), ("GET", "/static/{name}"), ("GET", "/api/v1/openapi.json"),
    ("GET", "/t/{token}"), ("GET", "/t/{token}/live"), ("GET", "/t/{token}/give-back"),
    ("POST", "/t/{token}/give-back"), ("POST", "/t/{token}/back"),
    ("GET", "/{site}/join"), ("POST", "/{site}/join"), ("POST", "/{site}/check-in"),
    ("GET", "/sign-in"), ("POST", "/sign-in"), ("POST", "/sign-out"),
    ("GET", "/sign-in/elsewhere"), ("GET", "/sign-in/back"),
    ("GET", "/welcome/{token}"), ("POST", "/welcome/{token}"),
    ("GET", "/api/v1/sites"), ("GET", "/api/v1/sites/{site}"), ("POST", "/api/v1/sites/{site}/tickets"),
    ("POST", "/api/v1/sites/{site}/check-ins"), ("GET", "/api/v1/tickets/{token}"),
    ("DELETE", "/api/v1/tickets/{token}"), ("POST", "/api/v1/tickets/{token}/resume"),
    ("POST", "/api/v1/enrolments"), ("POST", "/api/v1/renewals"),
}  # fmt: skip
"""All that visitors, kiosks and load balancers need, where one signs in, and where a node proves by itself who it is.
Whatever is not here needs a right."""

PARTS = {"site": "hall", "desk": "1", "room": "main", "service": "passports", "number": "A001", "action": "next"}


def routes() -> list[tuple[str, str]]:
    """Method and path of everything that the hub answers."""
    app = an_app(MemorySite())
    found = [route for route in app.routes if isinstance(route, Route | APIRoute)]
    return sorted({(method, it.path) for it in found for method in (it.methods or ()) if method != "HEAD"})


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def site() -> MemorySite:
    return MemorySite()


@pytest.fixture
def office(site: MemorySite, store: MemoryStore) -> Office:
    return an_office(store=store, now=lambda: site.now)


async def a_colleague(office: Office, name: str, *roles: Role, sites: tuple[str, ...] = ()) -> Account:
    added = await office.add_account(name, roles, sites, "test")
    assert isinstance(added, Account)
    account = await office.use_link(await office.register.offer_link(name, "test", LINK_LASTS), "", PASSWORD)
    assert isinstance(account, Account)
    return account


NEW_PASSWORD = "seven purple staplers hum"


async def signs_in(browser: AsyncClient, name: str, onward: str = "", password: str = PASSWORD) -> Response:
    form = {"name": name, "password": password, "next": onward}
    return await browser.post("/sign-in", data=form, headers=OWN)


# --- routes ------------------------------------------------------------------------------------------------------


def test_what_is_for_everybody_is_there() -> None:
    assert set(routes()) >= FOR_EVERYBODY - {("GET", "/sign-in/elsewhere"), ("GET", "/sign-in/back")}


@pytest.mark.parametrize(("method", "path"), [it for it in routes() if it not in FOR_EVERYBODY])
async def test_whatever_is_not_for_everybody_is_for_nobody_we_do_not_know(
    site: MemorySite, method: str, path: str
) -> None:
    where = re.sub(r"\{(\w+)\}", lambda part: PARTS.get(part[1], "x"), path)
    async with a_visitor(an_app(site)) as stranger:
        for authorization in ("", "Bearer nobodys", "Bearer ", "Basic eDp4"):
            answer = await stranger.request(method, where, headers={"authorization": authorization, **OWN})
            assert answer.status_code == 401, (method, where)
            assert answer.headers["www-authenticate"] == "Bearer"
    assert site.submitted == 0


async def test_a_person_is_led_to_where_one_signs_in_and_back(site: MemorySite, office: Office) -> None:
    await a_colleague(office, "mia", Role.STAFF)
    async with a_visitor(an_app(site, office=office)) as browser:
        asked = await browser.get("/hall/desk/1?x=y", headers=PAGE)
        assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=%2Fhall%2Fdesk%2F1%3Fx%3Dy")
        assert 'value="/hall/desk/1?x=y"' in (await browser.get(asked.headers["location"])).text
        done = await signs_in(browser, " MIA ", "/hall/desk/1?x=y")
        assert (done.status_code, done.headers["location"]) == (303, "/hall/desk/1?x=y")
        assert (await browser.get("/hall/desk/1")).status_code == 200
        again = await browser.get("/sign-in?next=/hall/desks")
        assert (again.status_code, again.headers["location"]) == (303, "/hall/desks")


@pytest.mark.parametrize(
    "onward", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nb: c", "x"]
)
async def test_nobody_is_led_away_after_signing_in(site: MemorySite, office: Office, onward: str) -> None:
    await a_colleague(office, "mia", Role.STAFF)
    async with a_visitor(an_app(site, office=office)) as browser:
        assert (await signs_in(browser, "mia", onward)).headers["location"] == "/account"


PAGES = {"desks": "/hall/desks", "desk": "/hall/desk/1", "day": "/hall/today", "rooms": "/hall/facilities"}
PAGES |= {"metrics": "/metrics", "accounts": "/accounts", "tokens": "/tokens", "acts": "/acts", "own": "/account"}


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.STAFF, {"desks", "desk", "day", "own"}),
        (Role.MANAGER, {"desks", "desk", "day", "rooms", "metrics", "own"}),
        (Role.FACILITIES, {"day", "rooms", "metrics", "own"}),
        (Role.ADMIN, {"metrics", "accounts", "tokens", "acts", "own"}),
    ],
)
async def test_a_role_opens_its_pages_and_no_others(
    site: MemorySite, office: Office, role: Role, may: set[str]
) -> None:
    await a_colleague(office, "mia", role)
    async with a_visitor(an_app(site, office=office)) as browser:
        await signs_in(browser, "mia")
        answers = {name: (await browser.get(path, headers=PAGE)).status_code for name, path in PAGES.items()}
    assert {name for name, status in answers.items() if status == 200} == may
    assert {status for name, status in answers.items() if name not in may} == {403}


async def test_a_limit_is_not_for_staff_but_a_notice_is(site: MemorySite, office: Office) -> None:
    await a_colleague(office, "mia", Role.STAFF)
    async with a_visitor(an_app(site, office=office)) as browser:
        await signs_in(browser, "mia")
        limit, notice = "/api/v1/sites/hall/rooms/main/limit", "/api/v1/sites/hall/notice"
        refused = await browser.put(limit, json={"limit_people": 3}, headers=OWN)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert (await browser.put(notice, json={"text": {"en": "Lift"}}, headers=OWN)).status_code == 200


async def test_an_account_of_one_site_is_nobody_at_another(office: Office, site: MemorySite) -> None:
    await a_colleague(office, "mia", Role.STAFF, sites=("annex",))
    async with a_visitor(an_app(site, office=office)) as browser:
        await signs_in(browser, "mia")
        assert (await browser.get("/hall/desks")).status_code == 403
        assert "/hall/desks" not in (await browser.get("/account")).text


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_token_opens_what_its_scope_says(site: MemorySite, office: Office, scope: Right) -> None:
    token = await office.add_token("clock", (scope,), (), None, "ada")
    asked = {
        Right.DESKS: "/api/v1/sites/hall/desks",
        Right.DAY: "/hall/today",
        Right.ROOMS: "/api/v1/sites/hall/rooms",
        Right.SAFETY: "/api/v1/sites/hall/rooms/report/2026-03-02",
        Right.BOOK: "/api/v1/sites/hall/book/appointments",
        Right.HEALTH: "/metrics",
        Right.NODES: "/api/v1/nodes",
    }
    async with a_visitor(an_app(site, office=office)) as program:
        program.headers["authorization"] = f"Bearer {token}"
        opened = {right for right, path in asked.items() if (await program.get(path)).status_code in (200, 404)}
        # The site has no book and the hub is no authority, which only who may read them is told.
    assert opened == {scope} & set(asked)


# --- sessions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base_url", "name", "attributes"),
    [
        ("http://hub.test", "guichet", "Path=/; HttpOnly; SameSite=Lax"),
        ("https://hub.test", "__Host-guichet", "Path=/; HttpOnly; SameSite=Lax; Secure"),
    ],
)
async def test_no_script_and_no_other_site_gets_the_cookie(
    site: MemorySite, office: Office, base_url: str, name: str, attributes: str
) -> None:
    await a_colleague(office, "mia", Role.STAFF)
    async with a_visitor(an_app(site, office=office), base_url=base_url) as browser:
        answer = await signs_in(browser, "mia")
        assert re.fullmatch(rf"{name}=[\w-]+; {attributes}", answer.headers["set-cookie"])
        assert ("strict-transport-security" in answer.headers) == base_url.startswith("https")
        assert (await browser.get("/hall/desks")).status_code == 200


async def test_a_wrong_password_is_told_and_begins_nothing(site: MemorySite, office: Office) -> None:
    await a_colleague(office, "mia", Role.STAFF)
    async with a_visitor(an_app(site, office=office)) as browser:
        for name, password in (("mia", "wrong horse"), ("nobody", PASSWORD), ("", "")):
            answer = await signs_in(browser, name, "/hall/desks", password)
            assert answer.status_code == 422
            assert "This name and this password do not belong together." in answer.text
            assert "set-cookie" not in answer.headers
            assert 'value="/hall/desks"' in answer.text


async def test_the_cookie_changes_while_somebody_works(site: MemorySite, office: Office) -> None:
    await a_colleague(office, "mia", Role.STAFF)
    async with a_visitor(an_app(site, office=office)) as browser:
        await signs_in(browser, "mia")
        before = browser.cookies["guichet"]
        assert "set-cookie" not in (await browser.get("/hall/desks")).headers
        site.after(ROTATES.total_seconds())
        answer = await browser.get("/hall/desks")
        assert answer.headers["set-cookie"].endswith("; Path=/; HttpOnly; SameSite=Lax")
        assert browser.cookies["guichet"] != before
        assert (await browser.get("/hall/desks")).status_code == 200


async def test_signing_in_again_ends_what_the_browser_had(site: MemorySite, office: Office) -> None:
    await a_colleague(office, "mia", Role.STAFF)
    async with a_visitor(an_app(site, office=office)) as browser:
        await signs_in(browser, "mia")
        planted = browser.cookies["guichet"]
        await signs_in(browser, "mia")
        assert browser.cookies["guichet"] != planted
    assert await office.register.browser(planted) is None


async def test_who_signs_out_is_out_and_the_cookie_is_gone(site: MemorySite, office: Office) -> None:
    await a_colleague(office, "mia", Role.STAFF)
    async with a_visitor(an_app(site, office=office)) as browser:
        await signs_in(browser, "mia")
        kept = browser.cookies["guichet"]
        page = (await browser.get("/hall/desks")).text
        assert '<form class="me" method="post" action="/sign-out">' in page
        out = await browser.post("/sign-out", headers=OWN)
        assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
        assert "Max-Age=0" in out.headers["set-cookie"]
        assert (await browser.get("/hall/desks", headers={"cookie": f"guichet={kept}"})).status_code == 401


async def test_who_is_disabled_is_out_with_the_next_request(site: MemorySite, office: Office) -> None:
    await a_colleague(office, "mia", Role.STAFF)
    async with a_visitor(an_app(site, office=office)) as browser:
        await signs_in(browser, "mia")
        await office.change_account("mia", "ada", is_disabled=True)
        answer = await browser.post(NEXT, headers=OWN)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
        assert (await signs_in(browser, "mia")).status_code == 422


# --- pages of others ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"origin": "http://hub.test"}, True),
        ({}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "null"}, False),
    ],
)
async def test_a_form_with_a_cookie_must_prove_to_be_ours(
    site: MemorySite, office: Office, headers: dict[str, str], is_ours: bool
) -> None:
    await a_colleague(office, "mia", Role.STAFF)
    form = {"seen": "0", "request_id": "request-number-1"}
    async with a_visitor(an_app(site, office=office)) as browser:
        await signs_in(browser, "mia")
        answer = await browser.post("/hall/desk/1/open", data=form, headers=headers)
    assert (answer.status_code != 403) == is_ours
    assert site.submitted == is_ours


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/welcome/x", "/account", "/accounts", "/tokens"])
async def test_nobody_is_signed_in_or_out_or_changed_by_a_foreign_form(
    site: MemorySite, office: Office, store: MemoryStore, path: str
) -> None:
    await a_colleague(office, "ada", *Role)
    async with a_visitor(an_app(site, office=office)) as browser:
        await signs_in(browser, "ada")
        before = len(store.noted)
        answer = await browser.post(path, data={"name": "ada", "password": PASSWORD})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
    assert len(store.noted) == before


# --- in whose name -----------------------------------------------------------------------------------------------


async def test_what_somebody_does_is_done_in_that_name(site: MemorySite, office: Office) -> None:
    await a_colleague(office, "mia", Role.STAFF)
    form = {"seen": "0", "request_id": "request-number-1"}
    async with a_visitor(an_app(site, office=office)) as browser:
        await signs_in(browser, "mia")
        await browser.post("/hall/desk/1/open", data=form, headers=OWN)
        await browser.post("/hall/join", data={"service": "passports"})
        del browser.cookies["guichet"]
        await browser.post(NEXT, headers={"authorization": f"Bearer {STAFF_TOKEN}"})
    assert site.done_for == ["mia", "", "token:staff"]


# --- crowds ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "kind", "wish", "said"),
    [
        (TICKETS, Kind.JOIN, {"service": "passports"}, "json"),
        ("/api/v1/sites/hall/check-ins", Kind.CHECK_IN, {"code": "ABCD-EFGH"}, "json"),
        ("/hall/join", Kind.JOIN, {"service": "passports"}, "form"),
        ("/hall/check-in", Kind.CHECK_IN, {"code": "ABCD-EFGH"}, "form"),
    ],
)
async def test_an_address_that_asks_on_and_on_is_asked_to_wait(
    site: MemorySite, monkeypatch: pytest.MonkeyPatch, path: str, kind: Kind, wish: dict[str, str], said: str
) -> None:
    per_address, _ = kind.value
    # However slow the machine is, nobody is forgiven meanwhile.
    monkeypatch.setattr(limits, "_now_s", lambda: 0.0)
    async with a_visitor(an_app(site)) as browser:
        answers = [await browser.post(path, **{"json" if said == "json" else "data": wish}) for _ in range(70)]  # type: ignore[arg-type]
        statuses = [it.status_code for it in answers]
        assert statuses.index(429) == per_address.burst
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert "Very many are asking at this moment. Please wait a little and try again." in answers[-1].text
        if said == "json":
            assert answers[-1].json()["code"] == "too-often"
        program = await browser.post(path, **{"json" if said == "json" else "data": wish, "headers": TOKEN})  # type: ignore[arg-type]
        assert program.status_code != 429, "a program with a token for tickets is not held back"


TOKEN = {"authorization": f"Bearer {STAFF_TOKEN}"}


def test_a_crowd_at_many_phones_gets_its_tickets_and_after_a_while_so_does_an_address() -> None:
    async def story(now: Now) -> None:
        site = MemorySite()
        client = AsgiClient(an_app(site))
        burst = Kind.JOIN.value[1].burst
        answers = [await client.post(TICKETS, json_body={"service": "passports"}) for _ in range(burst + 1)]
        assert [it.status for it in answers] == [201] * burst + [429], "a site has a limit too"
        wait_s = int(answers[-1].headers["retry-after"])
        await asyncio.sleep(wait_s)
        assert (await client.post(TICKETS, json_body={"service": "passports"})).status == 201

    run_virtual(story, seed=1, start_at=MONDAY_9H)


async def test_guessing_passwords_is_slow(site: MemorySite, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_now_s", lambda: 0.0)
    await a_colleague(office, "mia", Role.STAFF)
    async with a_visitor(an_app(site, office=office)) as browser:
        guesses = [await signs_in(browser, "mia", password=f"guess {n}") for n in range(11)]
        assert [it.status_code for it in guesses] == [422] * 10 + [429]
        assert int(guesses[-1].headers["retry-after"]) > 30
        assert (await signs_in(browser, "mia")).status_code == 429, "even the right one, or it could be told apart"
    async with a_visitor(an_app(site, office=office)) as browser:
        guesses = [await signs_in(browser, "nobody", password=f"guess {n}") for n in range(11)]
        assert [it.status_code for it in guesses] == [422] * 10 + [429], "a name that nobody has looks the same"
        names = [await signs_in(browser, f"name-{n}") for n in range(11)]
        assert names[-1].status_code == 429, "names are guessed as slowly"


async def test_guessing_the_password_of_a_page_that_was_left_open_is_as_slow(
    site: MemorySite, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_now_s", lambda: 0.0)
    await a_colleague(office, "mia", Role.STAFF)
    async with a_visitor(an_app(site, office=office)) as browser:
        await signs_in(browser, "mia")
        forms = ({"old": f"guess {n}", "password": NEW_PASSWORD, "again": NEW_PASSWORD} for n in range(11))
        guesses = [(await browser.post("/account", data=form, headers=OWN)).status_code for form in forms]
        assert guesses == [422] * 10 + [429]
        right = {"old": PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD}
        assert (await browser.post("/account", data=right, headers=OWN)).status_code == 429
        assert (await signs_in(browser, "mia")).status_code == 429, "they are counted together"


async def test_signing_in_rightly_is_never_too_often(site: MemorySite, office: Office) -> None:
    await a_colleague(office, "mia", Role.STAFF)
    async with a_visitor(an_app(site, office=office)) as browser:
        assert {(await signs_in(browser, "mia")).status_code for _ in range(40)} == {303}


@pytest.mark.parametrize(
    ("client", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:0db8:0001:0002"),
        ("lobby", "lobby"),
    ],
)
def test_an_address_is_that_of_a_machine_or_of_a_network_of_its_own(client: str, address: str) -> None:
    assert address_of(Request({"type": "http", "client": (client, 0)})) == address


async def test_what_is_remembered_of_addresses_is_bounded() -> None:
    limits = Limits()
    rate = Kind.JOIN.value[0]
    for n in range(BUCKETS_MAX + 10):
        limits.take(Kind.JOIN, str(n), rate)
    assert len(limits._buckets) == BUCKETS_MAX  # noqa: SLF001


# --- how the hub is ----------------------------------------------------------------------------------------------


async def test_everybody_may_know_whether_the_hub_is_well_and_no_more(site: MemorySite, office: Office) -> None:
    told: dict[str, object] = {"status": "degraded", "role": "owner", "reasons": ["site hall: node kiosk-1 is lost"]}
    app = an_app(site, office=office, health=told)
    async with a_visitor(app) as browser:
        assert (await browser.get("/healthz")).json() == {"status": "degraded", "role": "owner"}
        assert (await browser.get("/healthz", headers=TOKEN)).json() == told
        await a_colleague(office, "mia", Role.STAFF)
        await signs_in(browser, "mia")
        assert "reasons" not in (await browser.get("/healthz")).json()
