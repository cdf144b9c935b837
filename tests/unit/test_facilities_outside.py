"""What visitors of an admitted room read on their phones: outside, invited, inside; and before they take a ticket."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient

from hub.day.inputs import CallNext, CountPeople, Elapse, IssueTicket, NoteSilence, OpenDesk
from hub.day.views import device_views
from hub.keyring import Keyring, token_hash
from tests.given import COUNTER, a_lobby
from tests.sites import MemorySite, a_browser, an_app
from wire.messages import Gate, SignView

KEYRING = Keyring(b"0123456789abcdef")


@pytest.fixture
async def site() -> MemorySite:
    """Before a room for one."""
    site = MemorySite(a_lobby(limit_people=1, admitted=True))
    await site.submit(OpenDesk(desk="1", by="page"))
    await counted(site, 0, 0)
    return site


@pytest.fixture
async def browser(site: MemorySite) -> AsyncIterator[AsyncClient]:
    async with a_browser(an_app(site)) as browser:
        yield browser


async def counted(site: MemorySite, entered: int, left: int) -> None:
    await site.submit(CountPeople(device=COUNTER, epoch="e", entered=entered, left=left))


async def a_ticket(site: MemorySite, ticket: str, service: str = "passports") -> str:
    """Somebody takes a ticket, and who can be is invited in; where its page is."""
    token = KEYRING.token(ticket)
    await site.submit(
        IssueTicket(ticket=ticket, token_hash=token_hash(token), service=service, language="en", channel="phone")
    )
    await site.submit(Elapse())
    return f"/t/{token}"


def sign(site: MemorySite) -> SignView:
    view = device_views(site.day, site.now, "http://hub.test")["door-1/sign"]
    assert isinstance(view, SignView)
    return view


async def test_whoever_has_a_place_is_told_to_come_in_and_until_when(site: MemorySite, browser: AsyncClient) -> None:
    page = (await browser.get(await a_ticket(site, "first"))).text
    assert "<h1>Please come in now</h1>" in page
    assert "Your place inside is kept until 09:03." in page
    assert 'data-say="Please come in now."' in page
    assert 'data-call="invited 2026-03-02T09:03:00+00:00"' in page, "the phone vibrates"
    assert sign(site).invited == ["A001"]


async def test_whoever_has_none_waits_outside_and_knows_how_many_are_before(
    site: MemorySite, browser: AsyncClient
) -> None:
    await a_ticket(site, "first")
    second, third = await a_ticket(site, "second"), await a_ticket(site, "third")
    fourth = await a_ticket(site, "fourth", "permits")  # due before the others
    assert "You are the next to come in" in (await browser.get(fourth)).text
    assert "ticket comes in before you" in (await browser.get(second)).text
    page = (await browser.get(third)).text
    assert "<h1>Please wait outside</h1>" in page
    assert '<span class="ahead">2</span> tickets come in before you' in page
    assert 'data-call=""' in page
    assert sign(site).outside == 3


async def test_whoever_was_counted_in_waits_as_in_any_room(site: MemorySite, browser: AsyncClient) -> None:
    page = await a_ticket(site, "first")
    await counted(site, 1, 0)
    assert "<h1>Your turn is next</h1>" in (await browser.get(page)).text
    await site.submit(CallNext(desk="1", seen=None, by="page"))
    assert "It is your turn" in (await browser.get(page)).text


async def test_whoever_did_not_come_in_is_told_so_and_in_the_end_why(site: MemorySite, browser: AsyncClient) -> None:
    page = await a_ticket(site, "first")
    await site.after(200).submit(Elapse())
    assert "We invited you in, and you did not come." in (await browser.get(page)).text
    for _ in range(2):
        await site.submit(Elapse())
        await site.after(200).submit(Elapse())
    assert "We invited you in several times, and you did not come" in (await browser.get(page)).text


async def test_the_join_page_says_when_there_is_no_place(site: MemorySite, browser: AsyncClient) -> None:
    assert "No free place" not in (await browser.get("/hall/join")).text
    await a_ticket(site, "first")
    assert sign(site).gate is Gate.COME_IN, "for the one who is invited"
    assert "No free place" in (await browser.get("/hall/join")).text, "for everybody else"
    await counted(site, 1, 0)
    assert (
        "No free place at the moment. Take a ticket, and please wait outside" in (await browser.get("/hall/join")).text
    )
    await site.submit(NoteSilence(device=COUNTER, is_silent=True))
    page = (await browser.get("/hall/join")).text
    assert "Nobody can be invited in at the moment." in page
    assert "No free place" not in page, "unknown is not full"


async def test_the_join_page_says_when_an_open_room_is_full_and_not_when_it_is_unknown() -> None:
    site = MemorySite(a_lobby(limit_people=1))
    async with a_browser(an_app(site)) as browser:
        assert "Full at the moment" not in (await browser.get("/hall/join")).text
        await counted(site, 0, 0)
        await counted(site, 1, 0)
        assert "Full at the moment." in (await browser.get("/hall/join")).text
    assert sign(site).gate is Gate.WAIT
