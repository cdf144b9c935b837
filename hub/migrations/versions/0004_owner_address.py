"""Where other hubs reach a site's owner."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("owner", sa.Column("address", sa.String(300), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("owner", "address")
