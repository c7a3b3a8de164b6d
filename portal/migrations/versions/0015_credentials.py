"""Credentials: dates, details, where they may be used, and what is bound to groups and jobs.

Revision ID: 0015
Revises: 0014
"""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_COLUMNS = (
    "details", "allowed_targets", "valid_from", "valid_until", "dated_by_certificate", "next_rotation_date",
    "rotated_at", "last_used_at",
)  # fmt: skip


def _time(name: str, *, nullable: bool = True) -> "sa.Column[datetime]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Add the columns and the table."""
    op.add_column("credentials", sa.Column("details", JSONB(), nullable=False, server_default="{}"))
    op.add_column("credentials", sa.Column("allowed_targets", sa.String(), nullable=True))
    op.add_column("credentials", _time("valid_from"))
    op.add_column("credentials", _time("valid_until"))
    op.add_column("credentials", sa.Column("dated_by_certificate", sa.Boolean(), nullable=False, server_default="f"))
    op.add_column("credentials", sa.Column("next_rotation_date", sa.Date(), nullable=True))
    op.add_column("credentials", _time("rotated_at"))
    op.add_column("credentials", _time("last_used_at"))
    op.alter_column("credentials", "details", server_default=None)
    op.alter_column("credentials", "dated_by_certificate", server_default=None)
    op.execute(
        "UPDATE credentials SET rotated_at = coalesce((SELECT max(v.created_at) FROM credential_versions v"
        " WHERE v.credential_id = credentials.id), created_at)"
    )
    op.alter_column("credentials", "rotated_at", nullable=False)
    op.create_table(
        "credential_bindings",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("credential_id", sa.Uuid(), sa.ForeignKey("credentials.id"), nullable=False, index=True),
        sa.Column("group_id", sa.Uuid(), sa.ForeignKey("target_groups.id", ondelete="CASCADE"), unique=True),
        sa.Column("job_id", sa.Uuid(), sa.ForeignKey("jobs.id"), unique=True),
        _time("created_at", nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.CheckConstraint("num_nonnulls(group_id, job_id) = 1", name="credential_bindings_place"),
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("credential_bindings")
    for column in _COLUMNS:
        op.drop_column("credentials", column)
