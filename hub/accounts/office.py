"""What is done with accounts and tokens: signing in, adding, changing, and what of it is refused.

A "no" is a value, as everywhere in the hub. It does not know who asks: pages and commands do.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from hub.accounts.passwords import Passwords, is_good
from hub.accounts.records import Account, ApiToken, Link
from hub.accounts.register import TOKEN_PREFIX, Register, is_administrator
from hub.accounts.rights import SCOPES, Right, Role
from hub.keyring import token_hash

NAME = r"[a-z0-9][a-z0-9._@-]{0,62}"
"""What an account or a token may be called; addresses of e-mail are welcome."""

SET_UP_LASTS = timedelta(hours=1)
"""For who has just started the hub and reads along; the next start offers another."""
LINK_LASTS = timedelta(hours=48)
"""For a colleague who is in tomorrow."""

SOMEBODY = "somebody"
"""Who has failed to sign in under a name that is no account's."""

_NAME = re.compile(NAME)


class No(StrEnum):
    """Why something was not done with an account."""

    BAD_NAME = "bad-name"
    NAME_TAKEN = "name-taken"
    UNKNOWN = "unknown"
    NO_ROLE = "no-role"
    NO_SCOPE = "no-scope"
    LAST_ADMIN = "last-admin"
    SIGNS_IN_ELSEWHERE = "signs-in-elsewhere"
    WEAK_PASSWORD = "weak-password"
    WRONG_PASSWORD = "wrong-password"
    LINK_OVER = "link-over"


class Office:
    """Works on one register."""

    def __init__(self, register: Register, passwords: Passwords) -> None:
        self.register = register
        self._passwords = passwords

    # --- signing in --------------------------------------------------------------------------------------------

    async def proven(self, name: str, password: str) -> Account | None:
        """Whose name and password these are; None if they do not fit.

        Raises:
            TooBusy: too many sign in at this moment.
        """
        account = self.register.accounts.get(name.strip().lower())
        kept = account.password_hash if account and not account.is_disabled else ""
        if not await self._passwords.fits(password, kept):
            # A name that nobody has takes as long, and is not noted: it may be a password.
            await self.register.write(self.register.act(account.name if account else SOMEBODY, "sign-in-failed"))
            return None
        renewed = await self._passwords.hashed(password) if self._passwords.is_outdated(kept) else kept
        async with self.register.changing:
            account = self.register.accounts.get(name.strip().lower())
            if account is None or account.is_disabled or account.password_hash != kept:
                return None  # that came while the password was looked at
            if renewed != kept:
                account = replace(account, password_hash=renewed)
                await self.register.write(keep=(account,))
        return account

    async def signed_on(self, subject: str, name: str, roles: Sequence[Role]) -> Account | No:
        """The account of somebody whom a provider knows as `subject`, with the roles that it says. It is made when it
        is new, and called `name`, or something like it."""
        if not roles:
            return No.NO_ROLE
        known = next((it for it in self.register.accounts.values() if it.subject == subject), None)
        if known is None:
            plain = re.sub(r"[^a-z0-9._@-]", "-", name.lower())[:60].strip("-._@") or "colleague"
            free = (n for n in (plain, *(f"{plain}-{n}" for n in range(2, 1000))) if n not in self.register.accounts)
            known = Account(name=next(free), roles=tuple(roles), subject=subject, created_at=self.register.now())
            await self.register.write(self.register.act(known.name, "account-added", known.name), keep=(known,))
        if known.is_disabled:
            return No.UNKNOWN
        if set(known.roles) != set(roles):
            known = replace(known, roles=tuple(roles))
            await self.register.write(self.register.act(known.name, "account-changed", known.name), keep=(known,))
        return known

    # --- passwords ---------------------------------------------------------------------------------------------

    async def offer_set_up(self) -> str:
        """The token of the first administrator's link; empty when there is an administrator."""
        if any(is_administrator(it) for it in self.register.accounts.values()):
            return ""
        return await self.register.offer_link("", "hub", SET_UP_LASTS)

    async def use_link(self, token: str, name: str, password: str) -> Account | No:
        """Choose a password where a link leads, and with the first administrator's a name. The link is used up."""
        link = self.register.link(token)
        if link is None:
            return No.LINK_OVER
        account = self._whose(link, name)
        if isinstance(account, No):
            return account
        if not is_good(password, account.name):
            return No.WEAK_PASSWORD
        hashed = await self._passwords.hashed(password)
        async with self.register.changing:
            if self.register.link(token) is None:  # somebody was faster
                return No.LINK_OVER
            account = self._whose(link, name)  # as it is now
            if isinstance(account, No):
                return account
            account = replace(account, password_hash=hashed)
            act = self.register.act(account.name, "password-chosen", account.name)
            await self.register.write(act, keep=(account,), drop=(link, *self.register.sessions_of(account.name)))
        return account

    def _whose(self, link: Link, name: str) -> Account | No:
        """Who chooses a password where `link` leads; with the first administrator's, under `name`."""
        if not link.account:
            return self._first(name.strip().lower())
        return self.register.accounts.get(link.account, No.LINK_OVER)

    def _first(self, name: str) -> Account | No:
        """The first administrator, who may do everything and can give it away; nobody once there is one."""
        if any(is_administrator(it) for it in self.register.accounts.values()):
            return No.LINK_OVER
        if not _NAME.fullmatch(name):
            return No.BAD_NAME
        if name in self.register.accounts:
            return No.NAME_TAKEN
        return Account(name=name, roles=tuple(Role), created_at=self.register.now())

    async def change_password(self, name: str, old: str, new: str, session: str) -> Account | No:
        """What people do themselves; they stay signed in here, in `session`, and nowhere else."""
        account = self.register.accounts[name]
        if not await self._passwords.fits(old, account.password_hash):
            await self.register.write(self.register.act(name, "sign-in-failed"))
            return No.WRONG_PASSWORD
        if not is_good(new, name):
            return No.WEAK_PASSWORD
        hashed, before = await self._passwords.hashed(new), account.password_hash
        async with self.register.changing:
            account = self.register.accounts[name]  # as it is now
            if account.password_hash != before:
                return No.WRONG_PASSWORD
            account = replace(account, password_hash=hashed)
            act = self.register.act(name, "password-chosen", name)
            await self.register.write(act, keep=(account,), drop=self.register.sessions_of(name, but=session))
        return account

    async def offer_link(self, name: str, by: str) -> str | No:
        """The token of a link at which `name` chooses a new password; the old one and all sessions end now."""
        async with self.register.changing:
            account = self.register.accounts.get(name)
            if account is None:
                return No.UNKNOWN
            if account.subject:
                return No.SIGNS_IN_ELSEWHERE
            if account.password_hash:
                act = self.register.act(by, "password-reset", name)
                without = replace(account, password_hash="")
                await self.register.write(act, keep=(without,), drop=self.register.sessions_of(name))
            return await self.register.offer_link(name, by, LINK_LASTS)

    # --- accounts ----------------------------------------------------------------------------------------------

    async def add_account(self, name: str, roles: Sequence[Role], sites: Sequence[str], by: str) -> Account | No:
        """An account without a password; a link leads to one."""
        name = name.strip().lower()
        if not _NAME.fullmatch(name):
            return No.BAD_NAME
        if name in self.register.accounts:
            return No.NAME_TAKEN
        if not roles:
            return No.NO_ROLE
        account = Account(name=name, roles=tuple(roles), sites=tuple(sites), created_at=self.register.now())
        await self.register.write(self.register.act(by, "account-added", name), keep=(account,))
        return account

    async def change_account(
        self,
        name: str,
        by: str,
        *,
        roles: Sequence[Role] | UnsetType = UNSET,
        sites: Sequence[str] | UnsetType = UNSET,
        is_disabled: bool | UnsetType = UNSET,
    ) -> Account | No:
        """Change what is given. Whoever is disabled is out at once."""
        async with self.register.changing:
            account = self.register.accounts.get(name)
            if account is None:
                return No.UNKNOWN
            changed = account
            what = "account-changed"
            if roles is not UNSET:
                if not roles:
                    return No.NO_ROLE
                changed = replace(changed, roles=tuple(roles))
            if sites is not UNSET:
                changed = replace(changed, sites=tuple(sites))
            if is_disabled is not UNSET:
                changed = replace(changed, is_disabled=is_disabled)
                what = "account-disabled" if is_disabled else "account-enabled"
            others = (it for it in self.register.accounts.values() if it.name != name)
            if is_administrator(account) and not any(map(is_administrator, (*others, changed))):
                return No.LAST_ADMIN
            ended = self.register.sessions_of(name) if changed.is_disabled else ()
            await self.register.write(self.register.act(by, what, name), keep=(changed,), drop=ended)
            return changed

    # --- tokens ------------------------------------------------------------------------------------------------

    async def add_token(
        self, name: str, scopes: Sequence[Right], sites: Sequence[str], expires_at: datetime | None, by: str
    ) -> str | No:
        """A program's token. It is shown now and never again."""
        if not _NAME.fullmatch(name):
            return No.BAD_NAME
        known = self.register.tokens.get(name)
        if known and (known.expires_at is None or known.expires_at > self.register.now()):
            return No.NAME_TAKEN
        if not scopes or not set(scopes) <= set(SCOPES):
            return No.NO_SCOPE
        token = TOKEN_PREFIX + self.register.new_token() + self.register.new_token()
        kept = ApiToken(
            name=name,
            hash=token_hash(token),
            scopes=tuple(scopes),
            sites=tuple(sites),
            created_at=self.register.now(),
            expires_at=expires_at,
        )
        await self.register.write(self.register.act(by, "token-added", name), keep=(kept,))
        return token

    async def revoke_token(self, name: str, by: str) -> bool:
        """Whether there was one; it is good for nothing from now on."""
        token = self.register.tokens.get(name)
        if token is None:
            return False
        await self.register.write(self.register.act(by, "token-revoked", name), drop=(token,))
        return True
