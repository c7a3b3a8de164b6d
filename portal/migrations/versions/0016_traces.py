"""Runs remember the trace of the request that started them.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("job_runs", sa.Column("traceparent", sa.String(), nullable=True))


def downgrade() -> None:
    """Remove it."""
    op.drop_column("job_runs", "traceparent")
