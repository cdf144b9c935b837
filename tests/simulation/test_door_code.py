"""The code of the door, from the hub to the sign to a phone and back to the hub."""

import asyncio
import re

import msgspec
import pytest

from hub.day.events import TicketIssued
from simulator.lobby_run import node_client
from tests.simulation.stage import TownHall, in_town_hall
from wire import codec
from wire.messages import Show, SignView

NODE, SIGN = "door-1", "door-1/sign"
ALONE_S = 600
"""What a lobby says that says nothing else."""


def way_in(it: TownHall) -> str:
    """The address that the sign shows; empty if it shows none."""
    return it.run.hall.join_path("hall")


async def join(it: TownHall, path: str) -> int:
    """Scan, choose, send: the status at the end."""
    page = await it.run.web.get(path)
    form = dict(re.findall(r'name="(request_id|pass)" value="([^"]+)"', page.text))
    return (await it.run.web.post(f"/{it.run.lobby.site.id}/join", form={"service": "residents", **form})).status


def sign_views(it: TownHall) -> list[SignView]:
    """All that was said to the sign."""
    shows = [codec.decode(*said)[1] for said in it.recorder.said if said[0].endswith(f"/{SIGN}/show")]
    return [show.view for show in shows if isinstance(show, Show) and isinstance(show.view, SignView)]


def test_who_reads_the_sign_joins_and_the_ticket_says_with_which_code() -> None:
    async def act(it: TownHall) -> None:
        await asyncio.sleep(5)
        assert await join(it, way_in(it)) == 303
        (issued,) = it.events(TicketIssued)
        assert isinstance(issued, TicketIssued)
        assert re.fullmatch(rf"{SIGN}/\d+", issued.door_code)

    in_town_hall(act)


def test_the_code_changes_and_nothing_is_published_for_it() -> None:
    async def act(it: TownHall) -> None:
        await asyncio.sleep(30)
        said, seen = len(sign_views(it)), set()
        for _ in range(10):
            seen.add(way_in(it))
            await asyncio.sleep(30)
        assert len(seen) == 10
        assert len(sign_views(it)) == said

    in_town_hall(act)


def test_a_sign_that_is_cut_off_shows_codes_that_the_hub_takes_for_the_stated_time_and_then_none() -> None:
    async def act(it: TownHall) -> None:
        await asyncio.sleep(30)
        it.run.broker.cut(node_client(NODE))
        for _ in range(ALONE_S // 60 - 1):
            await asyncio.sleep(60)
            assert await join(it, way_in(it)) == 303
        await asyncio.sleep(60)
        assert way_in(it) == ""
        it.run.broker.heal(node_client(NODE))
        await asyncio.sleep(20)
        assert await join(it, way_in(it)) == 303

    in_town_hall(act)


def test_a_code_and_its_pass_outlive_the_hub_that_took_them() -> None:
    async def act(it: TownHall) -> None:
        await asyncio.sleep(5)
        shown = way_in(it)
        await it.run.kill_hub()
        await asyncio.sleep(3)
        await it.run.start_hub()
        assert await join(it, shown) == 303

    in_town_hall(act)


def test_the_secret_of_a_door_is_on_its_own_leaf_and_nowhere_else(capsys: pytest.CaptureFixture[str]) -> None:
    async def act(it: TownHall) -> str:
        await asyncio.sleep(5)
        assert await join(it, way_in(it)) == 303
        (secret,) = {view.door.secret for view in sign_views(it) if view.door}
        said_on = {topic for topic, payload in it.recorder.said if secret.encode() in payload}
        assert said_on == {f"guichet/1/{it.run.lobby.site.id}/{SIGN}/show"}
        rows = it.run.journal.history(it.run.lobby.site.id)
        assert not [row for row in rows if secret.encode() in msgspec.json.encode(row.event)]
        return secret

    secret = in_town_hall(act)
    logged = capsys.readouterr()
    assert secret not in logged.out + logged.err
