"""A hub that does not own its sites, as somebody sees it who asks it. What it hands on is tested with two processes."""

import pytest
from httpx import ASGITransport, AsyncClient

from hub.keyring import Keyring
from hub.web.forwarding import Forwarding
from tests.accounts import STAFF_TOKEN
from tests.sites import MemorySite, an_app

KEYRING = Keyring(b"0123456789abcdef")
NOBODY = "http://127.0.0.1:9"
"""Discards what it is sent, where it exists at all."""

FRENCH = "Nous passons sur un autre ordinateur. Réessayez dans quelques secondes."


def asking(*, serves: bool = False, owner: str = "", language: str = "en") -> AsyncClient:
    site = MemorySite()
    app = Forwarding(
        an_app(site), serves=lambda: serves, owner_address=lambda: owner, seal=KEYRING.seal, now=lambda: site.now
    )
    headers = {"accept-language": language}
    return AsyncClient(transport=ASGITransport(app), base_url="http://hub.test", headers=headers)


async def test_who_owns_the_sites_answers() -> None:
    async with asking(serves=True, owner=NOBODY) as client:
        assert (await client.get("/hall/join")).status_code == 200


@pytest.mark.parametrize("owner", ["", NOBODY])
async def test_while_nobody_owns_them_a_page_says_when_to_ask_again(owner: str) -> None:
    async with asking(owner=owner) as client:
        page = await client.get("/hall/join")
        assert (page.status_code, page.headers["retry-after"]) == (503, "2")
        assert page.headers["content-type"].startswith("text/html")
        assert "We are changing over to another computer. Please try again in a few seconds." in page.text


@pytest.mark.parametrize("owner", ["", NOBODY])
async def test_and_so_does_the_api_in_the_readers_language(owner: str) -> None:
    async with asking(owner=owner, language="fr") as client:
        answer = await client.post("/api/v1/sites/hall/tickets", json={"service": "permits"})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.json()["code"], answer.json()["detail"]) == ("no-owner", FRENCH)


async def test_every_hub_answers_for_itself() -> None:
    async with asking() as client:
        for path in ("/healthz", "/metrics", "/api/v1/openapi.json"):
            answer = await client.get(path, headers={"authorization": f"Bearer {STAFF_TOKEN}"})
            assert answer.status_code == 200, path


async def test_two_hubs_that_disagree_do_not_play_ball() -> None:
    async with asking(owner="http://unreachable.invalid") as client:
        answer = await client.get("/hall/join", headers={"guichet-forwarded": "1"})
        assert answer.status_code == 503
