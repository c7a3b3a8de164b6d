"""Tables of the portal: people, audit, targets, credentials, jobs."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from flows.ledger.grants import FLOW_ROLE

revision = "0002"
down_revision = "0001"

_APPEND_ONLY = """
CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
FOR EACH ROW EXECUTE FUNCTION audit_log_is_append_only();
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only();
"""
_TABLES = (
    "event_positions", "job_run_tokens", "run_requests", "job_versions", "jobs", "targets", "credential_versions",
    "credentials", "audit_log", "session_tokens", "sessions", "users",
)  # fmt: skip


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, JSONB, nullable=False)


def _key(name: str = "id") -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid(), primary_key=True)


def _identity() -> None:
    op.create_table(
        "users",
        _key(), _text("username"), _text("email"), _text("full_name"), _text("role"), _text("password_hash"),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        _time("created_at"), _time("last_login_at", nullable=True),
    )  # fmt: skip
    op.create_index("users_username_key", "users", [sa.text("lower(username)")], unique=True)
    op.create_table(
        "sessions",
        _key(),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
        _text("kind"), _text("source"), _time("created_at"), _time("expires_at"), _time("revoked_at", nullable=True),
    )  # fmt: skip
    op.create_table(
        "session_tokens",
        sa.Column("token_hash", sa.String(), primary_key=True),
        sa.Column(
            "session_id", sa.Uuid(), sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        _text("purpose"), _time("expires_at"), _time("used_at", nullable=True),
    )  # fmt: skip


def _audit() -> None:
    op.create_table(
        "audit_log",
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        _time("at"),
        sa.Column("event", sa.String(), nullable=False, index=True),
        _text("actor_id"), _text("actor_name"), _text("subject_kind"), _text("subject_id"), _text("source"),
        _text("request_id"), _json("facts"), _text("previous_hash"), _text("hash"),
    )  # fmt: skip
    op.create_index("audit_log_subject_idx", "audit_log", ["subject_kind", "subject_id"])
    op.execute(_APPEND_ONLY)


def _credentials_and_targets() -> None:
    op.create_table(
        "credentials",
        _key(), _text("name"), _text("kind"), _text("username"), _text("description"),
        sa.Column("version", sa.Integer(), nullable=False), _time("created_at"), _time("updated_at"),
    )  # fmt: skip
    op.create_index("credentials_name_key", "credentials", [sa.text("lower(name)")], unique=True)
    op.create_table(
        "credential_versions",
        _key("credential_id"), sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("block_document_id", sa.Uuid(), nullable=False),
        _time("created_at"), _text("created_by"), _time("retired_at", nullable=True),
    )  # fmt: skip
    op.create_table(
        "targets",
        _key(), _text("name"), _text("address"), sa.Column("port", sa.Integer(), nullable=False), _text("platform"),
        _text("description"), _json("tags"), _json("groups"), _json("variables"),
        sa.Column("credential_id", sa.Uuid(), sa.ForeignKey("credentials.id"), nullable=True, index=True),
        _json("host_keys"), _text("encoding"), _time("created_at"), _time("updated_at"),
    )  # fmt: skip
    op.create_index("targets_name_key", "targets", [sa.text("lower(name)")], unique=True)


def _jobs() -> None:
    op.create_table(
        "jobs",
        _key(), _text("name"), _text("description"), _text("folder"), _json("tags"),
        sa.Column("version", sa.Integer(), nullable=False),
        _time("created_at"), _time("updated_at"), _time("deleted_at", nullable=True),
        sa.Column("deployment_id", sa.Uuid(), nullable=True),
        sa.Column("deployed_version", sa.Integer(), nullable=True),
        _text("deployment_error"),
    )  # fmt: skip
    op.create_index(
        "jobs_name_key", "jobs", [sa.text("lower(name)")], unique=True, postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.create_table(
        "job_versions",
        sa.Column("job_id", sa.Uuid(), sa.ForeignKey("jobs.id"), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        _json("document"), sa.Column("source", sa.Text(), nullable=False), _text("created_by"), _time("created_at"),
    )  # fmt: skip


def _runs() -> None:
    op.create_table(
        "run_requests",
        sa.Column("idempotency_key", sa.String(), primary_key=True),
        _text("fingerprint"), sa.Column("run_id", sa.Uuid(), nullable=False), _time("created_at"),
    )  # fmt: skip
    op.create_table(
        "job_run_tokens",
        _key("run_id"), _text("token"), _time("expires_at"), sa.Column("used_epoch", sa.Integer(), nullable=False),
    )  # fmt: skip
    op.create_table("event_positions", _key("run_id"), sa.Column("seq", sa.BigInteger(), nullable=False))


def _grant() -> None:
    """A flow process of a stock worker reads its token; it writes none."""
    if op.get_bind().scalar(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": FLOW_ROLE}):
        op.execute(f"GRANT SELECT ON job_run_tokens TO {FLOW_ROLE}")


def upgrade() -> None:
    """Make the tables."""
    _identity()
    _audit()
    _credentials_and_targets()
    _jobs()
    _runs()
    _grant()


def downgrade() -> None:
    """Remove the tables."""
    for table in _TABLES:
        op.drop_table(table)
    op.execute("DROP FUNCTION audit_log_is_append_only()")
