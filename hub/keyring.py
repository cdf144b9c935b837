"""Ticket addresses and invitation codes: secrets that are made, never stored.

They are derived from ids with the hub's own key, which lies in a file beside the database and not in it. The journal
holds only their hashes, so neither a database nor a backup of it opens anybody's ticket or checks anybody in.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode

from hub.book import codes

TOKEN_BYTES = 16
"""128 bits: unguessable at any rate a lobby could be asked."""


def token_hash(token: str) -> str:
    """What the journal keeps of a token: SHA-256, hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


class Keyring:
    """The hub's secrets. `key` has at least 16 bytes."""

    def __init__(self, key: bytes) -> None:
        if len(key) < TOKEN_BYTES:
            raise ValueError(f"a key of {len(key)} bytes is too short; it needs at least {TOKEN_BYTES}")
        self._key = key

    def token(self, ticket: str) -> str:
        """The token in the address of `ticket`: 22 characters of the URL-safe base64 alphabet."""
        digest = self._digest(b"ticket/", ticket)[:TOKEN_BYTES]
        return urlsafe_b64encode(digest).rstrip(b"=").decode()

    def code(self, appointment: str) -> str:
        """The invitation code of `appointment`, as `hub.book.codes` spells it."""
        return codes.spelled(self._digest(b"invitation/", appointment)[: codes.CODE_BYTES])

    def code_hash(self, typed: str) -> str:
        """What the journal keeps of a code, however it is typed. Keyed: a code is short enough to be tried out."""
        return self._digest(b"code/", codes.normal(typed)).hex()

    def office_token(self) -> str:
        """Opens the book to the office's programs: they know who comes, and every code."""
        return urlsafe_b64encode(self._digest(b"office", "")).rstrip(b"=").decode()

    def _digest(self, purpose: bytes, text: str) -> bytes:
        return hmac.digest(self._key, purpose + text.encode(), "sha256")
