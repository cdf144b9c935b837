"""One of two lobbies of a hub has a damaged journal: the process, its files and its pages, as production has them."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx

from tests.brokers import Mosquitto, mosquitto
from tests.processes import LOBBY, Lobby, Process, program

GOES_ON, DAMAGED = "/api/v1/sites/hall", "/api/v1/sites/annex"


@asynccontextmanager
async def two_lobbies(folder: Path, broker: Mosquitto) -> AsyncIterator[Lobby]:
    """The files and the database of a hub of two, which does not run yet."""
    annex = folder / "annex.toml"
    annex.write_text(LOBBY.replace('id = "hall"', 'id = "annex"').replace('node = "', 'node = "annex-'))
    lobby = Lobby(folder, broker.url, sites=[annex])
    try:
        yield lobby
    finally:
        await lobby.web.aclose()
        await lobby.hub.kill()


async def take(web: httpx.AsyncClient, site: str) -> httpx.Response:
    return await web.post(f"{site}/tickets", json={"service": "permits"})


async def test_a_damaged_lobby_leaves_the_other_open_and_serves_again_from_a_copy(tmp_path: Path) -> None:
    with mosquitto() as broker:
        async with two_lobbies(tmp_path, broker) as lobby:
            await lobby.start_hub()
            assert [(await take(lobby.web, it)).json()["number"] for it in (GOES_ON, DAMAGED)] == ["A001", "A001"]
            await copy("backup", lobby, tmp_path)
            await lobby.hub.kill()
            with closing(sqlite3.connect(lobby.database)) as database, database:
                database.execute("UPDATE journal SET body = replace(body, 'A', 'B') WHERE site = 'annex' AND seq = 3")

            await lobby.hub.start()
            await lobby.hub.until('"event": "site does not serve"', "hub serves", "link connected")
            assert (await take(lobby.web, GOES_ON)).json()["number"] == "A002"
            refused = await take(lobby.web, DAMAGED)
            assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
            page = await lobby.web.get("/annex/join", headers={"accept-language": "en"})
            assert (page.status_code, "Please ask a member of staff." in page.text) == (503, True)
            health = await lobby.web.get("/healthz")
            assert (health.status_code, health.json()["status"]) == (200, "degraded")
            (said,) = [it for it in health.json()["reasons"] if it.startswith("site annex does not serve")]
            assert "row 3 was altered" in said

            await lobby.hub.kill()
            await copy("restore", lobby, tmp_path)
            await lobby.start_hub()
            assert [(await take(lobby.web, it)).json()["number"] for it in (GOES_ON, DAMAGED)] == ["A002", "A002"]


async def copy(command: str, lobby: Lobby, folder: Path) -> None:
    """`guichet-hub backup` or `restore`, as operators type it."""
    process = Process(program("guichet-hub"), command, folder / "copy", "--data", lobby.database.parent)
    await process.start()
    async with asyncio.timeout(30):
        await process.until(str(folder / "copy"))
    await process.kill()
