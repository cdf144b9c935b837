"""The hub's tables. What they mean is known to `hub.journal`; this room knows columns.

Instants are whole microseconds since 1970 in UTC, so that every database sorts and compares them alike. A change here
needs a revision in `hub/migrations`; a test holds the two against each other.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Column, Dialect, Index, Integer, LargeBinary, MetaData, String, Table, Text
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

PAYLOAD_BYTES_KEPT = 2_048
"""Of a quarantined message: enough to see what it was meant to be."""


def micros(at: datetime) -> int:
    """`at` (aware) as microseconds since 1970."""
    return (at - EPOCH) // timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


metadata = MetaData()

journal = Table(
    "journal",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("day", String(10), nullable=False),  # the service day, ISO; empty before the first
    Column("at", Instant, nullable=False),
    Column("body", Text, nullable=False),  # the event as JSON
    Column("hash", String(64), nullable=False),  # over the previous hash and this row
    Index("journal_by_day", "site", "day"),
)

owner = Table(
    "owner",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("term", BigInteger, nullable=False),
    Column("holder", String(128), nullable=False),
    Column("renewed_at", Instant, nullable=False),
    Column("seq", BigInteger, nullable=False),  # of the newest journal row: a lost end would go unnoticed without it
    Column("opened_seq", BigInteger, nullable=False),  # of the newest DayOpened, where a replay begins; 0 for none
)

mark = Table(
    "mark",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("mark", String(300), primary_key=True),
    Column("answer", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("device", String(129), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("ticket", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("answered_at", Instant),
    Index("outbox_by_state", "site", "state"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("topic", String(300), nullable=False),
    Column("reason", String(300), nullable=False),
    Column("payload", LargeBinary(PAYLOAD_BYTES_KEPT), nullable=False),
)
