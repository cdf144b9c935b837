"""The chain of a journal: each row carries a hash over the row before it and itself.

So what is missing, altered or torn is named when rows are read, and never guessed. This room knows rows; it knows no
database, and not what events mean, beyond where a day begins.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from hub import schema
from hub.day.events import AnyEvent, DayOpened
from hub.errors import Corrupt

_body = msgspec.json.Encoder()
_event = msgspec.json.Decoder(AnyEvent)


class Entry(msgspec.Struct, frozen=True, gc=False):
    """An event at its place in the journal."""

    seq: int
    day: str
    """The service day, ISO; empty before the first."""
    at: datetime
    event: AnyEvent


class Head(NamedTuple):
    """Where a journal ends."""

    seq: int
    hash: str
    """Over that row and every row before it."""
    opened_seq: int
    """Of the newest DayOpened; 0 for none."""
    day: str
    """The service day of that row, ISO; empty before the first."""


class Place(NamedTuple):
    """A row up to which a journal was looked through."""

    seq: int = 0
    hash: str = ""
    """As it lies there; empty before the first row."""


Row = tuple[int, str, int, str, str]
"""A row of the journal as it lies in the database: seq, day, instant in microseconds, body, hash."""

ALTERED = "was altered, or the row before it was"


def _hash(previous: str, seq: int, day: str, at_us: int, body: str) -> str:
    return hashlib.sha256(f"{previous} {seq} {day} {at_us} {body}".encode()).hexdigest()


def _before_the_first(site: str) -> str:
    """What the first row of a site is chained to, so that no site's rows pass for another's."""
    return hashlib.sha256(site.encode()).hexdigest()


def chained(site: str, entries: Sequence[Entry], head: Head) -> tuple[list[dict[str, object]], Head]:
    """The rows of `entries`, chained to the end of the site's journal, and the end that they make."""
    seq, previous, opened_seq, day = head
    rows: list[dict[str, object]] = []
    for entry in entries:
        assert entry.seq == seq + 1, f"entry {entry.seq} does not follow {seq} in the journal of {site!r}"
        seq, day = entry.seq, entry.day
        body, at_us = _body.encode(entry.event).decode(), schema.micros(entry.at)
        previous = _hash(previous, seq, entry.day, at_us, body)
        if isinstance(entry.event, DayOpened):
            opened_seq = seq
        rows.append({"site": site, "seq": seq, "day": entry.day, "at": at_us, "body": body, "hash": previous})
    return rows, Head(seq, previous, opened_seq, day)


def verified(site: str, first: int, last: int, rows: Sequence[Row]) -> tuple[list[Entry], str]:
    """The entries from `first` to `last`, each as it was written, and the last hash. `rows` begin one before `first`.

    Raises:
        Corrupt: they are not.
    """
    previous = _before_the_first(site)
    if first > 1:
        if not rows or rows[0][0] != first - 1:
            raise _corrupt(site, first - 1, "is missing")
        *_, previous = rows[0]
        rows = rows[1:]
    entries: list[Entry] = []
    for due_seq, (seq, day, at_us, body, end_hash) in enumerate(rows, start=first):
        if seq != due_seq:
            raise _corrupt(site, due_seq, "is missing")
        if end_hash != _hash(previous, seq, day, at_us, body):
            raise _corrupt(site, seq, ALTERED)
        try:
            entries.append(Entry(seq, day, schema.instant(at_us), _event.decode(body)))
        except msgspec.DecodeError as error:
            raise _corrupt(site, seq, f"cannot be read by this release ({error})") from error
        previous = end_hash
    if first + len(entries) - 1 != last:
        lost = first + len(entries)
        raise _corrupt(site, min(lost, last + 1), "is missing" if lost <= last else "was never committed")
    return entries, previous


def looked_through(site: str, place: Place, rows: Sequence[Row]) -> tuple[Place, list[str]]:
    """Where `rows` end, which should follow `place`, and a sentence for each that is not as it was written. Unlike
    `verified` it reads no events, and goes on behind a fault: what follows is held against what lies there now."""
    seq, previous = place.seq, place.hash or _before_the_first(site)
    faults: list[str] = []
    if not rows:
        return place, faults
    for row_seq, day, at_us, body, row_hash in rows:
        if row_seq != seq + 1:
            faults.append(missing(site, seq + 1, row_seq - 1))
        elif row_hash != _hash(previous, row_seq, day, at_us, body):
            faults.append(f"{_row(site, row_seq)} {ALTERED}")
        seq, previous = row_seq, row_hash
    return Place(seq, previous), faults


def missing(site: str, first: int, last: int) -> str:
    """The sentence for these rows."""
    if first == last:
        return f"{_row(site, first)} is missing"
    return f"journal of site {site!r}: rows {first} to {last} are missing"


def never_committed(site: str, seq: int) -> str:
    """The sentence for a row behind the end that the owner noted."""
    return f"{_row(site, seq)} was never committed"


def _row(site: str, seq: int) -> str:
    return f"journal of site {site!r}: row {seq}"


def _corrupt(site: str, seq: int, what: str) -> Corrupt:
    return Corrupt(f"{_row(site, seq)} {what}; restore the database from a backup")
