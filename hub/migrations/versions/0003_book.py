"""The appointment book."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appointment",
        sa.Column("site", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("uid", sa.String(255), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("slot_at", sa.BigInteger, nullable=False),
        sa.Column("party_people", sa.Integer, nullable=False),
        sa.Column("is_cancelled", sa.Boolean, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
    )
    op.create_index("appointment_by_uid", "appointment", ["site", "uid"], unique=True)
    op.create_index("appointment_by_slot", "appointment", ["site", "slot_at"])
    op.create_table(
        "contact",
        sa.Column("site", sa.String(64), primary_key=True),
        sa.Column("appointment", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("erase_at", sa.BigInteger, nullable=False),
    )
    op.create_index("contact_by_erase_at", "contact", ["erase_at"])


def downgrade() -> None:
    for table in ("contact", "appointment"):
        op.drop_table(table)
