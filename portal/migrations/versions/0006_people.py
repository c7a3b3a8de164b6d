"""People: profiles, preferences, how sign-ins are used, and failed attempts to sign in.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_PROFILE = ("first_name", "last_name", "telephone", "title")
_DOCUMENTS = ("ui_preferences", "notification_preferences")


def upgrade() -> None:
    """Make the columns and the table; a full name becomes first and last name."""
    for name in _PROFILE:
        op.add_column("users", sa.Column(name, sa.String(), nullable=False, server_default=""))
        op.alter_column("users", name, server_default=None)
    op.execute("UPDATE users SET first_name = split_part(full_name, ' ', 1)")
    op.execute("UPDATE users SET last_name = ltrim(substr(full_name, length(first_name) + 1))")
    op.drop_column("users", "full_name")
    for name in _DOCUMENTS:
        op.add_column("users", sa.Column(name, JSONB(), nullable=False, server_default="{}"))
        op.alter_column("users", name, server_default=None)
    op.add_column("users", sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE users SET updated_at = created_at")
    op.alter_column("users", "updated_at", nullable=False)
    op.alter_column("users", "password_hash", nullable=True)
    op.add_column("sessions", sa.Column("user_agent", sa.String(), nullable=False, server_default=""))
    op.alter_column("sessions", "user_agent", server_default=None)
    op.add_column("sessions", sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE sessions SET last_used_at = now()")
    op.alter_column("sessions", "last_used_at", nullable=False)
    op.add_column("sessions", sa.Column("idle_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "login_failures",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
    )


def downgrade() -> None:
    """Remove them; who has no password gets one that nobody knows."""
    op.drop_table("login_failures")
    op.drop_column("sessions", "idle_at")
    op.drop_column("sessions", "last_used_at")
    op.drop_column("sessions", "user_agent")
    op.execute("UPDATE users SET password_hash = '!' WHERE password_hash IS NULL")
    op.alter_column("users", "password_hash", nullable=False)
    op.drop_column("users", "updated_at")
    for name in _DOCUMENTS:
        op.drop_column("users", name)
    op.add_column("users", sa.Column("full_name", sa.String(), nullable=False, server_default=""))
    op.execute("UPDATE users SET full_name = btrim(first_name || ' ' || last_name)")
    op.alter_column("users", "full_name", server_default=None)
    for name in _PROFILE:
        op.drop_column("users", name)
