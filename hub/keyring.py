"""Ticket addresses: tokens that are made, never stored.

A ticket's token is derived from its id with the hub's own key, which lies in a file beside the database and not in it.
The journal holds only a hash of the token, so neither a database nor a backup of it opens anybody's ticket.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode

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
        digest = hmac.digest(self._key, b"ticket/" + ticket.encode(), "sha256")[:TOKEN_BYTES]
        return urlsafe_b64encode(digest).rstrip(b"=").decode()
