"""What the rest of the hub may do about nodes and their certificates. The API knows this, and nothing of tables."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from wire.enrolment import Grant, Renewal, Wish

VALID_S = 86_400
"""How long a code may be used, unless somebody says otherwise."""

VALID_S_MAX = 604_800


class Why(StrEnum):
    """Why nothing was granted."""

    UNKNOWN_NODE = "unknown-node"
    NO_CODE = "no-code"
    CODE_USED = "code-used"
    WRONG_CODE = "wrong-code"
    NO_CERTIFICATE = "no-certificate"
    BAD_REQUEST = "bad-request"


class NotGranted(Exception):
    """A node, or somebody about a node, asks for what it cannot have; the message is for people."""

    def __init__(self, why: Why, said: str) -> None:
        self.why = why
        super().__init__(said)


class Enrolment(Struct, frozen=True, kw_only=True):
    """A node may come."""

    node: str
    site: str
    code: str
    """Good for one node and one key, once."""
    expires_at: datetime


class NodeIdentity(Struct, frozen=True, kw_only=True):
    """How a node of the lobby files stands."""

    node: str
    site: str
    code_until: datetime | None
    """Until when its unused code is good; null if there is none."""
    certified_at: datetime | None
    """When its newest certificate was made; null if there is none that counts."""
    certified_until: datetime | None
    revoked_at: datetime | None
    """When it was thrown out last; null if never."""


class Revocation(Struct, frozen=True, kw_only=True):
    """What became of a revoked node."""

    node: str
    certificates: int
    """So many counted until now."""
    is_listed: bool
    """The broker has shown that it takes the list with them: the node cannot come back."""
    is_out: bool
    """If it was connected, it no longer is."""


class Registrar(Protocol):
    """Enrols nodes, renews and revokes their certificates. All raise `Unwritten` when the database is away."""

    async def start(self) -> None:
        """Put what the broker needs where it finds it.

        Raises:
            HubError: it cannot be read or written.
        """

    async def invite(self, node: str, valid_s: int, *, who: str) -> Enrolment:
        """Make a code for `node`; one that it had before is void. `who` wants it, and that is noted.

        Raises:
            NotGranted: no lobby has such a node.
        """

    async def enrol(self, wish: Wish) -> Grant:
        """The first certificate of a node that has a code. The same key again gets the same certificate.

        Raises:
            NotGranted: not with this code, or not for this request.
        """

    async def renew(self, renewal: Renewal) -> Grant:
        """The next certificate of a node that has one.

        Raises:
            NotGranted: not with this certificate, or not for this request.
        """

    async def revoke(self, node: str, *, who: str) -> Revocation:
        """Throw `node` out, whoever it is, until it is enrolled again. `who` wants it, and that is noted.

        Raises:
            NotGranted: it was never enrolled.
        """

    async def nodes(self) -> tuple[NodeIdentity, ...]:
        """All nodes of the lobby files, and revoked ones that no longer are in them."""
