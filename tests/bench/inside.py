"""What happens inside the hub without any network: decoding, deciding, calling before a crowd, committing."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter

import msgspec

from hub.database import open_journal
from hub.day.events import TicketIssued
from hub.day.inputs import AnyInput, CallNext, IssueTicket
from hub.day.model import Day
from hub.journal import Batch, Entry
from tests.bench import busy_day
from tests.bench.figures import TURN_S, TURNS, Figure, Setting, rates
from tests.given import MONDAY_9H, Story
from wire import codec, topics
from wire.messages import Event, Heard, Key, Press

MESSAGES = 1_000
WAITING_MANY, WAITING_FEW = 100_000, 24
CALLS = 500
"""In a turn of each."""
ROWS_PER_COMMIT = (1, 64)


def calls(setting: Setting) -> list[Figure]:
    """One call of a desk before a crowd, beside the same before a few; after each call somebody joins the line."""
    many, few = _Line(WAITING_MANY), _Line(WAITING_FEW)
    took_us: tuple[list[float], list[float]] = ([], [])
    for turn in range(TURNS):
        setting.tell(turn / TURNS)
        for line, turns_us in zip((many, few), took_us, strict=True):
            turns_us.append(sum(line.call_s() for _ in range(CALLS)) / CALLS * 1e6)
    return [Figure("a call, 100,000 waiting", median(took_us[0]), median(took_us[1]))]


def measure(setting: Setting) -> list[Figure]:
    """Rates of what every message, input and row goes through."""
    turn_s = TURN_S / 10 if setting.quick else TURN_S
    figures = [_decoding(turn_s), _deciding(turn_s)]
    for number, rows in enumerate(ROWS_PER_COMMIT, 2):
        setting.tell(number / 4)
        figures.append(_committing(setting.folder, rows, turn_s))
    return figures


def _decoding(turn_s: float) -> Figure:
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

    return Figure("messages decoded", *rates(ours, raw, turn_s=turn_s))


def _deciding(turn_s: float) -> Figure:
    """A whole busy day, decided and applied, beside a dict that remembers each input's kind and time."""
    steps = busy_day.steps()

    def ours() -> int:
        day = Day()
        for step in steps:
            busy_day.take(day, step)
        return len(steps)

    def raw() -> int:
        kept = {}
        for number, step in enumerate(steps):
            kept[number] = {"kind": type(step.an_input).__name__, "at": step.at}
        return len(kept)

    return Figure("inputs decided and applied", *rates(ours, raw, turn_s=turn_s))


class _Line:
    """A day with an open desk and always as many people in line, for two services."""

    def __init__(self, people: int) -> None:
        self._day = Story().with_open_desk().day
        self._numbers = count(1)
        for _ in range(people):
            self._join()

    def _join(self) -> None:
        number = next(self._numbers)
        ticket, service = f"ticket-{number}", ("permits", "passports")[number % 2]
        self._take(IssueTicket(ticket=ticket, token_hash=ticket, service=service, language="en", channel="api"))

    def _take(self, an_input: AnyInput) -> None:
        busy_day.take(self._day, busy_day.Step(an_input, MONDAY_9H))

    def call_s(self) -> float:
        """How long a call takes."""
        press = CallNext(desk="1", seen=self._day.desks["1"].seq, by="api")
        began_s = perf_counter()
        self._take(press)
        took_s = perf_counter() - began_s
        self._join()
        return took_s


def _committing(folder: Path, rows: int, turn_s: float) -> Figure:
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

        return Figure(f"rows committed, {rows} at a time", *rates(ours, raw, turn_s=turn_s))


def _raw_database(folder: Path, rows: int) -> sqlite3.Connection:
    database = sqlite3.connect(folder / f"raw-{rows}.db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    columns = "site TEXT, seq INTEGER, day TEXT, at INTEGER, body TEXT, hash TEXT, PRIMARY KEY (site, seq)"
    database.execute(f"CREATE TABLE journal ({columns})")
    return database
