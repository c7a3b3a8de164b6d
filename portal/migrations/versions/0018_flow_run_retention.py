"""Retention reports how many flow runs it took out of Prefect.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; a worker of the version before does not know it."""
    op.add_column("retention_reports", sa.Column("flow_runs", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Remove it."""
    op.drop_column("retention_reports", "flow_runs")
