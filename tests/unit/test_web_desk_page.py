"""The desk's page without a script, and what its script asks for."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from httpx import AsyncClient, Response

from hub.day.inputs import CheckIn, IssueTicket, KnowAppointment, MergeTickets, OpenDesk
from hub.day.lobby import Priority
from hub.web.pages.desk import BUTTONS
from hub.web.wishes import Action
from tests.given import a_lobby
from tests.sites import MemorySite, a_browser, an_app
from wire.messages import Key

DESK = "/hall/desk/1"


async def a_morning(*, waiting: int = 2, open_desk: bool = True) -> MemorySite:
    site = MemorySite()
    for n in range(waiting):
        await site.submit(
            IssueTicket(ticket=f"t{n}", token_hash=f"h{n}", service="passports", language="fr", channel="phone")
        )
    if open_desk:
        await site.submit(OpenDesk(desk="1", by="page"))
    return site


def fields(html: str) -> dict[str, str]:
    """The hidden fields of the form, as a browser would send them."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))


async def press(browser: AsyncClient, action: str) -> Response:
    return await browser.post(f"{DESK}/{action}", data=fields((await browser.get(DESK)).text))


async def test_next_calls_and_shows_the_ticket() -> None:
    async with a_browser(an_app(await a_morning())) as browser:
        pressed = await press(browser, "next")
        page = (await browser.get(DESK)).text
    assert (pressed.status_code, pressed.headers["location"]) == (303, DESK)
    assert re.search(r'<p class="number">A001</p>', page)
    assert "French" in page


async def test_a_form_that_was_sent_twice_calls_one_visitor() -> None:
    site = await a_morning()
    async with a_browser(an_app(site)) as browser:
        form = fields((await browser.get(DESK)).text)
        answers = [await browser.post(f"{DESK}/next", data=form) for _ in "12"]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert site.day.services["passports"].tickets_called == 1


async def test_a_page_that_is_no_longer_true_is_refused_with_a_sentence_and_shown_anew() -> None:
    site = await a_morning()
    async with a_browser(an_app(site)) as browser:
        old = fields((await browser.get(DESK)).text)
        await press(browser, "next")
        late = await browser.post(f"{DESK}/next", data=old | {"request_id": "another-clerk-presses"})
    assert late.status_code == 409
    assert "The desk has changed meanwhile. Please look again." in late.text
    assert "A001" in late.text
    assert fields(late.text)["seen"] != old["seen"]
    assert f'content="15; url={DESK}"' in late.text


async def test_the_script_gets_the_fragment_and_the_sentence() -> None:
    async with a_browser(an_app(await a_morning(waiting=0))) as browser:
        form = fields((await browser.get(DESK)).text)
        answer = await browser.post(f"{DESK}/next", data=form, headers={"accept": "application/json"})
    body = answer.json()
    assert body["refused"] == "Nobody is waiting."
    assert body["fragment"].lstrip().startswith('<div class="alarms"')
    assert fields(body["fragment"])["request_id"] != form["request_id"], "the next press is another wish"


@pytest.mark.parametrize(
    ("seen", "request_id"), [("", ""), ("x", "a-wish-of-somebody"), ("9" * 5_000, "a-wish-of-somebody"), ("1", "1")]
)
async def test_a_form_that_is_not_ours_does_nothing(seen: str, request_id: str) -> None:
    site = await a_morning()
    async with a_browser(an_app(site)) as browser:
        answer = await browser.post(f"{DESK}/next", data={"seen": seen, "request_id": request_id})
    assert answer.status_code == 400
    assert site.day.services["passports"].tickets_called == 0


async def test_buttons_that_would_do_nothing_cannot_be_pressed() -> None:
    async with a_browser(an_app(await a_morning(open_desk=False))) as browser:
        seen = {}
        for action in ("open", "next", "start", "finish", "close"):
            await press(browser, action)
            page = (await browser.get(DESK)).text
            seen[action] = [key for key, tail in re.findall(r'data-key="(\w)"([^>]*)>', page) if "disabled" not in tail]
    assert seen == {
        "open": ["n", "c"],
        "next": ["n", "s", "r", "x", "f", "p", "u", "c"],
        "start": ["n", "f", "p", "c"],
        "finish": ["n", "c"],
        "close": ["o"],
    }


def test_every_key_of_a_panel_is_a_button_with_its_own_letter() -> None:
    assert {button.action for button in BUTTONS} == set(Action)
    assert {key.value for key in Key} <= {action.value for action in Action}
    assert len({button.key for button in BUTTONS}) == len(BUTTONS)


async def test_the_line_that_is_called_next_is_marked() -> None:
    site = await a_morning()
    await site.after(60).submit(
        IssueTicket(ticket="p", token_hash="p", service="permits", language="en", channel="phone")
    )
    async with a_browser(an_app(site)) as browser:
        page = (await browser.get(DESK)).text
    (marked,) = re.findall(r'<tr class="is-next">(.*?)</tr>', page, re.DOTALL)
    assert "B001" in marked, "permits are due after 5 minutes, passports after 15"


async def test_who_was_sent_to_fetch_something_is_listed_until_she_is_back() -> None:
    site = await a_morning(waiting=1)
    async with a_browser(an_app(site)) as browser:
        await press(browser, "next")
        await press(browser, "park")
        page = (await browser.get(DESK)).text
        assert "place kept until 13:00" in page
        form = {"number": "a1", "request_id": "she-is-back-again"}
        answer = await browser.post(f"{DESK}/tickets/resume", data=form)
        assert answer.status_code == 303
        assert "place kept until" not in (await browser.get(DESK)).text
        await press(browser, "next")
        late = await browser.post(f"{DESK}/tickets/resume", data=form | {"request_id": "she-is-back-once-more"})
    assert late.status_code == 409
    assert "Ticket A001 does not have to come back" in late.text


async def test_a_visitor_is_sent_on_to_another_service() -> None:
    site = await a_morning(waiting=1)
    async with a_browser(an_app(site)) as browser:
        await press(browser, "next")
        form = fields((await browser.get(DESK)).text) | {"service": "permits", "to_desk": ""}
        assert (await browser.post(f"{DESK}/transfer", data=form)).status_code == 303
        page = (await browser.get(DESK)).text
        refused = await browser.post(f"{DESK}/transfer", data=fields(page) | {"service": "permits"})
    assert site.day.tickets["t0"].service == "permits"
    assert (refused.status_code, "No visitor has been called to this desk." in refused.text) == (409, True)


@pytest.mark.parametrize(("reason", "noted"), [("left", "left"), ("nonsense", "other")])
async def test_a_ticket_is_cancelled_by_its_number(reason: str, noted: str) -> None:
    site = await a_morning()
    form = {"number": " a 2 ", "reason": reason, "request_id": "a-wish-of-somebody"}
    async with a_browser(an_app(site)) as browser:
        assert (await browser.post(f"{DESK}/tickets/cancel", data=form)).status_code == 303
    assert (site.day.tickets["t1"].ended_why, site.day.tickets["t1"].ended_reason) == ("cancelled", noted)


async def test_two_tickets_of_one_visitor_become_one() -> None:
    site = await a_morning()
    form = {"number": "A002", "duplicate": "A001", "request_id": "a-wish-of-somebody"}
    async with a_browser(an_app(site)) as browser:
        assert (await browser.post(f"{DESK}/tickets/merge", data=form)).status_code == 303
        lost = await browser.post(
            f"{DESK}/tickets/merge", data=form | {"duplicate": "", "request_id": "another-wish-of-hers"}
        )
    assert site.day.tickets["t1"].merged_into == "t0"
    assert lost.status_code == 404


async def test_the_page_says_why_this_visitor_was_called() -> None:
    lobby = a_lobby(services_of={"1": ("passports",)}, helps_of={"1": ("permits",)})
    site = MemorySite(lobby)
    await site.submit(OpenDesk(desk="1", by="page"))
    for n, service in enumerate(("passports", "permits")):
        await site.submit(
            IssueTicket(ticket=f"t{n}", token_hash=f"h{n}", service=service, language="fr", channel="phone")
        )
    async with a_browser(an_app(site)) as browser:
        assert "helping out" in (await browser.get(DESK)).text
        await press(browser, "next")
        page = " ".join((await browser.get(DESK)).text.split())
    assert "Due at 09:15. Nobody else whom this desk can call now is due earlier." in page
    assert "<strong>B001</strong> due at 09:05, not overdue enough for this desk to help out" in page


async def test_the_page_tells_slot_and_due_time_of_a_visitor_who_had_a_ticket_before_her_appointment() -> None:
    site = MemorySite(a_lobby())
    await site.submit(OpenDesk(desk="1", by="page"))
    await site.submit(IssueTicket(ticket="t0", token_hash="h0", service="passports", language="fr", channel="phone"))
    slot_at = site.now + timedelta(hours=1)
    await site.submit(KnowAppointment(appointment="x", service="passports", slot_at=slot_at, code_hash="c"))
    await site.submit(CheckIn(code_hash="c", ticket="t1", token_hash="h1", language="fr", channel="phone"))
    await site.submit(MergeTickets(ticket="t0", duplicate="t1"))
    async with a_browser(an_app(site)) as browser:
        await press(browser, "next")
        page = " ".join((await browser.get(DESK)).text.split())
    assert "Has an appointment at 10:00. Due at 09:15." in page


async def test_whom_the_desk_would_call_is_shown_though_she_is_not_the_first_of_her_line() -> None:
    site = MemorySite(a_lobby(desks=1))
    await site.submit(OpenDesk(desk="1", by="page"))
    await site.submit(IssueTicket(ticket="t0", token_hash="h0", service="passports", language="fr", channel="phone"))
    slot_at = site.now + timedelta(minutes=17)
    await site.submit(KnowAppointment(appointment="x", service="passports", slot_at=slot_at, code_hash="c"))
    site.now += timedelta(minutes=12)
    await site.submit(CheckIn(code_hash="c", ticket="t1", token_hash="h1", language="fr", channel="phone"))
    async with a_browser(an_app(site)) as browser:
        page = " ".join((await browser.get(DESK)).text.split())
    assert '<th scope="row">next</th><td class="count"></td><td class="first">A002</td>' in page


async def test_a_ticket_is_called_by_hand_and_the_page_says_so() -> None:
    site = await a_morning()
    async with a_browser(an_app(site)) as browser:
        form = fields((await browser.get(DESK)).text) | {"number": "A002"}
        assert (await browser.post(f"{DESK}/tickets/call", data=form)).status_code == 303
        page = " ".join((await browser.get(DESK)).text.split())
        late = await browser.post(
            f"{DESK}/tickets/call", data=form | {"number": "A001", "request_id": "another-clerk-picks"}
        )
        nonsense = await browser.post(
            f"{DESK}/tickets/call", data=form | {"seen": "x", "request_id": "another-clerk-errs"}
        )
    assert re.search(r'<p class="number">A002</p>', page)
    assert "Picked by hand." in page
    assert "<strong>A001</strong> was due before, at 09:15" in page
    assert (late.status_code, nonsense.status_code) == (409, 400)


async def test_staff_give_a_ticket_with_a_priority_and_read_the_number() -> None:
    priority = Priority(id="small-child", name={"en": "With a small child"}, earlier_s=300)
    site = MemorySite(replace(a_lobby(), priorities=(priority,)))
    await site.submit(OpenDesk(desk="1", by="page"))
    async with a_browser(an_app(site)) as browser:
        page = (await browser.get(DESK)).text
        assert "With a small child (5 minutes earlier)" in page
        form = fields(page) | {"service": "permits", "priority": "small-child", "party_people": "3"}
        given = await browser.post(f"{DESK}/issue", data=form)
        wrong = await browser.post(
            f"{DESK}/issue", data=form | {"priority": "royalty", "request_id": "another-wish-of-theirs"}
        )
        await press(browser, "next")
        page = " ".join((await browser.get(DESK)).text.split())
    assert "The number is B001" in given.text
    assert wrong.status_code == 404
    (ticket,) = site.day.tickets.values()
    assert (ticket.priority, ticket.party_people) == ("small-child", 3)
    assert "5 minutes earlier: With a small child." in page


async def test_who_waits_for_this_desk_alone_stands_first() -> None:
    site = await a_morning(waiting=1)
    await site.submit(OpenDesk(desk="2", by="page"))
    async with a_browser(an_app(site)) as browser:
        await press(browser, "next")
        form = fields((await browser.get(DESK)).text) | {"to_desk": "2"}
        await browser.post(f"{DESK}/transfer", data=form)
        page = (await browser.get("/hall/desk/2")).text
    (marked,) = re.findall(r'<tr class="is-next">(.*?)</tr>', page, re.DOTALL)
    assert "For this desk only" in marked
    assert "A001" in marked


@pytest.mark.parametrize(
    ("wish", "form", "status"),
    [
        ("resume", {"number": "A999", "request_id": "a-wish-of-somebody"}, 404),
        ("resume", {"number": "nonsense", "request_id": "a-wish-of-somebody"}, 404),
        ("resume", {"number": "A001"}, 400),
        ("eat", {"number": "A001", "request_id": "a-wish-of-somebody"}, 400),
    ],
)
async def test_a_wish_for_no_ticket_is_refused(wish: str, form: dict[str, str], status: int) -> None:
    async with a_browser(an_app(await a_morning())) as browser:
        assert (await browser.post(f"{DESK}/tickets/{wish}", data=form)).status_code == status


async def test_all_desks_are_found_on_one_page() -> None:
    async with a_browser(an_app(await a_morning())) as browser:
        page = (await browser.get("/hall/desks")).text
    assert re.findall(r'href="(/hall/desk/\d)"', page) == ["/hall/desk/1", "/hall/desk/2"]


async def test_before_the_day_there_are_no_desks() -> None:
    async with a_browser(an_app(MemorySite(day_open=False))) as browser:
        assert "The day has not begun yet." in (await browser.get("/hall/desks")).text
        assert (await browser.get(DESK)).status_code == 404
