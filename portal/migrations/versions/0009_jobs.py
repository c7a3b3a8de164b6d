"""Jobs that can be switched off, and versions that were brought back.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("jobs", sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.alter_column("jobs", "active", server_default=None)
    op.add_column("job_versions", sa.Column("restored_from", sa.Integer(), nullable=True))
    op.create_index("jobs_folder_idx", "jobs", ["folder"])


def downgrade() -> None:
    """Remove them."""
    op.drop_index("jobs_folder_idx", "jobs")
    op.drop_column("job_versions", "restored_from")
    op.drop_column("jobs", "active")
