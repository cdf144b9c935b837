"""A site whose day cannot be opened serves nobody, and says so; the other sites of the hub do not notice."""

import asyncio
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from hub.accounts.office import Office
from hub.accounts.passwords import Passwords
from hub.accounts.register import Register
from hub.accounts.sql_store import SqlAccounts
from hub.day.lobby import Lobby
from hub.hub import Hub
from hub.main import Doors
from tests.given import a_lobby
from tests.hubs import Node, Stage, issue, run
from tests.sites import MemorySite, a_browser, a_visitor, an_app
from wire import topics
from wire.messages import NodeState, NodeStatus, Show
from wire.topics import Leaf
from words import LANGUAGES

HALL, ANNEX = "hall", "annex"
DAMAGED = "journal of site 'annex': row 2 was altered, or the row before it was; restore the database from a backup"
NODE = "desk-1"


def annex(languages: tuple[str, ...] = LANGUAGES) -> Lobby:
    """Another lobby of the same hub."""
    lobby = a_lobby(languages=languages)
    return replace(lobby, site=replace(lobby.site, id=ANNEX))


async def answers(hub: Hub, n: int) -> dict[str, str]:
    """What visitor `n` gets at each site."""
    given = {name: await site.submit(issue(n), f"request/{n}") for name, site in hub.sites.items()}
    return {name: str(answer.facts.get("number", answer.code)) for name, answer in given.items()}


async def half_damaged(stage: Stage) -> Hub:
    """A hub of two sites, started anew after somebody wrote into the journal of one of them."""
    await stage.hub(a_lobby(), annex())
    await asyncio.sleep(1)
    await stage.stop()
    stage.alter("UPDATE journal SET body = replace(body, 'e', 'E') WHERE site = 'annex' AND seq = 2")
    return await stage.hub(a_lobby(), annex())


def test_a_broken_row_of_one_site_stops_no_other() -> None:
    async def story(stage: Stage) -> None:
        with capture_logs() as logs:
            hub = await half_damaged(stage)
            await asyncio.sleep(120)
            assert await answers(hub, 1) == {HALL: "A001", ANNEX: "unavailable"}
        assert [(it["site"], it["error"]) for it in logs if it["event"] == "site does not serve"] == [(ANNEX, DAMAGED)]
        health = hub.health()
        assert health.status == "degraded"
        assert f"site annex does not serve: {DAMAGED}" in health.reasons
        assert {it.site: it.journal_ok for it in health.sites} == {HALL: True, ANNEX: False}
        assert [site.id for site in hub.sites_that_answer] == [HALL]
        assert b'site="hall"' in await hub.figures()

    run(story)


def test_an_answer_that_cannot_be_read_any_more_stops_no_other_site() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub(a_lobby(), annex())
        await answers(hub, 1)
        await stage.stop()
        stage.alter("UPDATE mark SET answer = '{' WHERE site = 'annex'")
        hub = await stage.hub(a_lobby(), annex())
        assert await answers(hub, 2) == {HALL: "A002", ANNEX: "unavailable"}
        (said,) = [it for it in hub.health().reasons if it.startswith("site annex does not serve")]
        assert "the answer to 'request/1' cannot be read" in said

    run(story)


def test_its_displays_hear_no_hub_so_that_they_show_nothing_as_current() -> None:
    async def story(stage: Stage) -> None:
        await half_damaged(stage)
        at_hall, at_annex = Node(stage, "desk-1", HALL), Node(stage, "board-1", ANNEX)
        await asyncio.sleep(5)
        assert at_hall.hub_time.term == 2
        with pytest.raises(AssertionError, match="no HubTime heard yet"):
            _ = at_annex.hub_time
        shown = at_annex.of(Show, Leaf.SHOW)
        assert shown, "what the broker keeps of the hub before"
        assert {it.term for it in shown} == {1}

    run(story)


def test_what_its_nodes_say_is_passed_over_and_not_put_aside_as_strange() -> None:
    async def story(stage: Stage) -> None:
        hub = await half_damaged(stage)
        node = Node(stage, NODE, ANNEX)
        await asyncio.sleep(1)
        online = NodeState(status=NodeStatus.ONLINE, session="s", version="1")
        await node.say(topics.state(ANNEX, NODE), online)
        await asyncio.sleep(2)
        assert stage.column("SELECT topic FROM quarantine") == []
        (its,) = [it for it in hub.health().sites if it.site == ANNEX]
        assert {it.status for it in its.nodes} == {"unheard"}

    run(story)


def test_a_hub_none_of_whose_sites_serves_is_failing() -> None:
    async def story(stage: Stage) -> None:
        await stage.hub(annex())
        await stage.stop()
        stage.alter("DELETE FROM journal WHERE seq = 2")
        hub = await stage.hub(annex())
        assert hub.health().status == "failing"
        (said,) = [it for it in hub.health().reasons if it.startswith("site")]
        assert said.startswith("site annex does not serve: journal of site 'annex': row 2 is missing")

    run(story)


def test_a_database_that_takes_nothing_at_the_start_is_told_and_when_it_does_the_sites_begin_and_hear_their_nodes() -> (
    None
):
    async def story(stage: Stage) -> None:
        await stage.hub(a_lobby(), annex())
        node = Node(stage, NODE, ANNEX)
        await asyncio.sleep(1)
        await node.say(topics.state(ANNEX, NODE), NodeState(status=NodeStatus.ONLINE, session="s", version="1"))
        await stage.stop()
        stage.alter("PRAGMA query_only = ON")
        with capture_logs() as logs:
            hub = await stage.hub(a_lobby(), annex())
            await asyncio.sleep(60)
            assert await answers(hub, 1) == {HALL: "unavailable", ANNEX: "unavailable"}
            assert hub.health().status == "failing"
            assert len([it for it in logs if it["event"] == "site does not serve"]) == 2, "once for each"
        stage.alter("PRAGMA query_only = OFF")
        await asyncio.sleep(10)
        assert await answers(hub, 1) == {HALL: "A001", ANNEX: "A001"}
        assert [it for it in hub.health().reasons if "node" not in it] == []
        (its,) = [it for it in hub.health().sites if it.site == ANNEX]
        assert {it.name: it.status for it in its.nodes}[NODE] == "online", "what the broker keeps was heard"

    run(story)


def test_a_database_that_takes_nothing_keeps_no_hub_from_saying_so_though_nobody_has_an_account_yet() -> None:
    async def story(stage: Stage) -> None:
        stage.alter("PRAGMA query_only = ON")
        hub = await stage.hub()
        register = Register(SqlAccounts(hub.thread), now=stage.wall, new_token=stage.new_token)
        doors = Doors(hub, Office(register, Passwords()))
        with capture_logs() as logs:
            await doors.open("http://hub.test")
        assert doors.are_open
        assert "no link can be made" in logs[-1]["event"]

    run(story)


# --- its pages and its API -------------------------------------------------------------------------------------------


def two_sites() -> tuple[MemorySite, MemorySite]:
    """One serves, the other does not."""
    hall, down = MemorySite(a_lobby(languages=LANGUAGES)), MemorySite(annex())
    down.serves, down.stumbles = False, True
    return hall, down


KIND = {
    "en": "We cannot give or show tickets here at the moment. Please ask a member of staff.",
    "fr": "Nous ne pouvons ni délivrer ni afficher de tickets ici pour le moment. Veuillez vous adresser au personnel.",
    "de": "Wir können hier zurzeit keine Tickets ausgeben oder anzeigen. Bitte wenden Sie sich an das Personal.",
    "it": "Al momento non possiamo rilasciare né mostrare biglietti qui. Si rivolga al personale.",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["join", "desks", "desk/1", "facilities", "today", "devices"])
async def test_every_page_of_it_says_so_kindly(language: str, path: str) -> None:
    async with a_browser(an_app(*two_sites()), language=language) as browser:
        page = await browser.get(f"/{ANNEX}/{path}")
        assert page.status_code == 503
        assert KIND[language] in page.text
        assert (await browser.get(f"/{HALL}/join")).status_code == 200


async def test_a_program_is_told_that_the_site_is_unavailable() -> None:
    async with a_browser(an_app(*two_sites())) as browser:
        for answer in (
            await browser.get(f"/api/v1/sites/{ANNEX}"),
            await browser.post(f"/api/v1/sites/{ANNEX}/tickets", json={"service": "passports"}),
            await browser.post(f"/api/v1/sites/{ANNEX}/desks/1/next"),
            await browser.get(f"/api/v1/sites/{ANNEX}/rooms"),
            await browser.get("/api/v1/tickets/of-whichever-site"),
        ):
            assert answer.status_code == 503
            assert answer.headers["retry-after"] == "30"
            problem = answer.json()
            assert problem["code"] == "unavailable"
            assert problem["detail"].startswith("The day of this site could not be opened.")
        assert [it["id"] for it in (await browser.get("/api/v1/sites")).json()] == [HALL]


async def test_a_ticket_that_is_not_found_may_be_of_the_site_that_does_not_serve() -> None:
    hall, down = two_sites()
    async with a_visitor(an_app(hall, down)) as visitor:
        assert (await visitor.get("/t/of-whichever-site")).status_code == 503
        down.serves, down.stumbles = True, False
        assert (await visitor.get("/t/of-whichever-site")).status_code == 404


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "No tickets at the moment. Please ask a member of staff."),
        ("fr", "Pas de tickets pour le moment. Veuillez vous adresser au personnel."),
        ("de", "Zurzeit gibt es keine Tickets. Bitte wenden Sie sich an das Personal."),
        ("it", "Al momento non ci sono biglietti. Si rivolga al personale."),
    ],
)
async def test_whoever_chooses_among_lobbies_is_told_which_one_gives_no_tickets(language: str, said: str) -> None:
    async with a_visitor(an_app(*two_sites()), language=language) as visitor:
        assert (await visitor.get("/")).text.count(said) == 1
