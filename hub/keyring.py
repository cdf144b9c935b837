"""Ticket addresses, invitation codes, the secrets of doors: made, never stored.

They are derived from ids with the hub's own key, which lies in a file beside the database and not in it. The journal
holds only their hashes, so neither a database nor a backup of it opens anybody's ticket or checks anybody in.
"""

import hashlib
import hmac
from base64 import b32encode, urlsafe_b64encode
from collections.abc import Callable
from datetime import date
from functools import lru_cache

from hub.book import codes

TOKEN_BYTES = 16
"""128 bits: unguessable at any rate a lobby could be asked."""

TOKENS_KEPT = 256
"""A token is needed for its hash, and again for the answer, when the ticket is durable."""

DOOR_SECRET_BYTES = 20
"""160 bits, as RFC 4226 recommends."""


def token_hash(token: str) -> str:
    """What the journal keeps of a token: SHA-256, hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


class Keyring:
    """The hub's secrets. `key` has at least 16 bytes."""

    def __init__(self, key: bytes) -> None:
        if len(key) < TOKEN_BYTES:
            raise ValueError(f"a key of {len(key)} bytes is too short; it needs at least {TOKEN_BYTES}")
        self._key = key
        self.token: Callable[[str], str] = lru_cache(TOKENS_KEPT)(self._token)
        """The token in the address of a ticket: 22 characters of the URL-safe base64 alphabet."""

    def _token(self, ticket: str) -> str:
        digest = self._digest(b"ticket/", ticket)[:TOKEN_BYTES]
        return urlsafe_b64encode(digest).rstrip(b"=").decode()

    def code(self, appointment: str) -> str:
        """The invitation code of `appointment`, as `hub.book.codes` spells it."""
        return codes.spelled(self._digest(b"invitation/", appointment)[: codes.CODE_BYTES])

    def code_hash(self, typed: str) -> str:
        """What the journal keeps of a code, however it is typed. Keyed: a code is short enough to be tried out."""
        return self._digest(b"code/", codes.normal(typed)).hex()

    def door_secret(self, site: str, sign: str, day: date) -> str:
        """What the sign at `node/device` makes its codes of on one service day, in base 32."""
        digest = self._digest(b"door/", f"{site}/{sign}/{day.isoformat()}")[:DOOR_SECRET_BYTES]
        return b32encode(digest).decode()

    def sealed(self, purpose: str, text: str) -> str:
        """`text` with a mark by which `opened` knows that it is ours. Everybody can read it."""
        return f"{text}.{self._seal(purpose, text)}"

    def opened(self, purpose: str, sealed: str) -> str:
        """What was sealed for the same purpose; empty if it was not, or was changed since."""
        text, _, seal = sealed.rpartition(".")
        is_ours = hmac.compare_digest(seal.encode(), self._seal(purpose, text).encode())
        return text if is_ours else ""

    def office_token(self) -> str:
        """Opens the book to the office's programs: they know who comes, and every code."""
        return urlsafe_b64encode(self._digest(b"office", "")).rstrip(b"=").decode()

    def seal(self, text: str) -> str:
        """What only a hub with this key can put under `text`."""
        return self._digest(b"hub-seal/", text).hex()

    def admin_token(self) -> str:
        """Lets the commands on the hub's own computer enrol and revoke nodes."""
        return urlsafe_b64encode(self._digest(b"admin", "")).rstrip(b"=").decode()

    def secret(self, purpose: str) -> bytes:
        """32 bytes that nobody else can make; `purpose` names them."""
        return self._digest(b"secret/", purpose)

    def _seal(self, purpose: str, text: str) -> str:
        digest = self._digest(b"seal/", f"{purpose}/{text}")[:TOKEN_BYTES]
        return urlsafe_b64encode(digest).rstrip(b"=").decode()

    def _digest(self, purpose: bytes, text: str) -> bytes:
        return hmac.digest(self._key, purpose + text.encode(), "sha256")
