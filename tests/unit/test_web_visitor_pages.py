"""What a visitor's phone gets, without a script: choose, take, follow, give back."""

import re
from dataclasses import replace

import pytest
from httpx import AsyncClient

from hub.day.inputs import (
    CallNext,
    CancelTicket,
    ChangeLobby,
    CountPeople,
    Elapse,
    Finish,
    MergeTickets,
    NoShow,
    OpenDesk,
    Park,
    Recall,
    Start,
    Transfer,
)
from hub.day.lobby import Priority
from hub.day.refusal import Code
from hub.site import Answer
from tests.given import COUNTER, a_lobby
from tests.sites import MemorySite, a_browser, an_app
from wire.messages import Outcome

JOIN = "/hall/join"


def request_id(html: str) -> str:
    found = re.search(r'name="request_id" value="([^"]+)"', html)
    assert found, "the form has a request id"
    return found[1]


async def take(browser: AsyncClient, service: str = "passports") -> str:
    """Take a ticket as a form does; the path of its page."""
    form = {"service": service, "party_people": "1", "request_id": request_id((await browser.get(JOIN)).text)}
    taken = await browser.post(JOIN, data=form)
    assert taken.status_code == 303, taken.text
    return taken.headers["location"]


async def test_the_only_lobby_is_the_first_page() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        first = await browser.get("/")
    assert (first.status_code, first.headers["location"]) == (303, JOIN)


async def test_several_lobbies_are_offered() -> None:
    annex = MemorySite(day_open=False)
    annex.id = "annex"
    async with a_browser(an_app(MemorySite(), annex)) as browser:
        page = (await browser.get("/")).text
    assert 'href="/hall/join"' in page
    assert 'href="/annex/join"' in page
    assert page.index("Open now") < page.index("Closed at the moment")


async def test_a_visitor_chooses_a_service_and_sees_her_number() -> None:
    site = MemorySite()
    async with a_browser(an_app(site)) as browser:
        assert "Passports" in (await browser.get(JOIN)).text
        page = (await browser.get(await take(browser))).text
    assert "A001" in page
    assert "Your turn is next" in page
    assert next(iter(site.day.tickets.values())).language == "en"


async def test_pressing_twice_takes_one_ticket() -> None:
    site = MemorySite()
    async with a_browser(an_app(site)) as browser:
        form = {"service": "passports", "request_id": request_id((await browser.get(JOIN)).text)}
        places = [(await browser.post(JOIN, data=form)).headers["location"] for _ in "12"]
    assert places[0] == places[1]
    assert len(site.day.tickets) == 1


async def test_who_chooses_nothing_is_asked_to_choose() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        answer = await browser.post(JOIN, data={"request_id": "whatever-this-is-0"})
    assert answer.status_code == 422
    assert "Please choose first what you have come for." in answer.text


@pytest.mark.parametrize("party", ["0", "51", "-3", "many", "9" * 400])
async def test_an_impossible_party_gets_a_sentence_and_keeps_the_choice(party: str) -> None:
    site = MemorySite()
    async with a_browser(an_app(site)) as browser:
        answer = await browser.post(JOIN, data={"service": "permits", "party_people": party})
    assert answer.status_code == 422
    assert "One ticket is good for 1 to 50 people." in answer.text
    assert re.search(r'value="permits" required checked', answer.text)
    assert not site.day.tickets


async def test_the_party_stands_on_the_ticket() -> None:
    site = MemorySite()
    async with a_browser(an_app(site)) as browser:
        await browser.post(JOIN, data={"service": "permits", "party_people": "4"})
    assert [ticket.party_people for ticket in site.day.tickets.values()] == [4]


async def test_a_visitor_who_was_sent_away_says_that_she_is_back() -> None:
    site = MemorySite()
    async with a_browser(an_app(site)) as browser:
        ticket = await take(browser)
        await site.submit(OpenDesk(desk="1", by="page"))
        await site.submit(CallNext(desk="1", seen=None, by="page"))
        await site.submit(Park(desk="1", seen=None, by="page"))
        page = (await browser.get(ticket)).text
        assert "Your place in line is kept until 13:00." in page
        for _ in "12":
            back = await browser.post(f"{ticket}/back")
            assert (back.status_code, back.headers["location"]) == (303, ticket)
        assert "Your turn is next" in (await browser.get(ticket)).text


async def test_who_waits_for_one_desk_and_what_comes_after_is_told() -> None:
    lobby = a_lobby()
    passports, permits = lobby.services
    site = MemorySite(replace(lobby, services=(replace(passports, then=("permits",)), permits)))
    async with a_browser(an_app(site)) as browser:
        ticket = await take(browser)
        for desk in "12":
            await site.submit(OpenDesk(desk=desk, by="page"))
        await site.submit(CallNext(desk="1", seen=None, by="page"))
        assert "You go on to: Permits" in " ".join((await browser.get(ticket)).text.split())
        await site.submit(Transfer(desk="1", seen=None, by="page", to_desk="2"))
        assert "You wait for desk 2." in (await browser.get(ticket)).text


async def test_whose_ticket_was_cancelled_by_staff_is_told_so() -> None:
    site = MemorySite()
    async with a_browser(an_app(site)) as browser:
        ticket = await take(browser)
        await site.submit(CancelTicket(ticket=site.day.by_number["A001"], desk="1", reason="left"))
        assert "We thought that you had left." in (await browser.get(ticket)).text


async def test_a_page_says_that_there_is_no_desk_any_more() -> None:
    site = MemorySite()
    says = "There is no desk for this any more today. Please ask at any desk."
    async with a_browser(an_app(site)) as browser:
        ticket = await take(browser)
        assert says not in (await browser.get(ticket)).text
        desks = tuple(replace(it, services=("permits",)) for it in site.lobby.desks)
        await site.submit(ChangeLobby(lobby=replace(site.lobby, desks=desks)))
        assert says in (await browser.get(ticket)).text


async def test_the_page_of_a_duplicate_shows_the_ticket_that_stayed() -> None:
    site = MemorySite()
    async with a_browser(an_app(site)) as browser:
        first, again = await take(browser), await take(browser)
        numbers = site.day.by_number
        await site.submit(MergeTickets(ticket=numbers["A001"], duplicate=numbers["A002"]))
        page = (await browser.get(again)).text
        assert "Your number: </span>A001" in page
        assert "You had more than one ticket: A002 is this one now." in page
        await browser.post(f"{again}/give-back")
        assert "You have given this ticket back" in (await browser.get(first)).text


@pytest.mark.parametrize(
    ("at_close", "says"),
    [
        ("serve", "Closing at 18:00: everybody who waits will still be served."),
        ("end", "Closing at 18:00: who has not been called by then cannot be served today."),
    ],
)
async def test_who_waits_near_closing_is_told_the_truth(at_close: str, says: str) -> None:
    lobby = a_lobby()
    told = {"at_close": at_close, "last_ticket_before_close_s": 1_800}
    site = MemorySite(replace(lobby, site=replace(lobby.site, **told)))  # type: ignore[arg-type]
    async with a_browser(an_app(site)) as browser:
        ticket = await take(browser)
        assert "Closing at" not in (await browser.get(ticket)).text
        site.after(8.6 * 3_600)
        assert says in (await browser.get(ticket)).text
        page = (await browser.get(JOIN)).text
        assert "No more tickets before we close" in page
        assert re.search(r'value="passports" required disabled', page)
        await site.after(3_600).submit(Elapse())
        page = (await browser.get(ticket)).text
    assert ("We are closed now" in page) == (at_close == "end")


async def test_a_visitor_chooses_a_priority_that_is_offered() -> None:
    offered = Priority(id="reduced-mobility", name={"en": "Reduced mobility"}, earlier_s=600, offered=True)
    hidden = replace(offered, id="small-child", name={"en": "With a small child"}, offered=False)
    site = MemorySite(replace(a_lobby(), priorities=(offered, hidden)))
    async with a_browser(an_app(site)) as browser:
        page = (await browser.get(JOIN)).text
        assert "Reduced mobility (10 minutes earlier)" in page
        assert "With a small child" not in page
        await browser.post(JOIN, data={"service": "permits", "priority": "reduced-mobility"})
        refused = await browser.post(JOIN, data={"service": "permits", "priority": "small-child"})
    assert [ticket.priority for ticket in site.day.tickets.values()] == ["reduced-mobility"]
    assert refused.status_code == 404


async def test_who_did_not_come_back_is_told_so() -> None:
    site = MemorySite()
    async with a_browser(an_app(site)) as browser:
        ticket = await take(browser)
        await site.submit(OpenDesk(desk="1", by="page"))
        await site.submit(CallNext(desk="1", seen=None, by="page"))
        await site.submit(Park(desk="1", seen=None, by="page"))
        await site.after(4 * 3600).submit(Elapse())
        assert "You have not come back in time" in (await browser.get(ticket)).text


async def test_a_journal_that_cannot_be_written_gets_a_sentence() -> None:
    site = MemorySite()
    site.answer_always = Answer(outcome=Outcome.REFUSED, code=Code.UNAVAILABLE)
    async with a_browser(an_app(site)) as browser:
        answer = await browser.post(JOIN, data={"service": "permits"})
    assert answer.status_code == 503
    assert "We could not save this, so nothing was done." in answer.text


@pytest.mark.parametrize(
    ("hours_later", "says"),
    [
        (-2, "We open today at 08:00."),
        (12, "We open tomorrow at 08:00."),
        (5 * 24, "We open on Monday at 08:00."),
    ],
)
async def test_a_closed_lobby_says_when_it_opens(hours_later: int, says: str) -> None:
    async with a_browser(an_app(MemorySite().after(hours_later * 3600))) as browser:
        page = (await browser.get(JOIN)).text
    assert says in page
    assert 'action="/hall/join"' not in page


async def test_whoever_scans_the_door_again_finds_her_ticket_first() -> None:
    site = MemorySite()
    async with a_browser(an_app(site)) as browser:
        ticket = await take(browser)
        again = (await browser.get(JOIN)).text
        await browser.post(f"{ticket}/give-back")
        afterwards = (await browser.get(JOIN)).text
    assert again.index(f'href="{ticket}"') < again.index("<form")
    assert "A001" in again
    assert ticket not in afterwards


async def test_a_ticket_tells_its_whole_life() -> None:
    site = MemorySite()
    await site.submit(OpenDesk(desk="1", by="page"))

    async def news() -> str:
        page = (await browser.get(ticket)).text
        return " ".join(re.sub(r"<[^>]+>", " ", page[page.index("<article") : page.index("</article>")]).split())

    async with a_browser(an_app(site)) as browser:
        await take(browser)
        ticket = await take(browser)
        assert await news() == "Passports Your number: A002 1 person before you Your turn comes in about 15 minutes"
        for _ in "12":
            await site.submit(CallNext(desk="1", seen=None, by="page"))
        assert await news() == "Passports Your number: A002 It is your turn Please go to desk 1"
        await site.submit(Recall(desk="1", seen=None, by="page"))
        assert "We are calling you again" in await news()
        await site.submit(NoShow(desk="1", seen=None, by="page"))
        assert "from 09:05 we will call you once more" in await news()
        site.after(300)
        await site.submit(Elapse())
        assert "Your turn is next" in await news()
        await site.submit(CallNext(desk="1", seen=None, by="page"))
        await site.submit(Start(desk="1", seen=None, by="page"))
        assert "You are at desk 1" in await news()
        await site.submit(Finish(desk="1", seen=None, by="page"))
        assert "Thank you for your visit" in await news()


async def test_a_second_no_show_ends_the_ticket() -> None:
    site = MemorySite()
    await site.submit(OpenDesk(desk="1", by="page"))
    async with a_browser(an_app(site)) as browser:
        ticket = await take(browser)
        for _ in "12":
            await site.submit(CallNext(desk="1", seen=None, by="page"))
            await site.submit(NoShow(desk="1", seen=None, by="page"))
            await site.after(300).submit(Elapse())
        page = (await browser.get(ticket)).text
    assert "We called you twice, and you were not there" in page
    assert 'href="/hall/join"' in page


async def test_who_was_called_once_and_then_invited_in_vain_is_not_told_of_two_calls() -> None:
    site = MemorySite(a_lobby(admitted=True))
    await site.submit(CountPeople(device=COUNTER, epoch="e", entered=0, left=0))
    await site.submit(OpenDesk(desk="1", by="page"))
    async with a_browser(an_app(site)) as browser:
        ticket = await take(browser)
        await site.submit(Elapse())
        await site.submit(CallNext(desk="1", seen=None, by="page"))
        await site.submit(Park(desk="1", seen=None, by="page"))
        await browser.post(f"{ticket}/back")
        for _ in "123":
            await site.submit(Elapse())
            await site.after(site.lobby.site.invitation_s).submit(Elapse())
        assert "We invited you in several times, and you did not come" in (await browser.get(ticket)).text


async def test_a_ticket_is_given_back_after_a_question() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        ticket = await take(browser)
        assert f"{ticket}/give-back" in (await browser.get(ticket)).text
        question = (await browser.get(f"{ticket}/give-back")).text
        assert "Give ticket A001 back?" in question
        given = await browser.post(f"{ticket}/give-back", data={"request_id": request_id(question)})
        assert given.headers["location"] == ticket
        assert "You have given this ticket back" in (await browser.get(ticket)).text
        assert "cannot be given back any more" in (await browser.get(f"{ticket}/give-back")).text


async def test_a_ticket_that_cannot_be_given_back_for_now_says_so_on_its_page() -> None:
    site = MemorySite()
    async with a_browser(an_app(site)) as browser:
        ticket = await take(browser)
        site.answer_always = Answer(outcome=Outcome.REFUSED, code=Code.UNAVAILABLE)
        answer = await browser.post(f"{ticket}/give-back")
    assert answer.status_code == 503
    assert "nothing was done" in answer.text
    assert f'href="{ticket}?lang=fr"' in answer.text


async def test_tickets_that_the_day_left_over_say_goodbye() -> None:
    site = MemorySite()
    async with a_browser(an_app(site)) as browser:
        ticket = await take(browser)
        site.end_the_day()
        assert "We are closed now" in (await browser.get(ticket)).text


async def test_a_ticket_page_is_kept_by_nobody_and_asks_again_without_a_script() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        ticket = await take(browser)
        page = await browser.get(ticket)
    assert page.headers["cache-control"] == "no-store"
    assert f'<noscript><meta http-equiv="refresh" content="15; url={ticket}"></noscript>' in page.text


@pytest.mark.parametrize("path", ["/t/nobody-has-this", "/t/nobody-has-this/live", "/t/nobody-has-this/give-back"])
async def test_an_unknown_ticket_is_a_page_in_the_readers_language(path: str) -> None:
    async with a_browser(an_app(MemorySite()), language="fr") as browser:
        answer = await browser.get(path)
    assert answer.status_code == 404
    assert "Nous ne connaissons pas ce ticket." in answer.text
    assert '<html lang="fr">' in answer.text


@pytest.mark.parametrize(
    "path", ["/nowhere/join", "/hall/nothing", "/hall/desk/99", "/nowhere/desks", "/hall/desk/9/live"]
)
async def test_a_page_that_is_not_there_gets_a_sentence(path: str) -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        answer = await browser.get(path)
    assert answer.status_code == 404
    assert re.search("We cannot find this page|There is no such desk here", answer.text)


async def test_a_hub_that_stumbles_still_shows_a_page() -> None:
    site = MemorySite()
    site.stumbles = True
    async with a_browser(an_app(site), raise_errors=False) as browser:
        answer = await browser.get(JOIN)
    assert answer.status_code == 500
    assert "Something went wrong here." in answer.text


async def test_a_site_cannot_take_an_address_of_the_hub() -> None:
    site = MemorySite()
    site.id = "api"
    with pytest.raises(ValueError, match="a site cannot be called api"):
        an_app(site)
