"""History of what people counters' own counts say of them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "history_self_test",
        sa.Column("site", sa.String(64), primary_key=True),
        sa.Column("device", sa.String(129), primary_key=True),
        sa.Column("at", sa.BigInteger, primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("history_self_test")
