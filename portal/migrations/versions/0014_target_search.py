"""Targets are found by a part of their name, address or description in one look, and listed by age.

Revision ID: 0014
Revises: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_INDEXES = {"targets_created_at_idx": "created_at", "targets_updated_at_idx": "updated_at"}


def upgrade() -> None:
    """Add the column, which PostgreSQL keeps itself, and indexes."""
    op.execute(
        "ALTER TABLE targets ADD COLUMN search text GENERATED ALWAYS AS "
        "(lower(name::text || chr(10) || address::text || chr(10) || description::text)) STORED"
    )
    for name, column in _INDEXES.items():
        op.create_index(name, "targets", [column, "id"])


def downgrade() -> None:
    """Remove them."""
    for name in _INDEXES:
        op.drop_index(name, "targets")
    op.drop_column("targets", "search")
