"""Runs are listed by what people ask for, found by target, and pinned.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_LISTED = ("job_name", "requested_by", "outcome", "trigger")


def upgrade() -> None:
    """Add the pin and the indexes."""
    op.add_column("job_runs", sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("job_runs", sa.Column("pinned_by", sa.String(), nullable=True))
    op.drop_index("ix_job_runs_job_id", "job_runs")
    op.create_index("ix_job_runs_job", "job_runs", ["job_id", "id"])
    for column in _LISTED:
        op.create_index(f"ix_job_runs_{column}", "job_runs", [column, "id"])
    op.create_index("ix_job_runs_finished", "job_runs", ["finished_at"])
    op.create_index("ix_job_runs_pinned", "job_runs", ["id"], postgresql_where=sa.text("pinned_at IS NOT NULL"))
    op.create_index("ix_job_run_targets_target", "job_run_targets", ["target_id", "run_id"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_job_run_targets_target", "job_run_targets")
    for name in ("pinned", "finished", *_LISTED, "job"):
        op.drop_index(f"ix_job_runs_{name}", "job_runs")
    op.create_index("ix_job_runs_job_id", "job_runs", ["job_id"])
    op.drop_column("job_runs", "pinned_by")
    op.drop_column("job_runs", "pinned_at")
