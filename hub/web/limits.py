"""How often the public may ask for what costs something: per address and per site, in memory, forgiving at once.

Buckets that fill up again: a group that comes through one door at once is let through, a program that goes on and on is
not. Everybody in a lobby may share one address, so the rates are those of a crowd.
"""

import asyncio
from collections import OrderedDict
from enum import Enum
from math import ceil
from typing import NamedTuple

BUCKETS_MAX = 20_000
"""What is remembered at a time, some 4 MiB; beyond, whoever was heard least lately is forgotten."""


class Rate(NamedTuple):
    """So many at once, and then so many a second."""

    burst: int
    per_s: float


class Kind(Enum):
    """What is asked, and how often one address and one site may be asked for it."""

    JOIN = (Rate(60, 0.5), Rate(300, 5.0))
    CHECK_IN = (Rate(30, 0.2), Rate(150, 2.0))
    DOOR_CODE = (Rate(120, 2.0), Rate(600, 10.0))
    """A code of a sign, right or wrong: at this rate eight digits are guessed once in weeks."""
    ENROL = (Rate(120, 1.0), Rate(600, 5.0))
    """First and next certificates of nodes; a fleet that is set up may come from one address. Of all sites together."""
    SIGN_IN = (Rate(20, 0.05), Rate(200, 1.0))
    """Sign-ins that failed, of all accounts."""
    ACCOUNT = (Rate(10, 1 / 60), Rate(10, 1 / 60))
    """Sign-ins that failed, of one account from anywhere."""


class Limits:
    """One application's."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[tuple[Kind, str], tuple[float, float]] = OrderedDict()
        """What is left, as of an instant of the event loop; those heard last come last."""

    def take(self, kind: Kind, key: str, rate: Rate) -> None:
        """One more was asked for."""
        left = self._left(kind, key, rate)
        self._buckets[kind, key] = (max(left - 1, 0.0), _now_s())
        self._buckets.move_to_end((kind, key))
        if len(self._buckets) > BUCKETS_MAX:
            self._buckets.popitem(last=False)

    def wait_s(self, kind: Kind, key: str, rate: Rate) -> int:
        """After how many seconds one more may be asked for; 0 for now."""
        missing = 1 - self._left(kind, key, rate)
        return ceil(missing / rate.per_s) if missing > 0 else 0

    def _left(self, kind: Kind, key: str, rate: Rate) -> float:
        left, at_s = self._buckets.get((kind, key), (float(rate.burst), 0.0))
        return min(left + (_now_s() - at_s) * rate.per_s, float(rate.burst))


def _now_s() -> float:
    """By the event loop's clock."""
    return asyncio.get_running_loop().time()
