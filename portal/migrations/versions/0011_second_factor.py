"""Second factors, recovery codes, and sign-ins that wait for a code.

Revision ID: 0011
Revises: 0010
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _user(*, key: bool = False, index: bool = False) -> "sa.Column[Any]":
    reference = sa.ForeignKey("users.id", ondelete="CASCADE")
    return sa.Column("user_id", sa.Uuid(), reference, nullable=False, primary_key=key, index=index)


def _time(name: str, *, nullable: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "second_factors",
        _user(key=True),
        sa.Column("sealed_secret", sa.String(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        _time("blocked_until", nullable=True),
        _time("created_at"),
        _time("confirmed_at", nullable=True),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(), primary_key=True),
        _user(index=True),
    )
    op.create_table(
        "login_challenges",
        sa.Column("token_hash", sa.String(), primary_key=True),
        _user(index=True),
        _time("expires_at"),
    )


def downgrade() -> None:
    """Remove the tables."""
    for table in ("login_challenges", "recovery_codes", "second_factors"):
        op.drop_table(table)
