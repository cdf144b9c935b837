"""What is kept of accounts. Each record is a row of the table of its name; secrets are in it as hashes only."""

from datetime import datetime

from msgspec import Struct

from hub.accounts.rights import Right, Role


class Account(Struct, frozen=True, kw_only=True):
    """Somebody who works here."""

    name: str
    """What is typed to sign in; lower case, never changed."""
    roles: tuple[Role, ...]
    sites: tuple[str, ...] = ()
    """Where; empty for everywhere."""
    password_hash: str = ""
    """Argon2; empty as long as none was chosen, or for who signs in elsewhere."""
    subject: str = ""
    """Issuer and subject of single sign-on; empty for who has a password here."""
    is_disabled: bool = False
    created_at: datetime
    signed_in_at: datetime | None = None


class BrowserSession(Struct, kw_only=True):
    """A browser in which somebody has signed in. Its cookie is changed now and then; the old one is good until the
    browser has shown the new one, and a moment longer."""

    id: str
    account: str
    hash: str
    """Of the cookie."""
    next_hash: str = ""
    """Of the cookie that was offered last, and has not been shown yet."""
    offered_at: datetime | None = None
    previous_hash: str = ""
    rotated_at: datetime
    """When the cookie became the one it is."""
    created_at: datetime
    seen_at: datetime


class ApiToken(Struct, frozen=True, kw_only=True):
    """A program's key."""

    name: str
    hash: str
    scopes: tuple[Right, ...]
    sites: tuple[str, ...] = ()
    """Where; empty for everywhere."""
    created_at: datetime
    expires_at: datetime | None = None
    """None for never."""


class Link(Struct, frozen=True, kw_only=True):
    """An address that opens once: there somebody chooses a password, and nobody else ever knows it."""

    hash: str
    account: str
    """Whose; empty for the first administrator, who chooses a name there too."""
    expires_at: datetime


class Act(Struct, frozen=True, kw_only=True):
    """Something that was done, and by whom. It names accounts and places, and no visitor."""

    at: datetime
    who: str
    what: str
    site: str = ""
    """Empty for what is about accounts, tokens or sessions."""
    place: str = ""
    """The desk, room or service; or the account or token that was changed."""
    seq: int = 0
    """Of the newest event that came of it, in the site's journal; 0 for none."""


class NumberedAct(Struct, frozen=True, kw_only=True):
    """An act as it is read again; `id` grows."""

    id: int
    act: Act


Record = Account | BrowserSession | ApiToken | Link


class Stored(Struct, frozen=True, kw_only=True):
    """Everything but the acts."""

    version: int
    accounts: tuple[Account, ...] = ()
    sessions: tuple[BrowserSession, ...] = ()
    tokens: tuple[ApiToken, ...] = ()
    links: tuple[Link, ...] = ()
