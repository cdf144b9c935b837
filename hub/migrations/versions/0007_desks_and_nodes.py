"""History of desks, and of how nodes are."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "history_desk",
        sa.Column("site", sa.String(64), primary_key=True),
        sa.Column("desk", sa.String(64), primary_key=True),
        sa.Column("at", sa.BigInteger, primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "history_node",
        sa.Column("site", sa.String(64), primary_key=True),
        sa.Column("node", sa.String(64), primary_key=True),
        sa.Column("at", sa.BigInteger, primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("temperature_c", sa.Float),
        sa.Column("disk_free_mb", sa.Integer),
        sa.Column("faults", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("history_node")
    op.drop_table("history_desk")
