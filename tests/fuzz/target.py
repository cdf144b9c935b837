"""What is fuzzed: a reader of bytes, and what it promises of any."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

Read = Callable[[bytes], None]
"""Reads bytes as the product does. Raises what the product lets through, and `Broken`; a refusal is neither."""

SAID_CHARS_MAX = 500
"""Of one fault. A fault repeats what is wrong with it, and what is wrong may be as long as the file."""


class Broken(AssertionError):
    """A reader did not keep its promise."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """Something that reads what others wrote."""

    name: str
    what: str
    load: Callable[[Path], Read]
    """Imports what reads, and hands it out. Files are written into the folder."""
    seeds: Callable[[], Iterable[bytes]]
    """Where the search begins: what is sound."""
    modules: Sequence[str]
    """Whose branches are watched; with those below them."""
    bytes_max: int = 4_096
    """More is not tried: what long inputs break, tests of the limits do."""
    hang_s: int = 10
    runs: int = 3_000
    """In the short form."""


def check(is_so: bool, otherwise: str) -> None:
    """
    Raises:
        Broken: it is not so.
    """
    if not is_so:
        raise Broken(otherwise)


def check_said(*faults: str) -> None:
    """Each fault must be a line that a person can read: not empty, not endless, without signs that no screen shows.

    Raises:
        Broken: one of them is none.
    """
    check(bool(faults), "refused, and nothing is said")
    for fault in faults:
        check(bool(fault.strip()), "a fault is empty")
        check(len(fault) <= SAID_CHARS_MAX, f"a fault of {len(fault)} characters: {fault[:80]!r}…")
        check(fault.isprintable(), f"a fault that no screen shows as it is: {fault[:200]!r}")


def words_of(seeds: Iterable[bytes]) -> list[bytes]:
    """What the seeds are made of: put together otherwise, it reaches what lucky bytes would not."""
    found = {word for seed in seeds for word in re.findall(rb"[A-Za-z_][\w-]+|\d[\w:./-]*|[^\w\s]{2}|\s{2}", seed)}
    return sorted(word for word in found if len(word) <= 32)
