"""A hub is killed in the middle of a long day and started again: how long until a desk can call the next?

The replay is also taken alone, without the start of Python and its libraries around it: beside reading the same rows.
"""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import httpx

from hub.config import lobby_of
from hub.database import open_journal
from hub.day.apply import apply
from hub.day.model import Day
from hub.journal import Journal
from tests.bench.bare_app import PATH
from tests.bench.figures import Figure, Setting
from tests.bench.tickets import bare_app
from tests.bench.written_days import write_day
from tests.brokers import HOST, free_port, mosquitto
from tests.processes import API, LOBBY, SITE, Lobby

EVENTS = 25_000
TICKETS = 2_400
REPLAYS = 7
RESTARTS = 5
ASK_AGAIN_S = 0.002
GIVE_UP_S = 120.0


async def measure(setting: Setting) -> list[Figure]:
    with mosquitto() as broker:
        lobby = Lobby(setting.folder, broker.url)
        with open_journal(f"sqlite:///{lobby.database}") as journal:
            write_day(journal, lobby_of(LOBBY), tickets=setting.scaled(TICKETS), events=setting.scaled(EVENTS))
            setting.tell(0.2)
            replayed = _replayed(journal, lobby.database)
        setting.tell(0.3)
        await lobby.prepare()
        try:
            restarted = await _restarted(lobby, setting)
        finally:
            await lobby.web.aclose()
    return [replayed, restarted]


def _replayed(journal: Journal, database: Path) -> Figure:
    """In seconds of a processor: it waits for nothing, and so not for others who want one."""
    ours_s, raw_s = [], []
    with closing(sqlite3.connect(database)) as raw:
        for _ in range(REPLAYS):
            began_s = process_time()
            day = Day()
            for entry in journal.load(SITE).entries:
                apply(day, entry.event, entry.at, entry.seq)
            ours_s.append(process_time() - began_s)
            began_s = process_time()
            raw.execute("SELECT seq, day, at, body, hash FROM journal WHERE site = ? ORDER BY seq", (SITE,)).fetchall()
            raw_s.append(process_time() - began_s)
    return Figure("replay of 25,000 events, chain verified", median(ours_s), median(raw_s))


async def _restarted(lobby: Lobby, setting: Setting) -> Figure:
    """From the start of the process to an answer, in turns with the bare app. The visitor is really called."""
    ours_s, raw_s = [], []
    turns = setting.scaled(RESTARTS)
    for turn in range(turns):
        setting.tell(0.3 + 0.7 * turn / turns)
        began_s = perf_counter()
        try:
            await lobby.hub.start()
            await _until_answered(lobby.web, f"{API}/desks/one/next", {})
            ours_s.append(perf_counter() - began_s)
        finally:
            await lobby.hub.kill()
        raw_s.append(await _until_bare_answers())
    return Figure("restart with 25,000 events to the first call", median(ours_s), median(raw_s))


async def _until_bare_answers() -> float:
    port = free_port()
    began_s = perf_counter()
    async with bare_app(port, 100), httpx.AsyncClient(base_url=f"http://{HOST}:{port}") as web:
        await _until_answered(web, PATH, {"service": "permits"})
        return perf_counter() - began_s


async def _until_answered(web: httpx.AsyncClient, path: str, body: dict[str, str]) -> None:
    async with asyncio.timeout(GIVE_UP_S):
        while True:
            try:
                answer = await web.post(path, json=body)
            except httpx.TransportError:
                await asyncio.sleep(ASK_AGAIN_S)
                continue
            assert answer.is_success, answer.text
            return
