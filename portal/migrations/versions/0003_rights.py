"""Roles, grants, and groups of targets.

Revision ID: 0003
Revises: 0002
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# The same keys in every installation; what these roles hold is said by the code.
_BUILT_IN = {
    "admin": (UUID("00000000-0000-7000-8000-000000000001"), "Everything."),
    "operator": (UUID("00000000-0000-7000-8000-000000000002"), "Runs and edits jobs, targets and schedules."),
    "viewer": (UUID("00000000-0000-7000-8000-000000000003"), "Looks, and never sees a secret."),
}


def _text(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=nullable)


def _time(name: str) -> "sa.Column[Any]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _ref(
    name: str, table: str, *, ondelete: str | None = None, index: bool = False, key: bool = False
) -> "sa.Column[Any]":
    reference = sa.ForeignKey(f"{table}.id", ondelete=ondelete)
    return sa.Column(name, sa.Uuid(), reference, nullable=False, index=index, primary_key=key)


def upgrade() -> None:
    """Make the tables; everybody keeps the role they had."""
    roles = op.create_table(
        "roles",
        sa.Column("id", sa.Uuid(), primary_key=True), _text("name"), _text("description"),
        sa.Column("permissions", JSONB(), nullable=False), sa.Column("built_in", sa.Boolean(), nullable=False),
        _time("created_at"), _time("updated_at"),
    )  # fmt: skip
    op.create_index("roles_name_key", "roles", [sa.text("lower(name)")], unique=True)
    now = datetime.now(UTC)
    op.bulk_insert(
        roles,
        [
            {
                "id": key, "name": name, "description": description, "permissions": [], "built_in": True,
                "created_at": now, "updated_at": now,
            }
            for name, (key, description) in _BUILT_IN.items()
        ],
    )  # fmt: skip
    op.add_column("users", sa.Column("role_id", sa.Uuid(), sa.ForeignKey("roles.id"), nullable=True))
    op.execute("UPDATE users SET role_id = roles.id FROM roles WHERE roles.name = users.role")
    op.alter_column("users", "role_id", nullable=False)
    op.drop_column("users", "role")
    op.create_table(
        "role_grants",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _ref("user_id", "users", ondelete="CASCADE", index=True), _ref("role_id", "roles"),
        _text("kind"), _text("place"), _time("created_at"), _text("created_by"),
        sa.UniqueConstraint("user_id", "role_id", "kind", "place", name="role_grants_key"),
    )  # fmt: skip
    op.create_table(
        "target_groups",
        sa.Column("id", sa.Uuid(), primary_key=True), _text("name"), _text("description"),
        _text("select", nullable=True), _time("created_at"), _time("updated_at"),
    )  # fmt: skip
    op.create_index("target_groups_name_key", "target_groups", [sa.text("lower(name)")], unique=True)
    op.create_table(
        "target_group_memberships",
        _ref("group_id", "target_groups", ondelete="CASCADE", key=True),
        _ref("target_id", "targets", ondelete="CASCADE", key=True, index=True),
    )
    op.create_table(
        "target_group_parents",
        _ref("group_id", "target_groups", ondelete="CASCADE", key=True),
        _ref("parent_id", "target_groups", ondelete="CASCADE", key=True, index=True),
    )
    op.execute("CREATE INDEX targets_groups_idx ON targets USING gin (groups)")
    op.execute("CREATE INDEX targets_tags_idx ON targets USING gin (tags)")


def downgrade() -> None:
    """Remove the tables."""
    op.drop_index("targets_tags_idx", "targets")
    op.drop_index("targets_groups_idx", "targets")
    for table in ("target_group_parents", "target_group_memberships", "target_groups", "role_grants"):
        op.drop_table(table)
    op.add_column("users", sa.Column("role", sa.String(), nullable=True))
    op.execute("UPDATE users SET role = roles.name FROM roles WHERE roles.id = users.role_id")
    op.alter_column("users", "role", nullable=False)
    op.drop_column("users", "role_id")
    op.drop_table("roles")
