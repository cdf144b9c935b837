"""A ticket's address: unguessable, good for one day, and silent about everybody else."""

import re
from base64 import urlsafe_b64decode

import pytest
from fastapi import FastAPI

import words
from hub.keyring import Keyring, token_hash
from tests.given import a_lobby
from tests.sites import MemorySite, a_browser, an_app

JOIN = "/hall/join"
KEY = b"0123456789abcdef"
FOUR = ("en", "fr", "de", "it")
GOODBYE = {
    "en": "A ticket is good for one day only.",
    "fr": "valable qu’un jour",
    "de": "nur einen Tag",
    "it": "un solo giorno",
}


async def a_ticket(app: FastAPI) -> str:
    """The path of its page."""
    async with a_browser(app) as browser:
        taken = await browser.post(JOIN, data={"service": "passports"})
    return taken.headers["location"]


def test_an_address_has_128_bits_that_only_the_hubs_key_gives() -> None:
    tickets = [f"ticket-{n}" for n in range(1_000)]
    tokens = [Keyring(KEY).token(it) for it in tickets]
    assert len(set(tokens)) == len(tickets)
    assert {len(urlsafe_b64decode(f"{it}==")) for it in tokens} == {16}
    assert not set(tokens) & {Keyring(b"another key of 16").token(it) for it in tickets}
    ones = sum(bin(byte).count("1") for it in tokens for byte in urlsafe_b64decode(f"{it}=="))
    assert 0.49 < ones / (128 * len(tokens)) < 0.51


async def test_what_the_journal_keeps_opens_no_ticket() -> None:
    site = MemorySite()
    app = an_app(site)
    await a_ticket(app)
    ((name, ticket),) = site.day.tickets.items()
    async with a_browser(app) as browser:
        for stored in (name, ticket.token_hash, ticket.number, token_hash(ticket.token_hash)):
            assert (await browser.get(f"/t/{stored}")).status_code == 404


async def test_an_address_is_right_to_its_last_character() -> None:
    site = MemorySite()
    app = an_app(site)
    path = await a_ticket(app)
    async with a_browser(app) as browser:
        for wrong in (path[:-1], path + "A", path[:-2] + ("AA" if path[-2:] != "AA" else "BB"), path.swapcase()):
            assert (await browser.get(wrong)).status_code == 404


async def test_a_ticket_says_nothing_of_any_other() -> None:
    site = MemorySite()
    app = an_app(site)
    paths = [await a_ticket(app) for _ in range(3)]
    tickets = list(site.day.tickets.values())
    async with a_browser(app) as browser:
        for path, mine in zip(paths, tickets, strict=True):
            told = (await browser.get(path)).text + (await browser.get(f"/api/v1/tickets{path[2:]}")).text
            assert mine.number in told
            for other in tickets:
                if other is not mine:
                    assert not re.search(rf"{other.number}|{other.id}|{other.token_hash}", told)
            assert not [it for it in paths if it != path and it[3:] in told]


@pytest.mark.parametrize("language", FOUR)
async def test_an_address_dies_with_the_day_and_its_page_says_so_kindly(language: str) -> None:
    assert set(FOUR) == set(words.LANGUAGES)
    site = MemorySite(a_lobby(languages=FOUR))
    app = an_app(site)
    path = await a_ticket(app)
    site.begin_the_next_day()
    async with a_browser(app, language=language) as browser:
        for page in (path, f"{path}/give-back", f"{path}/live"):
            answer = await browser.get(page)
            assert answer.status_code == 404
            assert GOODBYE[language] in answer.text
            assert 'href="/"' in answer.text, "there is a way on"
            assert "A001" not in answer.text
        assert (await browser.get(f"/api/v1/tickets{path[2:]}")).status_code == 404


async def test_a_phone_that_comes_back_the_next_day_is_not_shown_its_old_ticket() -> None:
    site = MemorySite()
    async with a_browser(an_app(site)) as browser:
        await browser.post(JOIN, data={"service": "passports"})
        assert "You have a ticket already" in (await browser.get(JOIN)).text
        site.begin_the_next_day()
        assert "You have a ticket already" not in (await browser.get(JOIN)).text


async def test_search_engines_and_other_sites_learn_of_no_address() -> None:
    site = MemorySite()
    app = an_app(site)
    path = await a_ticket(app)
    async with a_browser(app) as browser:
        page = await browser.get(path)
    assert '<meta name="robots" content="noindex">' in page.text
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cache-control"] == "no-store"
