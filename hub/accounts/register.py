"""The register: everybody who may do something, in memory, so that asking costs no more than a look.

What changes is written first and known afterwards. The register looks every second whether somebody else has changed
the database: the command line, or the hub that owned the sites before. Tokens, cookies and links are kept as hashes.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from msgspec import Struct
from msgspec.structs import replace

from hub.accounts import sessions
from hub.accounts.records import Account, Act, ApiToken, BrowserSession, Link, NumberedAct, Record
from hub.accounts.rights import Identity, Right, rights_of
from hub.accounts.sessions import Shown
from hub.accounts.store import Store
from hub.errors import JournalError
from hub.keyring import token_hash

LOOK_S = 1.0
"""How long a change from elsewhere may go unnoticed."""
SAVE_S = 60.0
"""How often it is saved when sessions were last used, and what has expired is dropped."""
ACTS_SHOWN = 100
ACTS_KEPT = timedelta(days=180)
"""So long is it known who did what."""
FORGETS = timedelta(hours=1)

TOKEN_PREFIX = "guichet_"
"""Begins every program's token, so that one that was published by mistake can be found."""

log = structlog.get_logger()


class Seen(Struct, frozen=True):
    """Who shows a cookie."""

    identity: Identity
    fresh: str = ""
    """The cookie to show from now on; empty to keep the one that was shown."""


class Register:
    """One hub's."""

    def __init__(self, store: Store, *, now: Callable[[], datetime], new_token: Callable[[], str]) -> None:
        self.accounts: dict[str, Account] = {}
        self.tokens: dict[str, ApiToken] = {}
        self.now, self.new_token = now, new_token
        self._store = store
        self._version = -1
        self._links: dict[str, Link] = {}
        self._sessions: dict[str, BrowserSession] = {}
        self._by_cookie: dict[str, str] = {}
        """Hash of a cookie to its session's id."""
        self._programs: dict[str, tuple[ApiToken, Identity]] = {}
        """By the hash of the token."""
        self._used: set[str] = set()
        """Sessions whose last use is not saved yet."""
        self._forgot_at = now() - FORGETS
        self._one_at_a_time = asyncio.Lock()
        self.changing = asyncio.Lock()
        """Held by who changes an account from what it was: else two changes at once would undo one another."""

    # --- what is stored ----------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Know what the database knows.

        Raises:
            JournalError: it does not answer.
        """
        async with self._one_at_a_time:
            stored = await self._store.load()
            self._version = stored.version
            self.accounts = {it.name: it for it in stored.accounts}
            self._links = {it.hash: it for it in stored.links}
            self._know_tokens(stored.tokens)
            self._sessions = {it.id: sessions.newer(it, self._sessions.get(it.id, it)) for it in stored.sessions}
            self._know_cookies()

    async def load_in_time(self) -> None:
        """Like `load`, for who cannot go on without: it asks again until the database answers."""
        while True:
            try:
                await self.load()
            except JournalError as error:
                log.warning("accounts not loaded", error=str(error))
                await asyncio.sleep(LOOK_S)
            else:
                return

    async def watch(self) -> None:
        """Notice what others change, and save what was only noted; until cancelled."""
        next_save_s = 0.0
        while True:
            try:
                if await self._store.version() != self._version:
                    await self.load()
                if asyncio.get_running_loop().time() >= next_save_s:
                    next_save_s = asyncio.get_running_loop().time() + SAVE_S
                    await self._save_use()
            except JournalError as error:
                log.warning("accounts not looked at", error=str(error))
            await asyncio.sleep(LOOK_S)

    async def write(self, *acts: Act, keep: Sequence[Record] = (), drop: Sequence[Record] = ()) -> None:
        """Make it durable, then know it.

        Raises:
            JournalError: the database did not take it; nothing has changed.
        """
        async with self._one_at_a_time:
            before, after = await self._store.write(keep, drop, acts)
            # Otherwise something of others came between, which the next look finds.
            self._version = after if before == self._version else -1
            for record in drop:
                self._forget(record)
            for record in keep:
                self._know(record)
            self._know_tokens(tuple(self.tokens.values()))
            self._know_cookies()

    async def acts(self, before: int = 0, who: str = "") -> list[NumberedAct]:
        """Who did what, the newest first: `ACTS_SHOWN` of them, of `who` unless empty, below `before` unless 0."""
        return await self._store.acts(before, who, ACTS_SHOWN)

    async def acts_of(self, site: str, first_seq: int, last_seq: int) -> list[Act]:
        """Of a site, those of which a row between these two came, oldest first."""
        return await self._store.acts_of(site, first_seq, last_seq)

    def act(self, who: str, what: str, place: str = "") -> Act:
        """Something about accounts, as it is noted now."""
        return Act(at=self.now(), who=who, what=what, place=place)

    # --- who asks ----------------------------------------------------------------------------------------------

    def program(self, token: str) -> Identity | None:
        """Whose token this is; None if it is nobody's, or expired."""
        found = self._programs.get(token_hash(token))
        return None if found is None or is_over(found[0], self.now()) else found[1]

    async def browser(self, cookie: str) -> Seen | None:
        """Who has signed in where this cookie comes from; None if nobody, or not any more."""
        cookie_hash = token_hash(cookie)
        session = self._sessions.get(self._by_cookie.get(cookie_hash, ""))
        if session is None or (identity := self._identity(session)) is None:
            return None
        now = self.now()
        match sessions.shown(session, cookie_hash, now):
            case Shown.COPIED:
                log.warning("an old cookie was shown; its session ends", account=session.account)
                self._forget(session)
                self._know_cookies()
                await self.write(self.act(session.account, "session-copied"), drop=(session,))
                return None
            case Shown.ARRIVED:
                session.previous_hash, session.hash, session.next_hash = session.hash, session.next_hash, ""
                session.rotated_at, session.offered_at = now, None
                self._know_cookies()
                await self._save(session)
            case Shown.DUE:
                session.seen_at = now
                return Seen(identity, await self._offer(session, now))
        session.seen_at = now
        self._used.add(session.id)
        return Seen(identity)

    def is_still(self, identity: Identity) -> bool:
        """Whether it would be found again, the same."""
        if not identity.session:
            now = self.now()
            return any(identity == known and not is_over(token, now) for token, known in self._programs.values())
        session = self._sessions.get(identity.session)
        return session is not None and self._identity(session) == identity

    def _identity(self, session: BrowserSession) -> Identity | None:
        account = self.accounts.get(session.account)
        if account is None or account.is_disabled or sessions.is_over(session, self.now()):
            return None
        return Identity(who=account.name, rights=rights_of(account.roles), sites=account.sites, session=session.id)

    # --- sessions ----------------------------------------------------------------------------------------------

    async def begin_session(self, account: Account, what: str) -> str:
        """A browser has proved to be `account`'s; its cookie. `what` is how, for the record. Empty for
        who was let out, or got another password, since it was proved."""
        now, cookie = self.now(), self.new_token()
        session = BrowserSession(
            id=self.new_token(),
            account=account.name,
            hash=token_hash(cookie),
            rotated_at=now,
            created_at=now,
            seen_at=now,
        )
        async with self.changing:
            known = self.accounts.get(account.name)
            if known is None or known.is_disabled or known.password_hash != account.password_hash:
                return ""
            await self.write(self.act(known.name, what), keep=(session, replace(known, signed_in_at=now)))
        return cookie

    async def end_session(self, identity: Identity) -> None:
        """Somebody signs out."""
        if session := self._sessions.get(identity.session):
            await self.write(self.act(identity.who, "signed-out"), drop=(session,))

    def sessions_of(self, account: str, but: str = "") -> tuple[BrowserSession, ...]:
        """Where this account is signed in, without the session `but`."""
        return tuple(it for it in self._sessions.values() if it.account == account and it.id != but)

    async def _offer(self, session: BrowserSession, now: datetime) -> str:
        """A new cookie for `session`; empty if it could not be saved."""
        cookie = self.new_token()
        session.next_hash, session.offered_at = token_hash(cookie), now
        self._know_cookies()
        return cookie if await self._save(session) else ""

    async def _save(self, session: BrowserSession) -> bool:
        """Who cannot save goes on with what it knows: staff work while the database is away for a moment."""
        try:
            await self._store.write((session,), (), ())
        except JournalError as error:
            log.warning("session not saved", error=str(error))
            return False
        return True

    async def _save_use(self) -> None:
        now = self.now()
        over = [it for it in self._sessions.values() if sessions.is_over(it, now)]
        over_links = [it for it in self._links.values() if it.expires_at <= now]
        used = [self._sessions[it] for it in sorted(self._used) if it in self._sessions]
        used = [it for it in used if it not in over]
        if over or over_links or used:
            await self.write(keep=used, drop=(*over, *over_links))
        self._used.clear()
        if now - self._forgot_at >= FORGETS:
            self._forgot_at = now
            await self._store.forget_acts(now - ACTS_KEPT)

    # --- links -------------------------------------------------------------------------------------------------

    async def offer_link(self, account: str, by: str, lasts: timedelta) -> str:
        """The token of an address at which `account` chooses a password; one that was offered before is void."""
        token = self.new_token()
        before = [it for it in self._links.values() if it.account == account]
        link = Link(hash=token_hash(token), account=account, expires_at=self.now() + lasts)
        await self.write(self.act(by, "link-offered", account), keep=(link,), drop=before)
        return token

    def link(self, token: str) -> Link | None:
        """What this token opens; None if it was used, has expired or never was."""
        link = self._links.get(token_hash(token))
        return None if link is None or link.expires_at <= self.now() else link

    # --- in memory ---------------------------------------------------------------------------------------------

    def _know(self, record: Record) -> None:
        match record:
            case Account(name=name):
                self.accounts[name] = record
            case ApiToken(name=name):
                self.tokens[name] = record
            case Link(hash=hashed):
                self._links[hashed] = record
            case BrowserSession(id=name):
                self._sessions[name] = record

    def _forget(self, record: Record) -> None:
        match record:
            case Account(name=name):
                self.accounts.pop(name, None)
            case ApiToken(name=name):
                self.tokens.pop(name, None)
            case Link(hash=hashed):
                self._links.pop(hashed, None)
            case BrowserSession(id=name):
                self._sessions.pop(name, None)

    def _know_tokens(self, tokens: Sequence[ApiToken]) -> None:
        self.tokens = {it.name: it for it in tokens}
        self._programs = {it.hash: (it, program_identity(it)) for it in tokens}

    def _know_cookies(self) -> None:
        self._by_cookie = {hashed: it.id for it in self._sessions.values() for hashed in sessions.hashes(it)}


def is_over(token: ApiToken, now: datetime) -> bool:
    """Whether it has expired."""
    return token.expires_at is not None and token.expires_at <= now


def program_identity(token: ApiToken) -> Identity:
    """Who a program with this token is."""
    return Identity(who=f"token:{token.name}", rights=frozenset(token.scopes), sites=token.sites)


def is_administrator(account: Account) -> bool:
    """Whether it can say who may do what, at this moment."""
    return not account.is_disabled and not account.sites and Right.ACCOUNTS in rights_of(account.roles)
