"""Figures that outlive the runs they were counted from, and when each worker was last seen.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_TO_COUNT = "status = 'ended' AND (counted_at IS NULL OR counted_at < finished_at)"


def upgrade() -> None:
    """Add the column and the tables; what the record still holds is counted little by little."""
    op.add_column("job_runs", sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_job_runs_to_count", "job_runs", ["id"], postgresql_where=sa.text(_TO_COUNT))
    op.create_table(
        "run_ends",
        sa.Column("outcome", sa.String(), primary_key=True),
        sa.Column("count", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "action_durations",
        sa.Column("action", sa.String(), primary_key=True),
        sa.Column("bucket", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Double[float](), nullable=False),
    )
    op.create_table(
        "workers",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("going", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    """Remove them."""
    for table in ("workers", "action_durations", "run_ends"):
        op.drop_table(table)
    op.drop_index("ix_job_runs_to_count", "job_runs")
    op.drop_column("job_runs", "counted_at")
