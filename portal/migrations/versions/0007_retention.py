"""Runs can be deleted: what belongs to them goes with them, and the audit log says how much.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BELONGING = ("run_requests", "event_positions", "job_run_tokens")


def upgrade() -> None:
    """Make the tables; what belongs to a run that is gone already goes too."""
    op.create_table("job_run_leftovers", sa.Column("run_id", sa.Uuid(), primary_key=True))
    op.create_table(
        "retention_reports",
        sa.Column("id", sa.Uuid(), primary_key=True),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("outputs", "events", "runs")),
    )
    op.create_index("ix_run_requests_run_id", "run_requests", ["run_id"])
    for table in _BELONGING:
        op.execute(
            f"DELETE FROM {table} t WHERE NOT EXISTS (SELECT FROM job_runs WHERE id = t.run_id)"  # noqa: S608 (ours)
        )
        written_before_the_run = table == "run_requests"
        op.create_foreign_key(
            f"{table}_run_id_fkey",
            table,
            "job_runs",
            ["run_id"],
            ["id"],
            ondelete="CASCADE",
            deferrable=True if written_before_the_run else None,
            initially="DEFERRED" if written_before_the_run else None,
        )


def downgrade() -> None:
    """Take them away."""
    for table in _BELONGING:
        op.drop_constraint(f"{table}_run_id_fkey", table, type_="foreignkey")
    op.drop_index("ix_run_requests_run_id", "run_requests")
    op.drop_table("retention_reports")
    op.drop_table("job_run_leftovers")
