"""Templates of jobs, and who uses which version.

Revision ID: 0010
Revises: 0009
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TABLES = ("job_template_parts", "job_template_uses", "job_template_versions", "job_templates")


def _text(name: str) -> "sa.Column[Any]":
    return sa.Column(name, sa.String(), nullable=False)


def _time(name: str, *, nullable: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _number(name: str, *, key: bool = True) -> "sa.Column[Any]":
    return sa.Column(name, sa.Integer(), primary_key=key, nullable=False)


def _template(name: str) -> "sa.Column[Any]":
    return sa.Column(name, sa.Uuid(), sa.ForeignKey("job_templates.id"), primary_key=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "job_templates",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _text("name"), _text("description"), _text("folder"), sa.Column("tags", JSONB(), nullable=False),
        _number("version", key=False), _time("created_at"), _time("updated_at"), _time("deleted_at", nullable=True),
    )  # fmt: skip
    alive = sa.text("deleted_at IS NULL")
    op.create_index("job_templates_name_key", "job_templates", ["name"], unique=True, postgresql_where=alive)
    op.create_index("job_templates_folder_idx", "job_templates", ["folder"])
    op.create_table(
        "job_template_versions",
        _template("template_id"), _number("version"), sa.Column("document", JSONB(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False), _text("created_by"), _time("created_at"),
    )  # fmt: skip
    op.create_table(
        "job_template_uses",
        sa.Column("job_id", sa.Uuid(), primary_key=True), _number("job_version"),
        _template("template_id"), _number("template_version"), sa.Column("direct", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["job_id", "job_version"], ["job_versions.job_id", "job_versions.version"]),
    )  # fmt: skip
    op.create_index("job_template_uses_template_idx", "job_template_uses", ["template_id", "template_version"])
    op.create_table(
        "job_template_parts",
        sa.Column("template_id", sa.Uuid(), primary_key=True), _number("version"),
        _template("used_id"), _number("used_version"),
        sa.ForeignKeyConstraint(
            ["template_id", "version"], ["job_template_versions.template_id", "job_template_versions.version"]
        ),
    )  # fmt: skip
    op.create_index("job_template_parts_used_idx", "job_template_parts", ["used_id", "used_version"])


def downgrade() -> None:
    """Remove them."""
    for table in _TABLES:
        op.drop_table(table)
