"""Accounts at a sign-in provider, and sign-ins on their way there and back.

Revision ID: 0012
Revises: 0011
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def _text(name: str, *, key: bool = False, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), primary_key=key, nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _user() -> "sa.Column[Any]":
    return sa.Column("user_id", sa.Uuid(), sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "sso_identities",
        sa.Column("id", sa.Uuid(), primary_key=True), _user(), _text("issuer"), _text("subject"),
        _time("created_at"), _time("last_login_at", nullable=True),
        sa.UniqueConstraint("issuer", "subject", name="sso_identities_key"),
    )  # fmt: skip
    op.create_table(
        "sso_logins",
        _text("state_hash", key=True), _text("browser_hash"), _text("nonce"), _text("code_verifier"),
        _text("next_path"), _text("challenge", nullable=True), sa.Column("port", sa.Integer()), _time("expires_at"),
    )  # fmt: skip
    op.create_table(
        "sso_codes",
        _text("code_hash", key=True), _user(), _text("challenge"), _time("expires_at"),
    )  # fmt: skip


def downgrade() -> None:
    """Remove the tables."""
    for table in ("sso_codes", "sso_logins", "sso_identities"):
        op.drop_table(table)
