"""Accounts, tokens, links and sessions: who may do what, since when, and until when."""

import asyncio
from datetime import datetime, timedelta
from itertools import count

import pytest

from hub.accounts.office import LINK_LASTS, SET_UP_LASTS, No, Office
from hub.accounts.passwords import WAITING_MAX, Passwords, TooBusy, is_good
from hub.accounts.records import Account
from hub.accounts.register import ACTS_KEPT, LOOK_S, SAVE_S, Register
from hub.accounts.rights import RIGHTS, SCOPES, Right, Role
from hub.accounts.sessions import IDLE, LASTS, OFFERS_AGAIN, OVERLAP, ROTATES
from hub.errors import Unwritten
from hub.keyring import token_hash
from simulator.clock import Now, run_virtual
from tests.accounts import CHEAP, PASSWORD, MemoryStore, an_account, an_office
from tests.given import MONDAY_9H

SECOND = timedelta(seconds=1)


class Clock:
    def __init__(self) -> None:
        self.at = MONDAY_9H

    def __call__(self) -> datetime:
        return self.at

    def after(self, *spans: timedelta) -> None:
        self.at += sum(spans, timedelta())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def office(store: MemoryStore, clock: Clock) -> Office:
    return an_office(store=store, now=clock)


async def with_password(office: Office, name: str, *roles: Role) -> Account:
    added = await office.add_account(name, roles or (Role.STAFF,), (), "test")
    assert isinstance(added, Account), added
    token = await office.register.offer_link(name, "test", LINK_LASTS)
    account = await office.use_link(token, "", PASSWORD)
    assert isinstance(account, Account), account
    return account


# --- what roles may do -----------------------------------------------------------------------------------------


def test_every_role_may_do_what_it_is_for_and_no_more() -> None:
    may = {role: set(RIGHTS[role]) for role in Role}
    assert may[Role.STAFF] == {Right.DESKS, Right.DAY}
    assert may[Role.FACILITIES] == {Right.DAY, Right.ROOMS, Right.SAFETY, Right.HEALTH}
    assert may[Role.MANAGER] == {Right.DESKS, Right.DAY, Right.ROOMS, Right.SAFETY, Right.HEALTH}
    assert may[Role.ADMIN] == {Right.ACCOUNTS, Right.NODES, Right.SAFETY, Right.HEALTH}


async def test_an_account_of_one_site_may_do_nothing_at_another(office: Office) -> None:
    account = await office.add_account("mia", (Role.STAFF,), ("hall",), "test")
    assert isinstance(account, Account)
    seen = await office.register.browser(await office.register.begin_session(account, "signed-in"))
    assert seen is not None
    assert seen.identity.may(Right.DESKS, "hall")
    assert not seen.identity.may(Right.DESKS, "annex")


async def test_an_administrator_of_one_site_says_nowhere_who_may_do_what(office: Office) -> None:
    account = await office.add_account("mia", (Role.ADMIN,), ("hall",), "test")
    assert isinstance(account, Account)
    seen = await office.register.browser(await office.register.begin_session(account, "signed-in"))
    assert seen is not None
    assert not seen.identity.may(Right.ACCOUNTS)
    assert seen.identity.may(Right.NODES)


# --- the first administrator -----------------------------------------------------------------------------------


async def test_there_is_no_default_password_but_a_link_that_opens_once(office: Office, store: MemoryStore) -> None:
    token = await office.offer_set_up()
    assert await office.proven("admin", "admin") is None
    first = await office.use_link(token, " Ada ", PASSWORD)
    assert isinstance(first, Account)
    assert (first.name, set(first.roles)) == ("ada", set(Role))
    assert await office.use_link(token, "eve", PASSWORD) is No.LINK_OVER
    assert await office.proven("ADA", PASSWORD) == first
    assert await office.offer_set_up() == "", "there is an administrator"
    assert ("ada", "password-chosen", "ada") in store.told


async def test_a_set_up_link_expires_and_a_later_one_makes_it_void(office: Office, clock: Clock) -> None:
    first = await office.offer_set_up()
    second = await office.offer_set_up()
    assert await office.use_link(first, "ada", PASSWORD) is No.LINK_OVER
    clock.after(SET_UP_LASTS)
    assert await office.use_link(second, "ada", PASSWORD) is No.LINK_OVER


async def test_a_set_up_link_is_void_once_somebody_else_is_the_administrator(office: Office) -> None:
    token = await office.offer_set_up()
    await with_password(office, "ada", Role.ADMIN)
    assert await office.use_link(token, "eve", PASSWORD) is No.LINK_OVER


@pytest.mark.parametrize(
    ("name", "password", "why"),
    [
        ("", PASSWORD, No.BAD_NAME),
        ("two words", PASSWORD, No.BAD_NAME),
        ("token:x", PASSWORD, No.BAD_NAME),
        ("ada", "short", No.WEAK_PASSWORD),
        ("ada", "aaaaaaaaaaaaaaaa", No.WEAK_PASSWORD),
        ("ada.lovelace", "ada.lovelace1", No.WEAK_PASSWORD),
        ("ada", "x" * 300, No.WEAK_PASSWORD),
    ],
)
async def test_a_bad_name_or_password_is_refused_and_the_link_stays_good(
    office: Office, name: str, password: str, why: No
) -> None:
    token = await office.offer_set_up()
    assert await office.use_link(token, name, password) is why
    assert isinstance(await office.use_link(token, "ada", PASSWORD), Account)


# --- passwords -------------------------------------------------------------------------------------------------


async def test_passwords_are_kept_as_argon2_and_made_anew_when_its_parameters_grow(
    office: Office, store: MemoryStore
) -> None:
    account = await with_password(office, "mia")
    assert account.password_hash.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert PASSWORD not in repr((await store.load(), store.noted))
    stronger = Office(office.register, Passwords(memory_kib=16, passes=1))
    assert await stronger.proven("mia", PASSWORD) is not None
    assert office.register.accounts["mia"].password_hash.startswith("$argon2id$v=19$m=16,t=1,p=1$")


async def test_a_wrong_password_and_a_name_that_nobody_has_are_refused_alike(
    office: Office, store: MemoryStore
) -> None:
    await with_password(office, "mia")
    assert await office.proven("mia", "wrong horse battery") is None
    assert await office.proven("nobody", PASSWORD) is None
    assert await office.proven("mia", "x" * 300) is None
    assert [act for act in store.told if act[1] == "sign-in-failed"] == [
        ("mia", "sign-in-failed", ""), ("somebody", "sign-in-failed", ""), ("mia", "sign-in-failed", "")
    ], "what is typed as a name may be a password"  # fmt: skip


async def test_who_has_no_password_cannot_sign_in_with_an_empty_one(office: Office) -> None:
    await office.add_account("mia", (Role.STAFF,), (), "test")
    assert await office.proven("mia", "") is None


async def test_too_many_who_sign_in_at_once_are_asked_to_come_again() -> None:
    passwords = Passwords(memory_kib=8, passes=1)
    passwords._waiting = WAITING_MAX  # noqa: SLF001  # so many are under way
    with pytest.raises(TooBusy):
        await passwords.hashed(PASSWORD)


def test_a_long_sentence_is_a_good_password() -> None:
    assert is_good(PASSWORD, "mia")


async def test_a_new_password_ends_all_other_sessions(office: Office) -> None:
    account = await with_password(office, "mia")
    register = office.register
    here, there = [await register.begin_session(account, "signed-in") for _ in range(2)]
    seen = await register.browser(here)
    assert seen is not None
    assert await office.change_password("mia", "wrong", "another good one", seen.identity.session) is No.WRONG_PASSWORD
    assert await office.change_password("mia", PASSWORD, "short", seen.identity.session) is No.WEAK_PASSWORD
    assert await register.browser(there) is not None
    assert isinstance(await office.change_password("mia", PASSWORD, "another good one", seen.identity.session), Account)
    assert await register.browser(here) is not None
    assert await register.browser(there) is None
    assert await office.proven("mia", PASSWORD) is None


async def test_a_reset_ends_the_old_password_and_every_session_at_once(office: Office) -> None:
    account = await with_password(office, "mia")
    cookie = await office.register.begin_session(account, "signed-in")
    token = await office.offer_link("mia", "ada")
    assert await office.proven("mia", PASSWORD) is None
    assert await office.register.browser(cookie) is None
    assert isinstance(await office.use_link(token, "", "another good one"), Account)
    assert await office.proven("mia", "another good one") is not None
    assert await office.offer_link("nobody", "ada") is No.UNKNOWN


# --- accounts --------------------------------------------------------------------------------------------------


async def test_who_is_disabled_is_out_at_once(office: Office, store: MemoryStore) -> None:
    account = await with_password(office, "mia")
    cookie = await office.register.begin_session(account, "signed-in")
    seen = await office.register.browser(cookie)
    assert seen is not None
    await office.change_account("mia", "ada", is_disabled=True)
    assert await office.register.browser(cookie) is None
    assert not office.register.is_still(seen.identity)
    assert await office.proven("mia", PASSWORD) is None
    assert store.told[-2:] == [("ada", "account-disabled", "mia"), ("mia", "sign-in-failed", "")]


async def test_a_role_that_is_taken_away_is_gone_at_once(office: Office) -> None:
    account = await with_password(office, "mia", Role.STAFF, Role.FACILITIES)
    cookie = await office.register.begin_session(account, "signed-in")
    await office.change_account("mia", "ada", roles=(Role.STAFF,))
    seen = await office.register.browser(cookie)
    assert seen is not None
    assert not seen.identity.may(Right.ROOMS)


async def test_the_last_administrator_stays_one(office: Office) -> None:
    await with_password(office, "ada", Role.ADMIN)
    assert await office.change_account("ada", "ada", is_disabled=True) is No.LAST_ADMIN
    assert await office.change_account("ada", "ada", roles=(Role.STAFF,)) is No.LAST_ADMIN
    assert await office.change_account("ada", "ada", sites=("hall",)) is No.LAST_ADMIN
    await with_password(office, "bob", Role.ADMIN)
    assert isinstance(await office.change_account("ada", "bob", roles=(Role.STAFF,)), Account)


async def test_who_is_disabled_while_she_chooses_a_password_stays_out(office: Office) -> None:
    await office.add_account("mia", (Role.STAFF,), (), "ada")
    token = await office.offer_link("mia", "ada")
    choosing = asyncio.create_task(office.use_link(token, "", PASSWORD))
    await asyncio.sleep(0)  # it is being hashed
    await office.change_account("mia", "ada", is_disabled=True)
    await choosing
    assert office.register.accounts["mia"].is_disabled


async def test_who_is_disabled_while_she_changes_her_password_stays_out(office: Office) -> None:
    await with_password(office, "mia")
    changing = asyncio.create_task(office.change_password("mia", PASSWORD, "seven purple staplers hum", ""))
    await asyncio.sleep(0)
    await office.change_account("mia", "ada", is_disabled=True)
    await changing
    assert office.register.accounts["mia"].is_disabled


async def test_a_password_that_is_reset_while_it_is_checked_opens_nothing(office: Office) -> None:
    await with_password(office, "mia")
    checking = asyncio.create_task(office.proven("mia", PASSWORD))
    await asyncio.sleep(0)
    await office.offer_link("mia", "ada")
    assert await checking is None


async def test_a_session_begins_for_nobody_who_was_let_out_meanwhile(office: Office) -> None:
    account = await with_password(office, "mia")
    await office.offer_link("mia", "ada")
    assert await office.register.begin_session(account, "signed-in") == ""


async def test_what_makes_no_account_is_refused(office: Office) -> None:
    await with_password(office, "mia")
    assert await office.add_account("MIA", (Role.STAFF,), (), "ada") is No.NAME_TAKEN
    assert await office.add_account("bob", (), (), "ada") is No.NO_ROLE
    assert await office.add_account("b b", (Role.STAFF,), (), "ada") is No.BAD_NAME
    assert await office.change_account("mia", "ada", roles=()) is No.NO_ROLE
    assert await office.change_account("bob", "ada", is_disabled=True) is No.UNKNOWN


# --- tokens of programs ----------------------------------------------------------------------------------------


async def test_a_token_is_shown_once_kept_as_a_hash_and_may_do_its_scopes(office: Office, store: MemoryStore) -> None:
    token = await office.add_token("clock", (Right.DESKS,), ("hall",), None, "ada")
    assert isinstance(token, str)
    assert token.startswith("guichet_")
    assert token not in repr((await store.load(), store.noted))
    identity = office.register.program(token)
    assert identity is not None
    assert (identity.who, identity.may(Right.DESKS, "hall")) == ("token:clock", True)
    assert not identity.may(Right.DESKS, "annex")
    assert not identity.may(Right.ROOMS)
    assert await office.add_token("clock", (Right.DESKS,), (), None, "ada") is No.NAME_TAKEN
    assert office.register.program(token_hash(token)) is None


async def test_a_token_that_is_revoked_or_expired_is_good_for_nothing(office: Office, clock: Clock) -> None:
    revoked = await office.add_token("one", (Right.DESKS,), (), None, "ada")
    expires = await office.add_token("two", (Right.DESKS,), (), clock() + SECOND, "ada")
    assert isinstance(revoked, str)
    assert isinstance(expires, str)
    identity = office.register.program(revoked)
    assert identity is not None
    assert await office.revoke_token("one", "ada")
    assert not await office.revoke_token("one", "ada")
    assert office.register.program(revoked) is None
    assert not office.register.is_still(identity)
    expiring = office.register.program(expires)
    assert expiring is not None
    assert office.register.is_still(expiring)
    clock.after(SECOND)
    assert office.register.program(expires) is None
    assert not office.register.is_still(expiring), "a page that it keeps open ends too"
    assert isinstance(await office.add_token("two", (Right.DESKS,), (), None, "ada"), str), "its name is free again"


async def test_no_program_may_say_who_may_do_what(office: Office) -> None:
    assert Right.ACCOUNTS not in SCOPES
    assert await office.add_token("god", (Right.ACCOUNTS,), (), None, "ada") is No.NO_SCOPE
    assert await office.add_token("nothing", (), (), None, "ada") is No.NO_SCOPE


# --- sessions --------------------------------------------------------------------------------------------------


async def signed_in(office: Office) -> str:
    return await office.register.begin_session(await with_password(office, "mia"), "signed-in")


async def test_a_session_ends_after_a_day_however_much_it_is_used(office: Office, clock: Clock) -> None:
    cookie = await signed_in(office)
    for _ in range(int(LASTS / IDLE) * 2 - 1):
        clock.after(IDLE / 2)
        seen = await office.register.browser(cookie)
        assert seen is not None
        cookie = seen.fresh or cookie
    clock.after(IDLE / 2)
    assert await office.register.browser(cookie) is None


async def test_a_session_ends_when_nobody_uses_it(office: Office, clock: Clock) -> None:
    cookie = await signed_in(office)
    clock.after(IDLE)
    assert await office.register.browser(cookie) is None


async def test_cookies_change_while_a_session_is_used_and_none_is_stored(
    office: Office, clock: Clock, store: MemoryStore
) -> None:
    old = await signed_in(office)
    clock.after(ROTATES)
    seen = await office.register.browser(old)
    assert seen is not None
    assert seen.fresh not in ("", old)
    assert (await office.register.browser(old)) is not None, "the browser may not have got it yet"
    assert (await office.register.browser(seen.fresh)) is not None
    clock.after(OVERLAP - SECOND)
    assert (await office.register.browser(old)) is not None, "a request that was under way"
    assert not {old, seen.fresh} & {it.hash for it in (await store.load()).sessions}


async def test_a_cookie_that_was_lost_on_its_way_is_offered_again(office: Office, clock: Clock) -> None:
    old = await signed_in(office)
    clock.after(ROTATES)
    lost = await office.register.browser(old)
    clock.after(OFFERS_AGAIN)
    again = await office.register.browser(old)
    assert lost is not None
    assert again is not None
    assert again.fresh not in ("", lost.fresh)
    assert await office.register.browser(lost.fresh) is None
    assert await office.register.browser(again.fresh) is not None


async def test_a_copied_cookie_ends_the_session_for_both(office: Office, clock: Clock, store: MemoryStore) -> None:
    stolen = await signed_in(office)
    clock.after(ROTATES)
    seen = await office.register.browser(stolen)
    assert seen is not None
    assert await office.register.browser(seen.fresh) is not None
    clock.after(OVERLAP)
    assert await office.register.browser(stolen) is None
    assert await office.register.browser(seen.fresh) is None
    assert store.told[-1] == ("mia", "session-copied", "")


async def test_who_signs_out_is_out(office: Office) -> None:
    cookie = await signed_in(office)
    seen = await office.register.browser(cookie)
    assert seen is not None
    await office.register.end_session(seen.identity)
    assert await office.register.browser(cookie) is None
    assert not office.register.is_still(seen.identity)


async def test_staff_go_on_while_the_database_is_away(office: Office, clock: Clock, store: MemoryStore) -> None:
    cookie = await signed_in(office)
    clock.after(ROTATES)
    store.is_away = True
    seen = await office.register.browser(cookie)
    assert seen is not None
    assert seen.fresh == "", "what is not saved is not offered"
    with pytest.raises(Unwritten):
        await office.change_account("mia", "ada", is_disabled=True)
    assert not office.register.accounts["mia"].is_disabled


# --- two registers on one database -----------------------------------------------------------------------------


async def test_what_another_has_changed_is_known_after_a_look(office: Office, store: MemoryStore, clock: Clock) -> None:
    cookie = await signed_in(office)
    other = Office(Register(store, now=clock, new_token=lambda: "of-another"), CHEAP)
    await other.register.load()
    assert await other.register.browser(cookie) is not None, "sessions outlive the hub in which they began"
    await other.change_account("mia", "shell", is_disabled=True)
    await office.register.load()
    assert await office.register.browser(cookie) is None


async def test_a_change_of_another_is_not_overlooked_because_of_ones_own(
    office: Office, store: MemoryStore, clock: Clock
) -> None:
    other = Office(Register(store, now=clock, new_token=lambda: "of-another"), CHEAP)
    await other.add_account("bob", (Role.STAFF,), (), "shell")
    await office.add_account("mia", (Role.STAFF,), (), "ada")
    assert await store.version() != office.register._version  # noqa: SLF001  # so the next look loads


# --- single sign-on --------------------------------------------------------------------------------------------


async def test_whoever_a_provider_knows_gets_an_account_with_the_roles_that_it_says(office: Office) -> None:
    first = await office.signed_on("https://id.example|17", "Mia Müller", (Role.STAFF,))
    assert isinstance(first, Account)
    assert (first.name, first.roles, first.password_hash) == ("mia-m-ller", (Role.STAFF,), "")
    other = await office.signed_on("https://id.example|18", "Mia Müller", (Role.STAFF,))
    assert isinstance(other, Account)
    assert other.name == "mia-m-ller-2"
    promoted = await office.signed_on("https://id.example|17", "anything", (Role.MANAGER,))
    assert isinstance(promoted, Account)
    assert (promoted.name, promoted.roles) == ("mia-m-ller", (Role.MANAGER,))
    assert await office.signed_on("https://id.example|19", "eve", ()) is No.NO_ROLE
    await office.change_account("mia-m-ller", "ada", is_disabled=True)
    assert await office.signed_on("https://id.example|17", "mia", (Role.STAFF,)) is No.UNKNOWN
    assert await office.offer_link("mia-m-ller", "ada") is No.SIGNS_IN_ELSEWHERE


async def test_a_provider_takes_over_nobodys_account_by_its_name(office: Office) -> None:
    await with_password(office, "ada", Role.ADMIN)
    stranger = await office.signed_on("https://id.example|20", "ada", (Role.STAFF,))
    assert isinstance(stranger, Account)
    assert stranger.name == "ada-2"


async def test_nobody_is_found_by_an_account_that_is_not_there(office: Office) -> None:
    office.register.accounts.clear()
    assert an_account("x", Role.STAFF).password_hash == ""
    assert await office.register.browser("") is None
    assert office.register.program("") is None


def test_acts_are_forgotten_after_half_a_year(store: MemoryStore, clock: Clock) -> None:
    async def story(_: Now) -> None:
        register = Register(store, now=clock, new_token=lambda: "t")
        await register.write(register.act("ada", "test"))
        clock.after(ACTS_KEPT + SECOND)
        await register.write(register.act("ada", "later"))
        watching = asyncio.create_task(register.watch())
        await asyncio.sleep(LOOK_S / 2)
        watching.cancel()
        assert store.told == [("ada", "later", "")]

    run_virtual(story, seed=1, start_at=MONDAY_9H)


def test_a_register_that_watches_knows_within_a_second_and_saves_when_sessions_were_used(
    store: MemoryStore, clock: Clock
) -> None:
    async def story(_: Now) -> None:
        office, other = (Office(Register(store, now=clock, new_token=tokens.__next__), CHEAP) for _ in range(2))
        await office.register.load()
        watching = asyncio.create_task(office.register.watch())
        await asyncio.sleep(0.1)
        await other.add_account("mia", (Role.STAFF,), (), "shell")
        await asyncio.sleep(LOOK_S)
        assert "mia" in office.register.accounts
        cookie = await office.register.begin_session(office.register.accounts["mia"], "signed-in")
        clock.after(IDLE / 2)
        assert await office.register.browser(cookie) is not None
        store.is_away = True
        await asyncio.sleep(SAVE_S)
        store.is_away = False
        await asyncio.sleep(SAVE_S + LOOK_S)
        (saved,) = (await store.load()).sessions
        assert saved.seen_at == clock.at
        clock.after(LASTS)
        await asyncio.sleep(SAVE_S + LOOK_S)
        assert (await store.load()).sessions == ()
        watching.cancel()

    tokens = map(str, count(1))
    run_virtual(story, seed=1, start_at=MONDAY_9H)
