"""Pages of who looks after accounts and tokens, of one's own account, and of who did what."""

import re
from pathlib import Path

import pytest

from hub.accounts.office import Office
from hub.accounts.records import Act
from hub.accounts.register import ACTS_SHOWN
from hub.accounts.rights import Right, Role
from tests.accounts import PASSWORD, STAFF_TOKEN, MemoryStore, an_office
from tests.given import a_lobby
from tests.sites import MemorySite, a_visitor, an_app
from words import LANGUAGES

OWN = {"sec-fetch-site": "same-origin"}
ROOT = Path(__file__).parents[2]
NEW = "another good sentence"


class House:
    """A hub whose first administrator has signed in."""

    def __init__(self, *sites: MemorySite) -> None:
        self.sites = sites or (MemorySite(a_lobby(languages=LANGUAGES)),)
        self.store = MemoryStore()
        self.office: Office = an_office(store=self.store, now=lambda: self.sites[0].now)
        self.app = an_app(*self.sites, office=self.office)
        self.browser = a_visitor(self.app)

    async def __aenter__(self) -> "House":
        self.browser.headers.update(OWN)
        token = await self.office.offer_set_up()
        form = {"name": "Ada", "password": PASSWORD, "again": PASSWORD}
        done = await self.browser.post(f"/welcome/{token}", data=form)
        assert (done.status_code, done.headers["location"]) == (303, "/account")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.browser.aclose()

    async def shown(self, path: str) -> str:
        page = await self.browser.get(path)
        assert page.status_code == 200, page.text
        return page.text

    async def sent(self, path: str, status: int = 303, **form: str | list[str]) -> str:
        answer = await self.browser.post(path, data=form)
        assert answer.status_code == status, answer.text
        return answer.text

    async def somebody(self, name: str, *roles: str) -> str:
        """A new account; the path of the link that its owner gets."""
        page = await self.sent("/accounts", 200, name=name, role=list(roles))
        found = re.search(r'value="http://hub.test(/welcome/[\w-]+)"', page)
        assert found, page
        return found[1]


# --- the first page of all ---------------------------------------------------------------------------------------


async def test_the_first_start_is_set_up_by_whoever_has_the_link() -> None:
    office = an_office()
    token = await office.offer_set_up()
    async with a_visitor(an_app(MemorySite(), office=office)) as browser:
        browser.headers.update(OWN)
        page = (await browser.get(f"/welcome/{token}")).text
        assert "Set up this hub" in page
        assert 'autocomplete="new-password"' in page
        form = {"name": "Ada", "password": PASSWORD, "again": "otherwise than before"}
        refused = await browser.post(f"/welcome/{token}", data=form)
        assert (refused.status_code, "The two passwords are not the same." in refused.text) == (422, True)
        assert 'value="Ada"' in refused.text
        weak = await browser.post(f"/welcome/{token}", data={"name": "Ada", "password": "x", "again": "x"})
        assert "This password is too easy to guess." in weak.text
        done = await browser.post(f"/welcome/{token}", data={"name": "Ada", "password": PASSWORD, "again": PASSWORD})
        assert done.headers["location"] == "/account"
        assert "Good to see you, ada" in (await browser.get("/account")).text
        used = await browser.get(f"/welcome/{token}")
        assert (used.status_code, "This link is used up" in used.text) == (404, True)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_speaks_every_language(language: str) -> None:
    async with House() as house:
        link = await house.somebody("mia", "staff")
        paths = ["/account", "/accounts", "/accounts/mia", "/tokens", "/acts", "/sign-in?again", link]
        for path in paths:
            page = await house.shown(f"{path}{'&' if '?' in path else '?'}lang={language}")
            assert f'<html lang="{language}">' in page
            assert "%(" not in page


# --- accounts ----------------------------------------------------------------------------------------------------


async def test_a_colleague_gets_a_link_and_nobody_else_knows_the_password() -> None:
    async with House() as house:
        link = await house.somebody("Mia@Town.example", "staff")
        assert "has not chosen a password yet" in await house.shown("/accounts")
        async with a_visitor(house.app) as hers:
            hers.headers.update(OWN)
            assert "Welcome, mia@town.example" in (await hers.get(link)).text
            await hers.post(link, data={"password": NEW, "again": NEW})
            assert (await hers.get("/hall/desks")).status_code == 200
            assert (await hers.get("/accounts")).status_code == 403
        assert link.rpartition("/")[2] not in await house.shown("/accounts/mia@town.example")
        assert "last here on" in await house.shown("/accounts")
    assert ("ada", "account-added", "mia@town.example") in house.store.told


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "Two words", "role": "staff"}, "A name is made of small letters"),
        ({"name": "ada", "role": "staff"}, "This name is taken already."),
        ({"name": "mia"}, "Please choose at least one role."),
    ],
)
async def test_what_is_wrong_with_a_new_account_is_said_and_nothing_is_lost(form: dict[str, str], said: str) -> None:
    async with House() as house:
        page = await house.sent("/accounts", 422, **form)
        assert said in page
        assert f'name="name" value="{form["name"]}"' in page
    assert len(house.office.register.accounts) == 1


async def test_roles_and_sites_are_changed_and_an_account_is_let_out_and_in() -> None:
    annex = MemorySite(a_lobby())
    annex.id = "annex"
    async with House(MemorySite(), annex) as house:
        await house.somebody("mia", "staff")
        await house.sent("/accounts/mia", do="save", role=["manager", "facilities"], site="annex")
        mia = house.office.register.accounts["mia"]
        assert (mia.roles, mia.sites) == ((Role.MANAGER, Role.FACILITIES), ("annex",))
        await house.sent("/accounts/mia", do="save", role=["staff"], site=["hall", "annex"])
        assert house.office.register.accounts["mia"].sites == (), "all of them is everywhere"
        await house.sent("/accounts/mia", do="disable")
        assert "may not sign in" in await house.shown("/accounts")
        await house.sent("/accounts/mia", do="enable")
        assert not house.office.register.accounts["mia"].is_disabled
        await house.sent("/accounts/mia", 400, do="something else")
        await house.sent("/accounts/nobody", 404, do="disable")


async def test_nobody_locks_the_last_administrator_out() -> None:
    async with House() as house:
        for form in ({"do": "disable"}, {"do": "save", "role": "staff"}):
            assert "this is the last account that may" in await house.sent("/accounts/ada", 422, **form)
        assert (await house.browser.get("/accounts")).status_code == 200


# --- one's own ---------------------------------------------------------------------------------------------------


async def test_a_password_is_changed_by_who_knows_it() -> None:
    async with House() as house:
        elsewhere = await house.office.register.begin_session(house.office.register.accounts["ada"], "signed-in")
        assert "You are signed in at 1 other place too." in await house.shown("/account")
        wrong = await house.sent("/account", 422, old="wrong", password=NEW, again=NEW)
        assert "That is not your password." in wrong
        assert "not the same" in await house.sent("/account", 422, old=PASSWORD, password=NEW, again="x" * 12)
        await house.sent("/account", old=PASSWORD, password=NEW, again=NEW)
        assert "You have a new password now" in await house.shown("/account?changed")
    assert await house.office.register.browser(elsewhere) is None
    assert await house.office.proven("ada", NEW) is not None


# --- tokens ------------------------------------------------------------------------------------------------------


async def test_a_token_is_shown_once_and_revoked_with_one_button() -> None:
    async with House() as house:
        page = await house.sent("/tokens", 200, name="Clock", scope=["desks", "health"], days="30")
        found = re.search(r'value="(guichet_[\w-]+)"', page)
        assert found
        assert found[1] not in await house.shown("/tokens")
        identity = house.office.register.program(found[1])
        assert identity is not None
        assert identity.rights == {Right.DESKS, Right.HEALTH}
        await house.sent("/tokens/clock/revoke")
        assert house.office.register.program(found[1]) is None
    assert house.store.told[-2:] == [("ada", "token-added", "clock"), ("ada", "token-revoked", "clock")]


async def test_what_is_wrong_with_a_new_token_is_said() -> None:
    async with House() as house:
        assert "Please choose at least one thing that it may do." in await house.sent("/tokens", 422, name="clock")
        assert "Please choose at least one thing" in await house.sent("/tokens", 422, name="clock", scope="accounts")
        await house.sent("/tokens", 400, name="clock", scope="desks", days="for ever")
    assert "clock" not in house.office.register.tokens


async def test_no_program_gets_to_these_pages() -> None:
    async with House() as house:
        house.browser.cookies.clear()
        house.browser.headers["authorization"] = f"Bearer {STAFF_TOKEN}"
        for path in ("/accounts", "/tokens", "/acts"):
            assert (await house.browser.get(path)).status_code == 403


# --- who did what ------------------------------------------------------------------------------------------------


async def test_acts_are_told_in_words_the_newest_first_page_by_page() -> None:
    async with House() as house:
        site = house.sites[0]
        acts = [Act(at=site.now, who="mia", what="CallNext", site="hall", place="1", seq=n) for n in range(ACTS_SHOWN)]
        await house.office.register.write(*acts)
        newest = await house.shown("/acts")
        assert newest.count("called the next visitor") == ACTS_SHOWN
        assert "Town hall" in newest
        older = re.search(r'href="(/acts\?before=\d+)"', newest)
        assert older
        assert "signed in" in await house.shown(older[1])
        hers = await house.shown("/acts?who=mia")
        assert "chose a password" not in hers
        assert "&amp;who=mia" in hers
        assert "What staff and programs did." in await house.shown("/acts?before=many")


async def test_every_act_has_words() -> None:
    """Whatever staff can ask for, and whatever happens to accounts."""
    source = "".join(path.read_text("utf-8") for path in (ROOT / "hub").rglob("*.py"))
    kinds = set(re.findall(r'act\([^()]*?"([a-z]+-[a-z-]+)"', source)) | {
        "signed-in",
        "signed-on",
        "book-imported",
        "book-read",
    }
    assert len(kinds) >= 12
    async with House() as house:
        await house.office.register.write(*(house.office.register.act("x", kind) for kind in sorted(kinds)))
        page = await house.shown("/acts")
    assert [kind for kind in sorted(kinds) if f">{kind}<" in page] == []
