"""Services, zones and versions of targets; the labels that targets had become groups.

Revision ID: 0008
Revises: 0007
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from uuid_utils.compat import uuid7

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_LABELS = """
SELECT min(label COLLATE "C") FROM targets, jsonb_array_elements_text(groups) AS label
WHERE NOT EXISTS (SELECT 1 FROM target_groups g WHERE lower(g.name) = lower(label)) GROUP BY lower(label)
"""
_MEMBERS = """
INSERT INTO target_group_memberships (group_id, target_id)
SELECT DISTINCT g.id, t.id FROM targets t, jsonb_array_elements_text(t.groups) AS label, target_groups g
WHERE lower(g.name) = lower(label) ON CONFLICT DO NOTHING
"""
# Labels that differed in case only are one group now.
_NAMES = """
UPDATE targets t SET groups = coalesce(
  (SELECT jsonb_agg(g.name ORDER BY g.name COLLATE "C") FROM target_group_memberships m
   JOIN target_groups g ON g.id = m.group_id WHERE m.target_id = t.id), '[]')
"""


def _make_groups() -> None:
    groups = sa.table(
        "target_groups",
        sa.column("id", sa.Uuid()), sa.column("name", sa.String()), sa.column("description", sa.String()),
        sa.column("created_at", sa.DateTime(timezone=True)), sa.column("updated_at", sa.DateTime(timezone=True)),
    )  # fmt: skip
    now = datetime.now(UTC)
    labels = op.get_bind().scalars(sa.text(_LABELS)).all()
    op.bulk_insert(
        groups,
        [{"id": uuid7(), "name": name, "description": "", "created_at": now, "updated_at": now} for name in labels],
    )
    op.execute(_MEMBERS)
    op.execute(_NAMES)


def upgrade() -> None:
    """Make the table and the columns, and groups of the labels."""
    for name in ("os_version", "zone"):
        op.add_column("targets", sa.Column(name, sa.String(), nullable=False, server_default=""))
        op.alter_column("targets", name, server_default=None)
    op.create_index("targets_zone_idx", "targets", ["zone"])
    op.execute("CREATE INDEX targets_variables_idx ON targets USING gin (variables jsonb_path_ops)")
    op.create_table(
        "target_services",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("target_id", sa.Uuid(), sa.ForeignKey("targets.id", ondelete="CASCADE"), nullable=False),
        sa.Column("type", sa.String(), nullable=False), sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), sa.ForeignKey("credentials.id"), nullable=True, index=True),
        sa.Column("secure", sa.Boolean(), nullable=False), sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("target_id", "type", "port", name="target_services_key"),
    )  # fmt: skip
    op.create_index("target_services_type_idx", "target_services", ["type", "status"])
    _make_groups()


def downgrade() -> None:
    """Remove them; targets keep the names of their groups."""
    op.drop_table("target_services")
    op.drop_index("targets_variables_idx", "targets")
    op.drop_index("targets_zone_idx", "targets")
    for name in ("zone", "os_version"):
        op.drop_column("targets", name)
