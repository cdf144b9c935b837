"""The code of a door: what its sign shows and the hub accepts, from the door's secret and the hub's time (RFC 6238).

Digits, because every keyboard and every language has them. It does not know who shows a code or what it is good for.
"""

import unicodedata
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from pyotp import TOTP

DIGITS = 8
GROUP_DIGITS = 4
TYPED_CHARS_MAX = 40
"""Eight digits with all the blanks that somebody may put between them."""
CODES_KEPT = SECRETS_KEPT = 256
"""More than a city shows at once; bounded, since there are others all the time."""

_BLANKS = str.maketrans("", "", " \u00a0\u202f\t-.·")


def step_at(at: datetime, step_s: int) -> int:
    """Which code is shown at the instant `at`, when there is another one every `step_s`: they are counted."""
    return int(at.timestamp() // step_s)


@lru_cache(CODES_KEPT)
def code_of(secret: str, step_s: int, step: int) -> str:
    """The code that is shown during `step`. `secret` is in base 32."""
    return _totp(secret, step_s).generate_otp(step)


def shown(code: str) -> str:
    """In two halves, for reading and for typing."""
    return f"{code[:GROUP_DIGITS]} {code[GROUP_DIGITS:]}"


def normal(typed: str) -> str:
    """What somebody typed, in whichever digits, as `code_of` has it; empty when it cannot be a code."""
    bare = typed[: TYPED_CHARS_MAX + 1].translate(_BLANKS)
    if len(typed) > TYPED_CHARS_MAX or len(bare) != DIGITS or not bare.isdecimal():
        return ""
    return "".join(str(unicodedata.decimal(digit)) for digit in bare)


@lru_cache(SECRETS_KEPT)
def _totp(secret: str, step_s: int) -> TOTP:
    return TOTP(secret, digits=DIGITS, digest=sha256, interval=step_s)
