"""Single sign-on: from the hub to a provider and back, and everything that may be wrong with what comes back."""

import base64
import json
from collections.abc import Callable
from itertools import count
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import ASGITransport, AsyncClient, Response

from hub.accounts.office import Office
from hub.accounts.rights import Role
from hub.keyring import Keyring
from hub.web.sign_on import KEYS_LAST, LASTS, SignOn
from hub.web.sign_on import Provider as Known
from tests.accounts import MemoryStore, an_office
from tests.oidc import CLIENT, ISSUER, OTHER_KEY, SECRET, Claims, Provider
from tests.sites import MemorySite, a_visitor, an_app

MIA: Claims = {"preferred_username": "mia", "groups": ["everybody", "lobby-staff"]}
LEO: Claims = {"preferred_username": "leo", "groups": "lobby-lead"}
EVE: Claims = {"preferred_username": "eve", "groups": ["everybody"]}
KNOWN = Known(
    issuer=ISSUER,
    client_id=CLIENT,
    client_secret=SECRET,
    roles={"lobby-staff": Role.STAFF, "lobby-lead": Role.MANAGER},
)


class Town:
    """A hub, its provider, and a browser between them."""

    def __init__(self, known: Known = KNOWN) -> None:
        self.site = MemorySite()
        self.provider = Provider(lambda: self.site.now, {"17": MIA, "18": LEO, "19": EVE})
        self.store = MemoryStore()
        self.office: Office = an_office(store=self.store, now=lambda: self.site.now)
        numbers = count(1)
        sign_on = SignOn(
            known,
            seal=Keyring(b"0123456789abcdef").seal,
            now=lambda: self.site.now,
            new_token=lambda: f"of-the-trip-{next(numbers):08d}",
            transport=ASGITransport(self.provider.app),
        )
        self.app = an_app(self.site, office=self.office, sign_on=sign_on)

    async def leaves(self, browser: AsyncClient, onward: str = "/hall/desks") -> str:
        """The address at the provider to which the browser is sent."""
        left = await browser.get("/sign-in/elsewhere", params={"next": onward})
        assert left.status_code == 303, left.text
        return left.headers["location"]

    async def is_recognised(self, address: str, person: str) -> str:
        """The path at the hub to which the provider sends whoever it has recognised."""
        async with AsyncClient(transport=ASGITransport(self.provider.app), base_url=ISSUER) as there:
            sent = await there.get(f"{address}&as={person}")
        assert sent.status_code == 303, sent.text
        return sent.headers["location"].removeprefix("http://hub.test")

    async def signs_on(self, browser: AsyncClient, person: str, onward: str = "/hall/desks") -> Response:
        return await browser.get(await self.is_recognised(await self.leaves(browser, onward), person))


async def test_whoever_the_provider_knows_is_signed_in_with_the_roles_that_it_says() -> None:
    town = Town()
    async with a_visitor(town.app) as browser:
        assert "Sign in with your work account" in (await browser.get("/sign-in")).text
        back = await town.signs_on(browser, "17")
        assert (back.status_code, back.headers["location"]) == (303, "/hall/desks")
        assert (await browser.get("/hall/desks")).status_code == 200
        assert (await browser.get("/hall/facilities")).status_code == 403
        assert "This account signs in elsewhere" in (await browser.get("/account")).text
    account = town.office.register.accounts["mia"]
    assert (account.roles, account.subject) == ((Role.STAFF,), f"{ISSUER}|17")
    assert ("mia", "signed-on", "") in town.store.told


async def test_roles_are_those_of_the_newest_sign_in() -> None:
    town = Town()
    async with a_visitor(town.app) as browser:
        await town.signs_on(browser, "17")
        town.provider.people["17"] = {**MIA, "groups": ["lobby-lead"]}
        await town.signs_on(browser, "17")
        assert (await browser.get("/hall/facilities")).status_code == 200
    assert town.office.register.accounts["mia"].roles == (Role.MANAGER,)


async def test_who_has_no_role_is_told_so_and_gets_no_account() -> None:
    town = Town()
    async with a_visitor(town.app) as browser:
        back = await town.signs_on(browser, "19")
        assert back.status_code == 403
        assert "Your work account has no role here." in back.text
        assert "guichet=" not in back.headers.get("set-cookie", "")
    assert town.office.register.accounts == {}


async def test_who_was_disabled_here_stays_out() -> None:
    town = Town()
    async with a_visitor(town.app) as browser:
        await town.signs_on(browser, "17")
        await town.office.change_account("mia", "ada", is_disabled=True)
        assert (await town.signs_on(browser, "17")).status_code == 403
        assert (await browser.get("/hall/desks")).status_code == 401


async def test_the_way_there_shows_neither_secret_nor_verifier() -> None:
    town = Town()
    async with a_visitor(town.app) as browser:
        address = await town.leaves(browser)
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        (cookie,) = [it for it in browser.cookies.jar if it.name == "guichet-trip"]
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["redirect_uri"] == "http://hub.test/sign-in/back"
    assert SECRET not in address
    assert cookie.value is not None
    trip = json.loads(base64.urlsafe_b64decode(cookie.value.partition(".")[2] + "=="))
    assert trip["verifier"] not in address
    assert cookie.path == "/sign-in"
    assert cookie.has_nonstandard_attr("HttpOnly")


# --- what must not work ------------------------------------------------------------------------------------------


async def refused(town: Town, browser: AsyncClient, path: str) -> None:
    back = await browser.get(path)
    assert back.status_code == 422, back.text
    assert "Signing in with the work account did not work. Please try again." in back.text
    assert (await browser.get("/hall/desks")).status_code == 401
    assert town.office.register.accounts == {}


async def test_nobody_finishes_what_another_browser_began() -> None:
    town = Town()
    async with a_visitor(town.app) as hers, a_visitor(town.app) as his:
        path = await town.is_recognised(await town.leaves(hers), "17")
        await refused(town, his, path)
        await town.leaves(his)
        await refused(town, his, path)


async def test_a_code_is_good_once() -> None:
    town = Town()
    async with a_visitor(town.app) as browser:
        path = await town.is_recognised(await town.leaves(browser), "17")
        trip = browser.cookies["guichet-trip"]
        assert (await browser.get(path)).status_code == 303
        assert "guichet-trip" not in browser.cookies
        again = await browser.get(path, headers={"cookie": f"guichet-trip={trip}"})
        assert again.status_code == 422


async def test_a_trip_that_took_too_long_is_over() -> None:
    town = Town()
    async with a_visitor(town.app) as browser:
        path = await town.is_recognised(await town.leaves(browser), "17")
        town.site.after(LASTS.total_seconds() + 1)
        await refused(town, browser, path)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda claims: claims | {"iss": "https://evil.example"},
        lambda claims: claims | {"aud": "another client"},
        lambda claims: claims | {"aud": [CLIENT, "another"], "azp": "another"},
        lambda claims: claims | {"nonce": "of another trip"},
        lambda claims: claims | {"exp": claims["iat"] - 120},
        lambda claims: {name: value for name, value in claims.items() if name != "exp"},
        lambda claims: {name: value for name, value in claims.items() if name != "sub"},
        lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
    ],
    ids=["issuer", "audience", "party", "nonce", "expired", "endless", "nobody", "no nonce"],
)
async def test_a_token_that_is_not_for_us_now_and_for_this_trip_is_none(spoil: Callable[[Claims], Claims]) -> None:
    town = Town()
    town.provider.spoil = spoil
    async with a_visitor(town.app) as browser:
        await refused(town, browser, await town.is_recognised(await town.leaves(browser), "17"))


async def test_a_token_that_another_has_signed_is_none() -> None:
    town = Town()
    town.provider.signs_with = OTHER_KEY
    async with a_visitor(town.app) as browser:
        await refused(town, browser, await town.is_recognised(await town.leaves(browser), "17"))


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256"}])
async def test_a_token_without_a_signature_is_none(header: dict[str, str]) -> None:
    town = Town()

    def unsigned(claims: Claims) -> str:
        parts = (base64.urlsafe_b64encode(json.dumps(it).encode()).decode().rstrip("=") for it in (header, claims))
        return ".".join((*parts, ""))

    town.provider.write = unsigned
    async with a_visitor(town.app) as browser:
        await refused(town, browser, await town.is_recognised(await town.leaves(browser), "17"))


@pytest.mark.parametrize("query", ["", "?state=x&code=y", "?error=access_denied&state=x"])
async def test_who_comes_back_without_having_left_is_nobody(query: str) -> None:
    town = Town()
    async with a_visitor(town.app) as browser:
        await refused(town, browser, f"/sign-in/back{query}")
        browser.cookies.set("guichet-trip", "made.up", path="/sign-in")
        await refused(town, browser, f"/sign-in/back{query}")


async def test_another_issuers_answer_is_not_taken_for_this_ones() -> None:
    town = Town()
    async with a_visitor(town.app) as browser:
        path = await town.is_recognised(await town.leaves(browser), "17")
        await refused(town, browser, path.replace("iss=http", "iss=https"))


async def test_a_hub_with_the_wrong_secret_is_refused_by_the_provider() -> None:
    town = Town(Known(issuer=ISSUER, client_id=CLIENT, client_secret="wrong", roles=KNOWN.roles))
    async with a_visitor(town.app) as browser:
        await refused(town, browser, await town.is_recognised(await town.leaves(browser), "17"))


async def test_a_provider_that_is_away_is_told_and_passwords_go_on() -> None:
    town = Town()
    town.provider.is_away = True
    async with a_visitor(town.app) as browser:
        page = await browser.get("/sign-in/elsewhere")
        assert page.status_code == 422
        assert "Signing in with the work account did not work." in page.text
        assert 'name="password"' in page.text
        town.provider.is_away = False
        assert (await town.signs_on(browser, "17")).status_code == 303


async def test_keys_that_were_changed_are_asked_for_anew_and_else_seldom() -> None:
    town = Town()
    async with a_visitor(town.app) as browser:
        await town.signs_on(browser, "17")
        await town.signs_on(browser, "17")
        assert town.provider.asked == ["description", "keys"]
        town.provider.keys, town.provider.signs_with = [OTHER_KEY], OTHER_KEY
        assert (await town.signs_on(browser, "17")).status_code == 303
        town.site.after(KEYS_LAST.total_seconds() + 1)
        await town.signs_on(browser, "17")
    assert town.provider.asked == ["description", "keys", "keys", "keys"]


async def test_without_a_provider_there_is_no_way_to_one() -> None:
    async with a_visitor(an_app(MemorySite())) as browser:
        assert (await browser.get("/sign-in/elsewhere")).status_code == 404
        assert (await browser.get("/sign-in/back")).status_code == 404
        assert "work account" not in (await browser.get("/sign-in")).text
