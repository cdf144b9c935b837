"""Appointments on the web: check in with a code on a phone, at a desk, over the API; the book for the office alone."""

import re
from datetime import date, timedelta

import pytest
from httpx import AsyncClient, Response

from hub.book.entries import FILE_BYTES_MAX
from hub.day.inputs import KnowAppointment
from hub.day.model import Ticket
from hub.keyring import Keyring
from hub.web.app import BODY_BYTES_MAX
from tests.books import StillBook
from tests.given import MONDAY_9H, a_lobby
from tests.sites import MemorySite, a_browser, a_visitor, an_app

KEYRING = Keyring(b"0123456789abcdef")
OFFICE = {"authorization": f"Bearer {KEYRING.office_token()}"}
CHECK_INS = "/api/v1/sites/hall/check-ins"
IMPORTS = "/api/v1/sites/hall/book/imports"
APPOINTMENTS = "/api/v1/sites/hall/book/appointments"
CODE = KEYRING.code("x")
SLOT = MONDAY_9H + timedelta(minutes=10)


async def a_site(*, admitted: bool = False) -> MemorySite:
    """With an appointment at ten past nine."""
    site = MemorySite(a_lobby(admitted=admitted))
    known = KnowAppointment(
        appointment="x", service="passports", slot_at=SLOT, code_hash=KEYRING.code_hash(CODE), party_people=2
    )
    await site.submit(known)
    return site


def ticket(site: MemorySite) -> Ticket:
    (issued,) = site.day.tickets.values()
    return issued


async def typed(browser: AsyncClient, code: str, page: str = "/hall/join") -> Response:
    """Open `page`, type `code` into its field, and send it."""
    form = re.search(
        r'<form method="post" action="([^"]+)" class="code[^>]*>(.*?)</form>', await text(browser, page), re.S
    )
    assert form, "there is no field for a code"
    request_id = re.search(r'name="request_id" value="([^"]+)"', form[2])
    assert request_id
    return await browser.post(form[1], data={"code": code, "request_id": request_id[1]})


async def text(browser: AsyncClient, page: str) -> str:
    return (await browser.get(page)).text


@pytest.mark.parametrize("code", [CODE, f" {CODE[:4].lower()}-{CODE[4:]} "])
async def test_a_visitor_checks_in_on_the_phone_and_is_shown_the_ticket(code: str) -> None:
    site = await a_site()
    async with a_browser(an_app(site), language="fr") as browser:
        answer = await typed(browser, code)
        assert answer.status_code == 303
        assert "A001" in await text(browser, answer.headers["location"])
        assert "A001" in await text(browser, "/hall/join"), "this browser finds its ticket again"
    assert (ticket(site).due_at, ticket(site).party_people, ticket(site).language) == (SLOT, 2, "fr")


async def test_a_wrong_code_is_told_and_can_be_corrected() -> None:
    site = await a_site()
    async with a_browser(an_app(site)) as browser:
        answer = await typed(browser, '"><b>K70F')
    assert answer.status_code == 404
    assert "No appointment of today has this code." in answer.text
    assert "&#34;&gt;&lt;b&gt;K70F" in answer.text
    assert '<details class="appointment" open>' in answer.text
    assert "?lang=fr" in answer.text
    assert "/hall/join?lang=fr" in answer.text
    assert site.day.tickets == {}


async def test_a_code_that_was_used_says_so() -> None:
    async with a_browser(an_app(await a_site())) as browser:
        await typed(browser, CODE)
        again = await typed(browser, CODE)
    assert again.status_code == 409
    assert "the number is A001." in again.text


async def test_the_same_form_sent_twice_is_one_ticket_and_another_code_another_wish() -> None:
    site = await a_site()
    form = {"code": CODE, "request_id": "a-wish-of-somebody"}
    async with a_browser(an_app(site)) as browser:
        wrong = await browser.post("/hall/check-in", data={**form, "code": "AAAA-AAAA"})
        answers = [await browser.post("/hall/check-in", data=form) for _ in "12"]
    assert wrong.status_code == 404
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(site.day.tickets) == 1


async def test_a_closed_lobby_has_a_field_for_whoever_is_expected_and_refuses_others() -> None:
    site = await a_site()
    site.after(12 * 3600)
    async with a_browser(an_app(site)) as browser:
        page = await text(browser, "/hall/join")
        assert ('name="code"' in page, 'name="service"' in page) == (True, False)
        assert (await browser.post("/hall/check-in", data={"code": CODE})).status_code == 409


async def test_staff_check_a_visitor_in_at_the_desk() -> None:
    site = await a_site(admitted=True)
    async with a_browser(an_app(site)) as browser:
        answer = await typed(browser, CODE, "/hall/desk/1")
        assert answer.status_code == 200
        assert "Checked in: A001" in answer.text
        again = await typed(browser, CODE, "/hall/desk/1")
        assert again.status_code == 409
        assert "the number is A001." in again.text
    assert not ticket(site).is_outside, "who stands at the desk is in the room"


async def test_the_desks_script_is_told_the_number_and_gets_a_new_request_id() -> None:
    form = {"code": CODE, "request_id": "a-wish-of-somebody"}
    async with a_browser(an_app(await a_site())) as browser:
        answer = await browser.post("/hall/desk/1/check-in", data=form, headers={"accept": "application/json"})
        done = answer.json()
        assert (done["said"], done["refused"]) == ("Checked in: A001", "")
        assert done["request_id"] not in ("", form["request_id"])
        assert (await browser.post("/hall/desk/99/check-in", data={"code": "x"})).status_code == 404


async def test_only_the_house_prints_slips_of_appointments() -> None:
    site, wish = await a_site(), {"code": CODE, "printer": "kiosk-1/printer"}
    async with a_visitor(an_app(site)) as stranger:
        assert (await stranger.post(CHECK_INS, json=wish)).status_code == 401
        assert site.day.tickets == {}
        assert (await stranger.post(CHECK_INS, json={"code": CODE})).status_code == 201
    assert ticket(site).printer == ""


async def test_the_api_checks_in() -> None:
    site = await a_site()
    wish = {"code": CODE, "language": "fr", "request_id": "a-wish-of-somebody"}
    async with a_browser(an_app(site)) as browser:
        issued = await browser.post(CHECK_INS, json=wish)
        again = await browser.post(CHECK_INS, json=wish)
        other = await browser.post(CHECK_INS, json={"code": CODE})
        unknown = await browser.post(CHECK_INS, json={"code": "nobody's"})
    assert (issued.status_code, issued.json()["number"]) == (201, "A001")
    assert again.json() == issued.json()
    assert (other.status_code, other.json()["code"], other.json()["facts"]) == (409, "checked-in", {"number": "A001"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-code")


async def test_guessing_leaves_no_trace() -> None:
    site = await a_site()
    before = await site.changed(-1)
    async with a_browser(an_app(site)) as browser:
        for n in range(20):
            await browser.post(CHECK_INS, json={"code": f"AAAA-AA{n:02}", "request_id": f"a-guess-of-mine-{n:02}"})
    assert site.submitted == 1, "only the appointment itself was ever submitted"
    assert await site.changed(-1) == before


@pytest.mark.parametrize("said", ["", "Bearer ", "Bearer x", "Basic eDp4"])
async def test_the_book_is_shut_to_everybody_but_the_office(said: str) -> None:
    book, headers = StillBook(), {"authorization": said}
    async with a_browser(an_app(MemorySite(), book=book)) as browser:
        for answer in (
            await browser.post(IMPORTS, content=b"x", headers=headers),
            await browser.get(APPOINTMENTS, headers=headers),
        ):
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
            assert "Zoé" not in answer.text
    assert (book.given, book.days) == ([], [])


async def test_the_office_imports_a_file_and_is_told_of_each_entry() -> None:
    book = StillBook()
    async with a_browser(an_app(MemorySite(), book=book)) as browser:
        answer = await browser.post(IMPORTS, content=b"uid\n", headers=OFFICE)
        await browser.post(f"{IMPORTS}?source=week.csv&keep_missing=true", content=b"", headers=OFFICE)
    assert answer.status_code == 200
    assert answer.json()["refused"] == [{"line": 3, "uid": "", "what": "no day", "do": "mend it"}]
    assert book.given == [(4, "api", False), (0, "week.csv", True)]


async def test_a_file_may_be_larger_than_a_form_and_no_larger_than_is_read() -> None:
    book = StillBook()
    async with a_browser(an_app(MemorySite(), book=book)) as browser:
        large = await browser.post(IMPORTS, content=b"x" * (BODY_BYTES_MAX + 1), headers=OFFICE)
        too_large = await browser.post(IMPORTS, content=b"x" * (FILE_BYTES_MAX + 2), headers=OFFICE)
    assert (large.status_code, too_large.status_code) == (200, 413)
    assert book.given == [(BODY_BYTES_MAX + 1, "api", False)]


async def test_the_office_lists_a_day_with_its_codes() -> None:
    book = StillBook()
    async with a_browser(an_app(MemorySite(), book=book)) as browser:
        listed = await browser.get(f"{APPOINTMENTS}?day=2026-03-02", headers=OFFICE)
        await browser.get(APPOINTMENTS, headers=OFFICE)
        wrong = await browser.get(f"{APPOINTMENTS}?day=soon", headers=OFFICE)
    assert listed.json()["appointments"][0]["code"] == "K70F2M1X"
    assert book.days == [date(2026, 3, 2), None]
    assert wrong.status_code == 422


async def test_a_book_that_cannot_be_read_is_a_service_unavailable() -> None:
    book = StillBook()
    book.is_gone = True
    async with a_browser(an_app(MemorySite(), book=book)) as browser:
        answers = [await browser.post(IMPORTS, headers=OFFICE), await browser.get(APPOINTMENTS, headers=OFFICE)]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(503, "unavailable")] * 2


async def test_a_site_without_a_book_says_so_to_the_office() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        assert (await browser.get(APPOINTMENTS, headers=OFFICE)).status_code == 404
