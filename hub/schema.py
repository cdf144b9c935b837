"""The hub's tables. What they mean is known to `hub.journal` and `hub.history`; this room knows columns.

Instants are whole microseconds since 1970 in UTC, so that every database sorts and compares them alike. A change here
needs a revision in `hub/migrations`; a test holds the two against each other.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator

REVISION = "0008"
"""The newest in `hub/migrations`."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

PAYLOAD_BYTES_KEPT = 2_048
"""Of a quarantined message: enough to see what it was meant to be."""


def micros(at: datetime) -> int:
    """`at` (aware) as microseconds since 1970."""
    return (at - EPOCH) // MICROSECOND


def instant(at_us: int) -> datetime:
    """The moment `at_us` microseconds after 1970."""
    # Sooner done than a timedelta of so many: each row of a journal that is replayed comes through here.
    return EPOCH + at_us * MICROSECOND


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else instant(value)


class Words(TypeDecorator[tuple[str, ...]]):
    """Ids, with blanks between them."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else " ".join(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else tuple(value.split())


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
    Column("renewed_at", Instant, nullable=False),  # 1970: the owner has given it back
    Column("seq", BigInteger, nullable=False),  # of the newest journal row: a lost end would go unnoticed without it
    Column("opened_seq", BigInteger, nullable=False),  # of the newest DayOpened, where a replay begins; 0 for none
    Column("address", String(300), nullable=False, server_default=""),  # where other hubs reach the holder
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

# --- nodes and their certificates --------------------------------------------------------------------------------

enrolment = Table(  # codes that are out; the codes themselves are the keyring's
    "enrolment",
    metadata,
    Column("node", String(64), primary_key=True),
    Column("nonce", String(64), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("key", String(64), nullable=False),  # that was certified with it; empty while it is unused
)

node_certificate = Table(
    "node_certificate",
    metadata,
    Column("serial", String(40), primary_key=True),  # hexadecimal
    Column("node", String(64), nullable=False),
    Column("key", String(64), nullable=False),  # the public key's fingerprint
    Column("pem", Text, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("until_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Index("node_certificate_by_node", "node"),
)

# --- history: made from the journal, and made anew when it is lost -----------------------------------------------

history_cursor = Table(
    "history_cursor",
    metadata,
    Column("store", String(300), primary_key=True),
    Column("site", String(64), primary_key=True),
    Column("seq", BigInteger, nullable=False),  # of the newest journal row that the store holds
)

history_occupancy = Table(
    "history_occupancy",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("room", String(64), primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("people", Integer),  # like its bounds NULL while unknown
    Column("lower_people", Integer),
    Column("upper_people", Integer),
    Column("limit_people", Integer, nullable=False),
    Column("quality", String(16), nullable=False),
    sqlite_with_rowid=False,
)

history_line = Table(
    "history_line",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("service", String(64), primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("inside", Integer, nullable=False),
    Column("outside", Integer, nullable=False),
    sqlite_with_rowid=False,
)

history_device = Table(
    "history_device",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("device", String(129), primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("state", String(16), nullable=False),
    sqlite_with_rowid=False,
)

history_desk = Table(
    "history_desk",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("desk", String(64), primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("state", String(16), nullable=False),
    sqlite_with_rowid=False,
)

history_node = Table(
    "history_node",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("node", String(64), primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("temperature_c", Float),  # NULL from a node that does not say
    Column("disk_free_mb", Integer),
    Column("faults", Integer, nullable=False),
    sqlite_with_rowid=False,
)

history_self_test = Table(
    "history_self_test",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("device", String(129), primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("state", String(16), nullable=False),
    sqlite_with_rowid=False,
)

history_crossing = Table(
    "history_crossing",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("door", String(64), primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("entered", Integer, nullable=False),
    Column("left", Integer, nullable=False),
    sqlite_with_rowid=False,
)

history_visit = Table(
    "history_visit",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("service", String(64), primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("desk", String(64), primary_key=True),
    Column("outcome", String(16), primary_key=True),
    Column("wait_s", Integer),  # NULL if it was never called
    Column("service_s", Integer),  # NULL if nobody was served
    Column("party_people", Integer, nullable=False),
    sqlite_with_rowid=False,
)

appointment = Table(
    "appointment",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),  # opaque: all that the day knows of it
    Column("source", String(200), nullable=False),  # the file that had it last
    Column("uid", String(255), nullable=False),  # its name in that file
    Column("sequence", Integer, nullable=False),
    Column("service", String(64), nullable=False),
    Column("slot_at", Instant, nullable=False),
    Column("party_people", Integer, nullable=False),
    Column("is_cancelled", Boolean, nullable=False),
    Column("code_hash", String(64), nullable=False),
    Index("appointment_by_uid", "site", "uid", unique=True),
    Index("appointment_by_slot", "site", "slot_at"),
)

contact = Table(  # the only table with personal data
    "contact",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("appointment", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("phone", String(40), nullable=False),
    Column("email", String(254), nullable=False),
    Column("erase_at", Instant, nullable=False),
    Index("contact_by_erase_at", "erase_at"),
)

# --- who may do what: secrets are kept as hashes -----------------------------------------------------------------

account = Table(
    "account",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("roles", Words(64), nullable=False),
    Column("sites", Words(4_000), nullable=False),  # empty: everywhere
    Column("password_hash", String(200), nullable=False),  # Argon2; empty for none
    Column("subject", String(400), nullable=False),  # issuer and subject of single sign-on; empty for none
    Column("is_disabled", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("signed_in_at", Instant),
)

browser_session = Table(
    "browser_session",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("next_hash", String(64), nullable=False),
    Column("offered_at", Instant),
    Column("previous_hash", String(64), nullable=False),
    Column("rotated_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

api_token = Table(
    "api_token",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("hash", String(64), nullable=False),
    Column("scopes", Words(100), nullable=False),
    Column("sites", Words(4_000), nullable=False),  # empty: everywhere
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
)

link = Table(  # where a password is chosen, once
    "link",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("account", String(64), nullable=False),  # empty: the first administrator's
    Column("expires_at", Instant, nullable=False),
)

act = Table(  # who did what
    "act",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("who", String(128), nullable=False),
    Column("what", String(64), nullable=False),
    Column("site", String(64), nullable=False),  # empty: about accounts, tokens and sessions
    Column("place", String(129), nullable=False),
    Column("seq", BigInteger, nullable=False),  # of the newest journal row that came of it; 0 for none
    Index("act_by_site", "site", "id"),
)
