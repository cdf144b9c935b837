"""What a run leaves behind of itself: a fingerprint of every message and row, and what its hubs counted."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from hub.hub import Hub
from hub.journal import Entry
from simulator.record import Said

_encode = msgspec.json.Encoder().encode


class Trace:
    """A fingerprint of all that was said, when, and of all that was written down."""

    def __init__(self) -> None:
        self.messages = 0
        self._digest = hashlib.sha256()

    def message(self, topic: str, payload: bytes, at_s: float) -> None:
        self.messages += 1
        self._digest.update(b"%.6f %b %b\n" % (at_s, topic.encode(), payload))

    def catch_up(self, said: Sequence[Said]) -> None:
        """Of `said`, which only grows, take what has not been taken before."""
        lines = [b"%.6f %b %b\n" % (it.at_s, it.topic.encode(), it.payload) for it in said[self.messages :]]
        self.messages = len(said)
        self._digest.update(b"".join(lines))

    def closed_with(self, entries: Iterable[Entry]) -> str:
        """The fingerprint, in hexadecimal, with these journal rows at its end."""
        digest = self._digest.copy()
        for it in entries:
            digest.update(b"%d %b %b %b\n" % (it.seq, it.day.encode(), it.at.isoformat().encode(), _encode(it.event)))
        return digest.hexdigest()


@dataclass(kw_only=True)
class Counted:
    """What hubs counted of themselves, summed over restarts."""

    commits: int = 0
    failed_commits: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)

    def add(self, hub: Hub) -> None:
        metrics = hub.metrics
        self.commits += sum(_samples(metrics.commits.collect(), "site").values())
        self.failed_commits += sum(_samples(metrics.failed_commits.collect(), "site").values())
        self.refusals += _samples(metrics.refusals.collect(), "code")
        self.quarantined += _samples(metrics.bad_messages.collect(), "reason")


def _samples(families: Iterable[object], label: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for family in families:
        for sample in family.samples:  # type: ignore[attr-defined]  # its class is not exported
            if sample.name.endswith("_total"):
                found[sample.labels[label]] += int(sample.value)
    return found
