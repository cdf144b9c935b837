"""Joining by phone proves that somebody is here: the sign's code becomes a pass, and the pass becomes a ticket."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response

import words
from hub.day.inputs import KnowAppointment
from hub.day.refusal import Code
from hub.door_codes import LATE_S, PASS_S
from hub.keyring import Keyring
from hub.web.limits import Kind
from tests.given import a_lobby
from tests.sites import MemorySite, a_browser, a_visitor, an_app
from wire import door_code
from words.refusals import sentence

JOIN = "/hall/join"
KEYRING = Keyring(b"0123456789abcdef")
"""That of the application."""
STEP_S = 30
REFUSALS = (Code.DOOR_CODE_NEEDED, Code.DOOR_CODE_OLD, Code.DOOR_CODE_UNKNOWN, Code.DOOR_CODE_USED_UP)


def a_site(*, joins_max: int = 30, without_sign: bool = False) -> MemorySite:
    lobby = a_lobby(door_code="rotating", languages=("en", "fr", "de", "it"))
    lobby = replace(lobby, site=replace(lobby.site, door_code_joins_max=joins_max))
    if without_sign:
        lobby = replace(lobby, devices=tuple(it for it in lobby.devices if it.kind != "sign"))
    return MemorySite(lobby)


def shown(site: MemorySite, at: datetime | None = None) -> str:
    """What the sign shows now, or then."""
    assert site.day.day is not None
    secret = KEYRING.door_secret("hall", "door-1/sign", site.day.day)
    return door_code.code_of(secret, STEP_S, door_code.step_at(at or site.now, STEP_S))


def hidden(page: Response) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(request_id|pass)" value="([^"]+)"', page.text))


def refusal(page: Response) -> str:
    found = re.search(r'data-code="([a-z-]+)"', page.text)
    return found[1] if found else ""


async def scan(browser: AsyncClient, site: MemorySite) -> Response:
    return await browser.get(JOIN, params={"code": shown(site)})


async def take(browser: AsyncClient, page: Response) -> Response:
    return await browser.post(JOIN, data={"service": "passports", **hidden(page)})


async def test_who_scans_the_code_takes_a_ticket() -> None:
    site = a_site()
    async with a_browser(an_app(site)) as browser:
        page = await scan(browser, site)
        assert "What have you come for?" in page.text
        assert (await take(browser, page)).status_code == 303
    assert [ticket.number for ticket in site.day.tickets.values()] == ["A001"]


async def test_who_opens_the_address_alone_is_told_where_the_code_is_and_can_type_it() -> None:
    site = a_site()
    async with a_browser(an_app(site)) as browser:
        page = await browser.get(JOIN)
        assert page.status_code == 200
        assert "The sign at the door shows a code." in page.text
        assert "Passports" not in page.text
        assert re.search(r'<form method="get" action="/hall/join"[^>]*>\s*<label for="door-code">', page.text)
        typed = door_code.shown(shown(site))
        assert "Passports" in (await browser.get(JOIN, params={"code": f" {typed} "})).text


async def test_nobody_takes_a_ticket_without_having_looked_at_the_sign() -> None:
    site = a_site()
    async with a_browser(an_app(site)) as browser:
        for data in ({"service": "passports"}, {"service": "passports", "pass": "made.up"}):
            answer = await browser.post(JOIN, data=data)
            assert (answer.status_code, refusal(answer)) == (403, Code.DOOR_CODE_NEEDED)
        assert refusal(await browser.post("/hall/check-in", data={"code": "ABCD"})) == Code.DOOR_CODE_NEEDED
    assert not site.day.tickets


@pytest.mark.parametrize("keeps_cookies", [True, False])
async def test_a_code_is_exchanged_for_ten_minutes(keeps_cookies: bool) -> None:
    site = a_site()
    async with a_browser(an_app(site)) as browser:
        page = await scan(browser, site)
        site.after(PASS_S - 1)
        if not keeps_cookies:
            browser.cookies.clear()
        else:
            assert "Passports" in (await browser.get(JOIN)).text, "also without its code"
        assert (await take(browser, page)).status_code == 303
        browser.cookies.delete("ticket")
        site.after(1)
        assert refusal(await take(browser, page)) == Code.DOOR_CODE_NEEDED
        assert "Passports" not in (await browser.get(JOIN)).text


async def test_the_cookie_of_a_pass_is_for_this_lobby_alone_and_no_script_reads_it() -> None:
    site = a_site()
    async with a_browser(an_app(site)) as browser:
        cookie = (await scan(browser, site)).headers["set-cookie"]
        assert "pass=" in cookie
        for property_ in ("HttpOnly", "Path=/hall", f"Max-Age={PASS_S}", "SameSite=lax"):
            assert property_ in cookie
        assert "set-cookie" not in (await browser.get(JOIN)).headers, "it is not prolonged"


async def test_an_old_code_is_refused_and_a_pass_that_was_had_for_it_is_not() -> None:
    site = a_site()
    old = shown(site)
    async with a_browser(an_app(site)) as late, a_browser(an_app(site)) as early:
        await scan(early, site)
        site.after(STEP_S + LATE_S)
        answer = await late.get(JOIN, params={"code": old})
        assert (answer.status_code, refusal(answer)) == (403, Code.DOOR_CODE_OLD)
        assert "Passports" in (await early.get(JOIN, params={"code": old})).text


async def test_a_foreign_code_is_refused() -> None:
    site = a_site()
    yesterdays = KEYRING.door_secret("hall", "door-1/sign", site.now.date() - timedelta(days=1))
    foreign = door_code.code_of(yesterdays, STEP_S, door_code.step_at(site.now, STEP_S))
    async with a_browser(an_app(site)) as browser:
        for code in (foreign, "12345678", "no code at all", "1" * 5_000):
            answer = await browser.get(JOIN, params={"code": code})
            assert (answer.status_code, refusal(answer)) == (403, Code.DOOR_CODE_UNKNOWN)


async def test_so_many_tickets_are_had_with_one_code_and_with_the_next_one_as_many() -> None:
    site = a_site(joins_max=2)
    app = an_app(site)
    page = await _scanned(app, site)
    for _ in range(2):
        assert (await _take_with_another_phone(app, page)).status_code == 303
    answer = await _take_with_another_phone(app, page)
    assert (answer.status_code, refusal(answer)) == (403, Code.DOOR_CODE_USED_UP)
    async with a_browser(app) as browser:
        assert refusal(await scan(browser, site)) == Code.DOOR_CODE_USED_UP
        site.after(STEP_S)
        assert (await take(browser, await scan(browser, site))).status_code == 303
    assert len(site.day.tickets) == 3


async def test_a_wish_that_is_repeated_uses_a_code_once() -> None:
    site = a_site(joins_max=1)
    async with a_browser(an_app(site)) as browser:
        page = await scan(browser, site)
        places = {(await take(browser, page)).headers["location"] for _ in range(3)}
    assert len(places) == 1
    assert list(site.day.door_joins.values()) == [1]


async def test_a_used_up_code_stays_so_when_the_hub_is_started_again() -> None:
    site = a_site(joins_max=1)
    page = await _scanned(an_app(site), site)
    assert (await _take_with_another_phone(an_app(site), page)).status_code == 303
    assert refusal(await _take_with_another_phone(an_app(site), page)) == Code.DOOR_CODE_USED_UP


async def test_a_closed_lobby_says_that_it_is_closed_and_lets_who_is_expected_check_in() -> None:
    site = a_site()
    site.now = site.now.replace(hour=7, minute=30)
    slot_at = site.now.replace(hour=8, minute=15)
    await site.submit(
        KnowAppointment(
            appointment="a1", service="permits", slot_at=slot_at, code_hash=KEYRING.code_hash(KEYRING.code("a1"))
        )
    )
    async with a_browser(an_app(site)) as browser:
        page = await browser.get(JOIN)
        assert "We open today at 08:00." in page.text
        assert refusal(await browser.post(JOIN, data={"service": "passports"})) == Code.CLOSED
        form = {"code": KEYRING.code("a1"), **hidden(page)}
        assert (await browser.post("/hall/check-in", data=form)).status_code == 303


async def test_who_has_an_appointment_checks_in_after_having_looked_at_the_sign() -> None:
    site = a_site()
    slot_at = site.now + timedelta(minutes=5)
    await site.submit(
        KnowAppointment(
            appointment="a1", service="permits", slot_at=slot_at, code_hash=KEYRING.code_hash(KEYRING.code("a1"))
        )
    )
    async with a_browser(an_app(site)) as browser:
        form = {"code": KEYRING.code("a1"), **hidden(await scan(browser, site))}
        assert (await browser.post("/hall/check-in", data=form)).status_code == 303


async def test_codes_cannot_be_tried_out() -> None:
    site = a_site()
    async with a_visitor(an_app(site)) as browser:
        codes = [f"{n:08}" for n in range(Kind.DOOR_CODE.value[0].burst)]
        for code in codes:
            assert (await browser.get(JOIN, params={"code": code})).status_code == 403
        more = [(await browser.get(JOIN, params={"code": shown(site)})).status_code for _ in codes]
    assert 429 in more, "not even the right one"


@pytest.mark.parametrize("path", ["tickets", "check-ins"])
async def test_a_program_takes_no_ticket_for_somebody_who_may_not_be_here(path: str) -> None:
    site = a_site()
    async with a_visitor(an_app(site)) as program:
        wish = {"service": "passports"} if path == "tickets" else {"code": KEYRING.code("a1")}
        answer = await program.post(f"/api/v1/sites/hall/{path}", json=wish)
    assert (answer.status_code, answer.json()["code"]) == (403, Code.DOOR_CODE_NEEDED)
    assert not site.day.tickets


async def test_staff_and_programs_of_the_house_need_no_code() -> None:
    async with a_browser(an_app(a_site())) as staff:
        answer = await staff.post("/api/v1/sites/hall/tickets", json={"service": "passports"})
    assert answer.status_code == 201


async def test_a_lobby_without_a_sign_gives_its_tickets_inside() -> None:
    async with a_browser(an_app(a_site(without_sign=True))) as browser:
        page = await browser.get(JOIN)
    assert "Tickets are given inside" in page.text
    assert "door-code" not in page.text


async def test_where_the_address_is_printed_no_code_is_asked_for() -> None:
    site = MemorySite(a_lobby(door_code="printed"))
    async with a_browser(an_app(site)) as browser:
        page = await browser.get(JOIN)
        assert "set-cookie" not in page.headers
        assert (await take(browser, page)).status_code == 303


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("code", REFUSALS)
def test_each_refusal_says_in_each_language_what_to_do(code: Code, language: str) -> None:
    said = sentence(code, {}, language)
    sign = {"en": "look at the sign", "fr": "Regardez", "de": "schauen Sie", "it": "Guardi"}[language]
    assert sign in said or {"it": "guardi", "fr": "regardez"}.get(language, sign) in said


async def _scanned(app: FastAPI, site: MemorySite) -> Response:
    async with a_browser(app) as browser:
        return await scan(browser, site)


async def _take_with_another_phone(app: FastAPI, page: Response) -> Response:
    """With the pass of `page`, which somebody else may have sent on, and a wish of its own."""
    async with a_browser(app) as browser:
        return await browser.post(JOIN, data={"service": "passports", "pass": hidden(page)["pass"]})
