"""What happens inside the hub without any network: decoding, deciding, committing."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path

import msgspec

from hub.database import open_journal
from hub.day.apply import apply
from hub.day.decide import decide
from hub.day.events import TicketIssued
from hub.day.inputs import CallNext, IssueTicket
from hub.day.refusal import Refusal
from hub.journal import Batch, Entry
from tests.bench.figures import Figure, rates
from tests.given import MONDAY_9H, Story
from wire import codec, topics
from wire.messages import Event, Heard, Key, Press

MESSAGES = 1_000
ROUNDS = 500
ROWS_PER_COMMIT = (1, 64)


def measure(folder: Path) -> Iterator[Figure]:
    """`folder` is where the databases lie: their figures are those of its disk."""
    yield _decoding()
    yield _deciding()
    for rows in ROWS_PER_COMMIT:
        yield _committing(folder, rows)


def _decoding() -> Figure:
    press = Event(session="s" * 22, seq=7, body=Press(key=Key.NEXT, seen=41), heard=Heard(boot="b", ms=9, since_ms=3))
    topic, payload = topics.event("saint-aubin", "desk-1", "panel"), codec.encode(press)

    def ours() -> int:
        for _ in range(MESSAGES):
            codec.decode(topic, payload)
        return MESSAGES

    def raw() -> int:
        for _ in range(MESSAGES):
            json.loads(payload)
        return MESSAGES

    per_s = rates(ours, raw)
    return Figure(
        name="messages decoded", unit="1/s", ours=per_s[0], raw=per_s[1], raw_name="json.loads, nothing checked"
    )


def _deciding() -> Figure:
    """A ticket issued and called, over and over, beside an empty function called as often."""
    story = Story().with_open_desk()
    numbers = count(1)

    def step(an_input: IssueTicket | CallNext) -> int:
        decided = decide(story.day, an_input, MONDAY_9H)
        assert not isinstance(decided, Refusal)
        for event in decided:
            apply(story.day, event, MONDAY_9H, story.day.seq + 1)
        return len(decided)

    def ours() -> int:
        done = 0
        for _ in range(ROUNDS):
            ticket = f"bench-{next(numbers)}"
            done += step(IssueTicket(ticket=ticket, token_hash=ticket, service="permits", language="en", channel="api"))
            done += step(CallNext(desk="1", seen=None, by="api"))
        return done

    kept: dict[str, dict[str, object]] = {}

    def raw() -> int:
        for _ in range(ROUNDS):
            ticket = f"bench-{next(numbers)}"
            for state in ("waiting", "called", "served"):
                kept[ticket] = {"state": state, "at": MONDAY_9H}
        return 3 * ROUNDS

    per_s = rates(ours, raw)
    raw_name = "a dict for each state, kept"
    return Figure(name="events decided and applied", unit="1/s", ours=per_s[0], raw=per_s[1], raw_name=raw_name)


def _committing(folder: Path, rows: int) -> Figure:
    """Rows that become durable, `rows` in a transaction, beside the same bytes in the same SQLite by hand."""
    site = f"bench-{rows}"
    with open_journal(f"sqlite:///{folder}/ours-{rows}.db") as journal, closing(_raw_database(folder, rows)) as raw_db:
        term = journal.claim(site, "bench", MONDAY_9H)
        journal.load(site)
        # The journal takes no gaps, so each counts for itself.
        our_seq, raw_seq = count(1), count(1)
        event = TicketIssued(
            ticket="t" * 22, token_hash="h" * 64, service="permits", series="B", number=1, language="en",
            channel="api", due_at=MONDAY_9H + timedelta(minutes=15),
        )  # fmt: skip
        body = msgspec.json.encode(event).decode()

        def ours() -> int:
            entries = [Entry(next(our_seq), "2026-03-02", MONDAY_9H, event) for _ in range(rows)]
            journal.commit(Batch(site, term, MONDAY_9H, entries=entries))
            return rows

        def raw() -> int:
            raw_db.execute("BEGIN")
            values = [(site, next(raw_seq), "2026-03-02", 0, body, "h" * 64) for _ in range(rows)]
            raw_db.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)", values)
            raw_db.execute("COMMIT")
            return rows

        per_s = rates(ours, raw)
    name = f"rows committed, {rows} at a time"
    return Figure(name=name, unit="1/s", ours=per_s[0], raw=per_s[1], raw_name="sqlite3, WAL, synchronous=FULL")


def _raw_database(folder: Path, rows: int) -> sqlite3.Connection:
    database = sqlite3.connect(folder / f"raw-{rows}.db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    columns = "site TEXT, seq INTEGER, day TEXT, at INTEGER, body TEXT, hash TEXT, PRIMARY KEY (site, seq)"
    database.execute(f"CREATE TABLE journal ({columns})")
    return database
