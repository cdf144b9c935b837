"""Invitation codes as people write them: eight signs of Crockford's base 32, without I, L, O and U.

It knows spelling. Which code belongs to which appointment is the keyring's secret.
"""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_BYTES = 5
CODE_CHARS = 8
TYPED_CHARS_MAX = 40
"""Eight signs with all the blanks that somebody may put between them."""

_READ_AS = str.maketrans("OIL", "011", " -.·")


def spelled(secret: bytes) -> str:
    """`CODE_BYTES` bytes as a code."""
    number = int.from_bytes(secret)
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(CODE_CHARS)))


def normal(typed: str) -> str:
    """What somebody typed, as `spelled` has it; empty when it cannot be a code."""
    if len(typed) > TYPED_CHARS_MAX:
        return ""
    code = typed.strip().upper().translate(_READ_AS)
    return code if len(code) == CODE_CHARS and set(code) <= set(ALPHABET) else ""


def shown(code: str) -> str:
    """In two halves, for reading aloud."""
    return f"{code[:4]}-{code[4:]}"
