"""Accounts for tests: the real register and office, with their rows in memory and Argon2 at its cheapest."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import count

from msgspec.structs import replace

from hub.accounts.direct import with_office
from hub.accounts.office import Office
from hub.accounts.passwords import Passwords
from hub.accounts.records import Account, Act, ApiToken, BrowserSession, Link, NumberedAct, Record, Stored
from hub.accounts.register import Register
from hub.accounts.rights import SCOPES, Role
from hub.errors import Unwritten
from hub.keyring import token_hash
from hub.main import new_token, now
from tests.given import MONDAY_9H

STAFF_TOKEN = "guichet_everything-but-accounts"
"""Of the program `staff`, which may do everything that a program may."""

PASSWORD = "correct horse battery"
CHEAP = Passwords(memory_kib=8, passes=1)


class MemoryStore:
    """A `hub.accounts.store.Store`. Whoever shares one shares a database."""

    def __init__(self, *records: Record) -> None:
        self.is_away = False
        self._records: dict[tuple[type, str], Record] = {_key(it): _copy(it) for it in records}
        self.noted: list[NumberedAct] = []
        self._loads = 0

    async def version(self) -> int:
        self._answer()
        return max((it.id for it in self.noted if not it.act.site), default=0)

    async def load(self) -> Stored:
        self._answer()
        found = [_copy(it) for it in self._records.values()]
        return Stored(
            version=await self.version(),
            accounts=tuple(it for it in found if isinstance(it, Account)),
            sessions=tuple(it for it in found if isinstance(it, BrowserSession)),
            tokens=tuple(it for it in found if isinstance(it, ApiToken)),
            links=tuple(it for it in found if isinstance(it, Link)),
        )

    async def write(self, keep: Sequence[Record], drop: Sequence[Record], acts: Sequence[Act]) -> tuple[int, int]:
        before = await self.version()
        for record in drop:
            self._records.pop(_key(record), None)
        self._records |= {_key(record): _copy(record) for record in keep}
        self.noted += [NumberedAct(id=len(self.noted) + n, act=act) for n, act in enumerate(acts, 1)]
        return before, await self.version()

    async def forget_acts(self, before: datetime) -> None:
        self.noted = [it for it in self.noted if it.act.at >= before]

    async def acts_of(self, site: str, first_seq: int, last_seq: int) -> list[Act]:
        return [it.act for it in self.noted if it.act.site == site and first_seq <= it.act.seq <= last_seq]

    async def acts(self, before: int, who: str, acts_max: int) -> list[NumberedAct]:
        self._answer()
        wanted = [it for it in reversed(self.noted) if (not before or it.id < before) and who in ("", it.act.who)]
        return wanted[:acts_max]

    @property
    def told(self) -> list[tuple[str, str, str]]:
        """Who, what and place of every act, oldest first."""
        return [(it.act.who, it.act.what, it.act.place) for it in self.noted]

    def _answer(self) -> None:
        if self.is_away:
            raise Unwritten("the database is away")


def _key(record: Record) -> tuple[type, str]:
    match record:
        case Account(name=key) | ApiToken(name=key) | Link(hash=key) | BrowserSession(id=key):
            return type(record), key


def _copy(record: Record) -> Record:
    return replace(record) if isinstance(record, BrowserSession) else record


async def a_token(database_url: str) -> str:
    """One for everything, as `guichet-hub token add` makes it: of a hub as a process."""

    async def add(office: Office) -> str:
        token = await office.add_token("tests", SCOPES, (), None, "tests")
        assert isinstance(token, str)
        return token

    return await with_office(add, database_url, now=now, new_token=new_token, create=True)


def an_account(name: str, *roles: Role, sites: tuple[str, ...] = ()) -> Account:
    """Somebody without a password."""
    return Account(name=name, roles=roles, sites=sites, created_at=MONDAY_9H)


def a_session(account: Account, cookie: str) -> BrowserSession:
    """A browser with this cookie, in which `account` has just signed in."""
    return BrowserSession(
        id=f"session-of-{account.name}",
        account=account.name,
        hash=token_hash(cookie),
        rotated_at=MONDAY_9H,
        created_at=MONDAY_9H,
        seen_at=MONDAY_9H,
    )


def an_office(
    *records: Record,
    store: MemoryStore | None = None,
    now: Callable[[], datetime] = lambda: MONDAY_9H,
    new_token: Callable[[], str] | None = None,
) -> Office:
    """With `records` and the token `STAFF_TOKEN`; `MemoryStore`s are loaded by whoever awaits it."""
    numbers = count(1)
    register = Register(
        store or MemoryStore(*records), now=now, new_token=new_token or (lambda: f"account-token-{next(numbers):05d}")
    )
    for record in records:
        register._know(record)  # noqa: SLF001  # as `load` would, without waiting
    register._know_cookies()  # noqa: SLF001
    token = ApiToken(name="staff", hash=token_hash(STAFF_TOKEN), scopes=SCOPES, created_at=MONDAY_9H)
    register._know_tokens((*register.tokens.values(), token))  # noqa: SLF001
    return Office(register, CHEAP)
