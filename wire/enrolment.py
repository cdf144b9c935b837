"""How a node gets its certificate from the hub, and how it gets the next one.

What is said here may be overheard and altered. A code, given to the node by hand, is never sent: both sides prove that
they know it, the node over its request, the hub over its answer, authority included. The next certificate is asked for
with the key of the one before, and the answer is worth what the authority's signature is worth.
"""

import hmac
from hashlib import sha256

from msgspec import Struct

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O and U."""

CODE_CHARS = 20
"""100 bits: whoever overhears the proofs cannot try all codes."""

CODE_BYTES = 13
TYPED_CHARS_MAX = 40
PEM_CHARS_MAX = 8_192

_READ_AS = str.maketrans("OIL", "011", " -.·")


class Wish(Struct, frozen=True, kw_only=True):
    """A node's first request."""

    node: str
    request: str
    """PKCS #10, PEM: the public key, signed with its private one."""
    proof: str
    """`wish_proof`."""


class Grant(Struct, frozen=True, kw_only=True):
    """The hub's answer to either."""

    certificate: str
    """PEM."""
    authority: str
    """PEM: the certificate of whoever signs all the others, the broker's among them."""
    proof: str = ""
    """`grant_proof`; of the first certificate only."""


class Renewal(Struct, frozen=True, kw_only=True):
    """The request of a node that has a certificate."""

    certificate: str
    """PEM: the one that it has."""
    request: str
    """PKCS #10, PEM, of a new key."""
    signature: str
    """Hexadecimal: of `renewal_text(request)`, ECDSA with SHA-256, with the key of the certificate."""


def spelled(secret: bytes) -> str:
    """`CODE_BYTES` or more bytes as a code, in groups of four."""
    number = int.from_bytes(secret[:CODE_BYTES])
    signs = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(CODE_CHARS)))
    return "-".join(signs[begin : begin + 4] for begin in range(0, CODE_CHARS, 4))


def normal(typed: str) -> str:
    """What somebody typed, without blanks and in capitals; empty when it cannot be a code."""
    if len(typed) > TYPED_CHARS_MAX:
        return ""
    code = typed.strip().upper().translate(_READ_AS)
    return code if len(code) == CODE_CHARS and set(code) <= set(ALPHABET) else ""


def wish_proof(code: str, node: str, request: str) -> str:
    """That whoever asks for `request` was given `code`."""
    return _proof(code, "wish", node, request)


def grant_proof(code: str, request: str, certificate: str, authority: str) -> str:
    """That whoever answers `request` gave out `code`."""
    return _proof(code, "grant", request, certificate, authority)


def renewal_text(request: str) -> bytes:
    """What a node signs to get the next certificate."""
    return f"guichet renewal\n{request}".encode()


def _proof(code: str, *said: str) -> str:
    # Each part is hashed by itself, so that none can reach into its neighbour.
    parts = b"".join(sha256(part.encode()).digest() for part in said)
    return hmac.digest(normal(code).encode(), parts, "sha256").hex()
