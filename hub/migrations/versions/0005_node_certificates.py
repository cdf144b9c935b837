"""Who was enrolled, and which certificates there are."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enrolment",
        sa.Column("node", sa.String(64), primary_key=True),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
    )
    op.create_table(
        "node_certificate",
        sa.Column("serial", sa.String(40), primary_key=True),
        sa.Column("node", sa.String(64), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("pem", sa.Text, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("until_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
    )
    op.create_index("node_certificate_by_node", "node_certificate", ["node"])


def downgrade() -> None:
    op.drop_table("node_certificate")
    op.drop_table("enrolment")
