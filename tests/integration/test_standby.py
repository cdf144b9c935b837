"""Two hubs on one PostgreSQL: one owns the lobby, the other stands by; whoever lost it writes nothing more."""

import asyncio
from pathlib import Path

from tests.processes import API, SITE
from tests.standby import TwoHubs, take, two_hubs


async def test_requests_to_the_standby_are_answered_by_the_owner(tmp_path: Path) -> None:
    async with two_hubs(tmp_path) as stage:
        await both_started(stage)
        there = await take(stage.second, "request-number-1")
        here = await take(stage.first, "request-number-1")
        assert there == here
        page = await stage.second.web.get(f"/t/{there['token']}")
        assert (page.status_code, there["number"] in page.text) == (200, True)
        assert page.headers["content-security-policy"]
        async with stage.second.web.stream("GET", f"/{SITE}/desk/one/live") as live:
            lines = live.aiter_lines()
            assert await anext(lines) == "retry: 3000"
            opened = await stage.second.web.post(f"{API}/desks/one/open")
            assert opened.status_code == 200, opened.text
            async with asyncio.timeout(5):
                while "id:" not in await anext(lines):
                    pass
        assert (await stage.second.web.get("/healthz")).json()["role"] == "standby"
        assert stage.rows("SELECT count(*) FROM journal WHERE body LIKE '%TicketIssued%'") == ["1"]


async def both_started(stage: TwoHubs) -> None:
    """The first is the owner."""
    await stage.first.start()
    await stage.first.until("role", "owner")
    await stage.second.start()
    await stage.second.until("role", "standby")
