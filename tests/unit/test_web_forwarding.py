"""A hub that does not own its sites, as somebody sees it who asks it. What it hands on is tested with two processes."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from httpx import ASGITransport, AsyncClient

from hub.accounts.records import Account
from hub.keyring import Keyring
from hub.web.forwarding import Forwarding
from tests.accounts import PASSWORD, STAFF_TOKEN, an_office
from tests.given import MONDAY_9H
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


# --- where a request came from -----------------------------------------------------------------------------------


def sealed(scheme: str = "http", client: str = "203.0.113.7", at: datetime = MONDAY_9H, key: Keyring = KEYRING) -> str:
    text = f"{int(at.timestamp())} {scheme} {client}"
    return f"{key.seal(text)} {text}"


def handed_on(value: str) -> list[tuple[bytes, bytes]]:
    """The header of a request that another hub hands on, or somebody who would like to be one."""
    return [(b"guichet-forwarded", value.encode("latin-1"))]


async def tickets_of(origins: Callable[[int], str]) -> int:
    """How many tickets are given when one address may have sixty and one more is asked for."""
    async with asking(serves=True) as client:
        form = {"service": "passports"}
        answers = [await client.post("/hall/join", data=form, headers=handed_on(origins(n))) for n in range(61)]
    return [it.status_code for it in answers].count(303)


async def test_visitors_who_come_by_way_of_another_hub_are_told_apart() -> None:
    assert await tickets_of(lambda n: sealed(client=f"203.0.113.{n}")) == 61
    assert await tickets_of(lambda n: sealed()) == 60


@pytest.mark.parametrize(
    "forged",
    [
        lambda n: f"203.0.113.{n}",
        lambda n: sealed(client=f"203.0.113.{n}", key=Keyring(b"of somebody else")),
        lambda n: sealed(client=f"203.0.113.{n}", at=MONDAY_9H - timedelta(seconds=61)),
        lambda n: sealed().replace("203.0.113.7", f"198.51.100.{n}"),
        lambda n: "",
        lambda n: "\xe9 1 http x",
    ],
    ids=["no seal", "another key", "too old", "altered", "empty", "no ascii"],
)
async def test_nobody_pretends_to_come_from_elsewhere(forged: Callable[[int], str]) -> None:
    assert await tickets_of(forged) == 60


async def test_a_page_over_tls_stays_one_behind_another_hub() -> None:
    async with asking(serves=True) as client:
        page = await client.get("/sign-in", headers=handed_on(sealed("https")))
        assert "strict-transport-security" in page.headers
        plain = await client.get("/sign-in", headers=handed_on(sealed("https", key=Keyring(b"of somebody else"))))
        assert "strict-transport-security" not in plain.headers


@pytest.mark.parametrize(("serves", "session"), [(True, 200), (False, 401)])
async def test_a_standby_knows_tokens_and_leaves_sessions_to_the_owner(serves: bool, session: int) -> None:
    site, office = MemorySite(), an_office()
    account = await office.use_link(await office.offer_set_up(), "ada", PASSWORD)
    assert isinstance(account, Account)
    cookie = {"cookie": f"guichet={await office.register.begin_session(account, 'signed-in')}"}
    token = {"authorization": f"Bearer {STAFF_TOKEN}"}
    app = Forwarding(
        an_app(site, office=office), serves=lambda: serves, owner_address=str, seal=KEYRING.seal, now=lambda: site.now
    )
    async with AsyncClient(transport=ASGITransport(app), base_url="http://hub.test") as client:
        assert [(await client.get("/metrics", headers=it)).status_code for it in (token, cookie)] == [200, session]
