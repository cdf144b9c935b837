"""History in the hub's own database: gauges, crossings, visits, and how far each store has read the journal."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "history_cursor",
        sa.Column("store", sa.String(300), primary_key=True),
        sa.Column("site", sa.String(64), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
    _points(
        "history_occupancy",
        *_series("room"),
        sa.Column("people", sa.Integer),
        sa.Column("lower_people", sa.Integer),
        sa.Column("upper_people", sa.Integer),
        sa.Column("limit_people", sa.Integer, nullable=False),
        sa.Column("quality", sa.String(16), nullable=False),
    )
    _points(
        "history_line",
        *_series("service"),
        sa.Column("inside", sa.Integer, nullable=False),
        sa.Column("outside", sa.Integer, nullable=False),
    )
    _points("history_device", *_series("device", 129), sa.Column("state", sa.String(16), nullable=False))
    _points(
        "history_crossing",
        *_series("door"),
        sa.Column("entered", sa.Integer, nullable=False),
        sa.Column("left", sa.Integer, nullable=False),
    )
    _points(
        "history_visit",
        *_series("service"),
        sa.Column("desk", sa.String(64), primary_key=True),
        sa.Column("outcome", sa.String(16), primary_key=True),
        sa.Column("wait_s", sa.Integer),
        sa.Column("service_s", sa.Integer),
        sa.Column("party_people", sa.Integer, nullable=False),
    )


def _series(tag: str, chars: int = 64) -> list[sa.Column[str] | sa.Column[int]]:
    """What names a point: its site, its tag and its instant."""
    return [
        sa.Column("site", sa.String(64), primary_key=True),
        sa.Column(tag, sa.String(chars), primary_key=True),
        sa.Column("at", sa.BigInteger, primary_key=True),
    ]


def _points(name: str, *columns: sa.Column[str] | sa.Column[int]) -> None:
    # Kept in the order of their names and nowhere else: half the space in SQLite.
    op.create_table(name, *columns, sqlite_with_rowid=False)


def downgrade() -> None:
    for table in ("visit", "crossing", "device", "line", "occupancy", "cursor"):
        op.drop_table(f"history_{table}")
