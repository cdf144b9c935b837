"""How much memory a hub has: at rest with one lobby, and with a city of fifty in the middle of a busy day.

Both have been asked for what people look at, so that whatever is loaded late is loaded. Beside them stands the bare
web server, which has the same Python, FastAPI and uvicorn.
"""

import asyncio
from pathlib import Path

import httpx

from hub.config import lobby_of
from hub.database import open_journal
from tests.bench.bare_app import PATH
from tests.bench.figures import Figure, Setting
from tests.bench.machine import memory_mb
from tests.bench.tickets import bare_app
from tests.bench.written_days import write_day
from tests.brokers import HOST, Mosquitto, free_port, mosquitto
from tests.processes import API, LOBBY, SITE, Lobby

SITES = 50
TICKETS = 1_200
SETTLES_S = 3.0
"""After its first requests."""


async def measure(setting: Setting) -> list[Figure]:
    with mosquitto() as broker:
        (one, city) = (setting.folder / name for name in ("one", "city"))
        one.mkdir()
        city.mkdir()
        bare_mb = await _bare_mb()
        at_rest_mb = await _hub_mb(one, broker, [])
        setting.tell(0.2)
        lobbies = _written(city, setting)
        city_mb = await _hub_mb(city, broker, lobbies)
    return [
        Figure("memory at rest", at_rest_mb, bare_mb),
        Figure("memory with 50 sites of 1,200 tickets", city_mb, bare_mb),
    ]


def _written(folder: Path, setting: Setting) -> list[Path]:
    """The days of all sites, in the database that a hub in `folder` will find; the files of those beside its own."""
    texts = {SITE: LOBBY}
    for number in range(1, SITES):
        site = f"site-{number}"
        texts[site] = LOBBY.replace(f'id = "{SITE}"', f'id = "{site}"').replace('node = "', f'node = "{site}-')
    with open_journal(f"sqlite:///{folder / 'data' / 'hub.db'}") as journal:
        for number, text in enumerate(texts.values()):
            setting.tell(0.2 + 0.6 * number / SITES)
            write_day(journal, lobby_of(text), tickets=setting.scaled(TICKETS))
    files = []
    for site, text in texts.items():
        if site != SITE:
            file = folder / f"{site}.toml"
            file.write_text(text)
            files.append(file)
    return files


async def _hub_mb(folder: Path, broker: Mosquitto, sites: list[Path]) -> float:
    lobby = Lobby(folder, broker.url, sites=sites)
    try:
        await lobby.start_hub()
        ticket = await lobby.take_ticket()
        for path in (f"/t/{ticket['token']}", f"/{SITE}/desk/one", f"{API}/desks/one", "/metrics", "/healthz"):
            (await lobby.web.get(path)).raise_for_status()
        await asyncio.sleep(SETTLES_S)
        return memory_mb(lobby.hub.pid)
    finally:
        await lobby.hub.kill()
        await lobby.web.aclose()


async def _bare_mb() -> float:
    port = free_port()
    async with bare_app(port, 100) as process, httpx.AsyncClient(base_url=f"http://{HOST}:{port}") as web:
        (await web.post(PATH, json={"service": "permits"})).raise_for_status()
        return memory_mb(process.pid)
