"""Health of targets: checks, history, statuses, and logins on their way.

Revision ID: 0013
Revises: 0012
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=False)


def _time(name: str, *, nullable: bool = False, server: bool = False) -> "sa.Column[Any]":
    default = sa.text("now()") if server else None
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=default)


def _target(*, key: bool = False, nullable: bool = False, unique: bool = False) -> "sa.Column[Any]":
    reference = sa.ForeignKey("targets.id", ondelete="CASCADE")
    return sa.Column("target_id", sa.Uuid(), reference, primary_key=key, nullable=nullable, unique=unique)


def _number() -> "sa.Column[int]":
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True)


def upgrade() -> None:
    """Make the tables."""
    group = sa.ForeignKey("target_groups.id", ondelete="CASCADE")
    op.create_table(
        "target_health_checks",
        sa.Column("id", sa.Uuid(), primary_key=True), _target(nullable=True, unique=True),
        sa.Column("group_id", sa.Uuid(), group, nullable=True, unique=True),
        _text("mode"), sa.Column("interval_seconds", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False), _text("set_by_name"), _time("updated_at"),
        sa.CheckConstraint("(target_id IS NULL) <> (group_id IS NULL)", name="target_health_checks_one"),
    )  # fmt: skip
    op.create_table(
        "target_health",
        _number(), _target(), _time("at", server=True), _text("mode"), _text("status"),
        sa.Column("latency_ms", sa.Float(), nullable=True), _text("detail"),
        sa.Column("noted", sa.Boolean(), nullable=False),
    )  # fmt: skip
    op.create_index("target_health_target_idx", "target_health", ["target_id", sa.text("at DESC"), sa.text("id DESC")])
    op.create_index("target_health_unnoted_idx", "target_health", ["id"], postgresql_where=sa.text("NOT noted"))
    op.create_index("target_health_at_idx", "target_health", ["at"])
    op.create_table(
        "target_statuses",
        _target(key=True), _text("status"), _time("since"), _time("checked_at"),
        sa.Column("latency_ms", sa.Float(), nullable=True), _text("detail"),
    )  # fmt: skip
    op.create_index("target_statuses_status_idx", "target_statuses", ["status"])
    op.create_table(
        "target_health_logins",
        _number(), sa.Column("user_id", sa.Uuid(), nullable=False), sa.Column("target_ids", JSONB(), nullable=False),
        _time("requested_at"), _time("begun_at", nullable=True), sa.Column("run_id", sa.Uuid(), nullable=True),
        _time("ended_at", nullable=True),
    )  # fmt: skip


def downgrade() -> None:
    """Remove the tables."""
    for table in ("target_health_logins", "target_statuses", "target_health", "target_health_checks"):
        op.drop_table(table)
