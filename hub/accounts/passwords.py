"""Passwords: what is a good one, and Argon2, on a thread of its own so that no visitor waits for it.

The parameters are for a hub on a Raspberry Pi: 19 MiB and two passes. One is made at a time, so ten people who sign in
at once cost no more memory than one. It knows no accounts.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MEMORY_KIB = 19_456
PASSES = 2
LANES = 1

CHARACTERS_MIN = 12
CHARACTERS_MAX = 256
DIFFERENT_MIN = 5
"""Characters that are not the same; `aaaaaaaaaaaa` is long and no secret."""

WAITING_MAX = 16
"""So many wait for the thread; beyond, whoever signs in is asked to try again."""


T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class TooBusy(Exception):
    """So many sign in at this moment that one more would wait too long."""


class Passwords:
    """Makes hashes and checks passwords against them."""

    def __init__(self, memory_kib: int = MEMORY_KIB, passes: int = PASSES) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=LANES)
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="passwords")
        self._waiting = 0
        self._nobodys = ""

    async def hashed(self, password: str) -> str:
        """What is kept of it.

        Raises:
            TooBusy: `WAITING_MAX` wait already.
        """
        return await self._on_thread(self._hasher.hash, password)

    async def fits(self, password: str, kept: str) -> bool:
        """Whether `kept` was made of this password. An empty `kept` fits nothing, and takes as long.

        Raises:
            TooBusy: `WAITING_MAX` wait already.
        """
        if len(password) > CHARACTERS_MAX:
            return False
        if not kept:
            self._nobodys = self._nobodys or await self._on_thread(self._hasher.hash, "nobody")
        does_fit = await self._on_thread(self._verify, kept or self._nobodys, password)
        return does_fit and bool(kept)

    def is_outdated(self, kept: str) -> bool:
        """Whether it was made with other parameters, and should be made anew while the password is known."""
        return self._hasher.check_needs_rehash(kept)

    def close(self) -> None:
        self._executor.shutdown(wait=True)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _on_thread(self, function: Callable[[*Ts], T], *args: *Ts) -> T:
        if self._waiting >= WAITING_MAX:
            raise TooBusy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, function, *args)
        finally:
            self._waiting -= 1


def is_good(password: str, name: str) -> bool:
    """Whether it may be chosen by `name`: long, not all the same, and not the name itself."""
    plain = password.casefold()
    besides = plain.replace(name.casefold(), "")
    is_long = CHARACTERS_MIN <= len(password) <= CHARACTERS_MAX
    return is_long and len(set(plain)) >= DIFFERENT_MIN and len(besides) >= CHARACTERS_MIN // 2
