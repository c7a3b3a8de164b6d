"""The record of runs.

Revision ID: 0001
Revises:
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from flows.ledger.grants import grant_flow_role

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of the record and let the flow's role write its part of them."""
    _runs()
    _pairs()
    _storage()
    grant_flow_role(op.get_bind())


def downgrade() -> None:
    """Drop the record."""
    for table in (
        "job_run_decisions",
        "job_run_events",
        "job_run_counts",
        "job_run_outputs",
        "job_run_steps",
        "job_run_targets",
        "job_runs",
        "published_jobs",
    ):
        op.drop_table(table)


def _text(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=nullable)


def _time(name: str) -> "sa.Column[Any]":
    return sa.Column(name, sa.DateTime(timezone=True))


def _now(name: str) -> "sa.Column[Any]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()"))


def _json(name: str, *, nullable: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, JSONB(), nullable=nullable)


def _runs() -> None:
    op.create_table(
        "published_jobs",
        sa.Column("job_id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        _text("name"),
        _json("plan"),
        _now("published_at"),
    )
    op.create_table(
        "job_runs",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("job_version", sa.Integer(), nullable=False),
        _text("job_name"),
        _json("parameters"),
        _json("credentials"),
        _json("secret_parameters"),
        sa.Column("check_only", sa.Boolean(), nullable=False),
        _text("trigger"),
        _text("requested_by"),
        _text("correlation_id"),
        _text("idempotency_key", nullable=True),
        sa.Column("rerun_of", sa.Uuid()),
        sa.Column("resume_of_epoch", sa.Integer()),
        sa.Column("target_count", sa.Integer(), nullable=False),
        _now("created_at"),
        _text("status"),
        _text("outcome", nullable=True),
        _text("summary"),
        sa.Column("epoch", sa.Integer(), nullable=False),
        _text("owner", nullable=True),
        _time("lease_until"),
        sa.Column("prefect_flow_run_id", sa.Uuid()),
        sa.Column("event_seq", sa.BigInteger(), nullable=False, server_default="0"),
        _time("started_at"),
        _time("finished_at"),
        _time("cancel_requested_at"),
        _text("cancel_requested_by", nullable=True),
        sa.UniqueConstraint("idempotency_key"),
    )
    op.create_index("ix_job_runs_job_id", "job_runs", ["job_id"])
    op.create_index("ix_job_runs_open", "job_runs", ["id"], postgresql_where=sa.text("status <> 'ended'"))
    op.create_table(
        "job_run_targets",
        sa.Column("run_id", sa.Uuid(), primary_key=True),
        sa.Column("ord", sa.Integer(), primary_key=True),
        _text("target_id"),
        _text("name"),
        _text("address"),
        sa.Column("port", sa.Integer(), nullable=False),
        _text("platform"),
        _json("variables"),
        _json("tags"),
        _json("host_keys"),
        _text("encoding"),
        _text("credential", nullable=True),
        sa.Column("outcome", sa.SmallInteger()),
        _text("reason"),
        _text("first_seen_key", nullable=True),
    )


def _attempt() -> tuple["sa.Column[Any]", ...]:
    return (
        sa.Column("run_id", sa.Uuid(), primary_key=True),
        sa.Column("target_ord", sa.Integer(), primary_key=True),
        sa.Column("step_ord", sa.SmallInteger(), primary_key=True),
        sa.Column("attempt", sa.SmallInteger(), primary_key=True),
    )


def _pairs() -> None:
    op.create_table(
        "job_run_steps",
        *_attempt(),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("outcome", sa.SmallInteger()),
        sa.Column("exit_code", sa.Integer()),
        sa.Column("epoch", sa.Integer(), nullable=False),
        _time("sent_at"),
        _time("done_at"),
        _text("summary"),
        _json("outputs", nullable=True),
    )
    op.create_table(
        "job_run_outputs",
        *_attempt(),
        sa.Column("stdout_bytes", sa.BigInteger(), nullable=False),
        sa.Column("stderr_bytes", sa.BigInteger(), nullable=False),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.Column("stdout", sa.LargeBinary(), nullable=False),
        sa.Column("stderr", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "job_run_counts",
        sa.Column("run_id", sa.Uuid(), primary_key=True),
        sa.Column("step_ord", sa.SmallInteger(), primary_key=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("sent", "ok", "changed", "skipped", "bad")),
    )
    op.create_table(
        "job_run_events",
        sa.Column("run_id", sa.Uuid(), primary_key=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True),
        _now("at"),
        _text("kind"),
        _json("data"),
    )
    op.create_table(
        "job_run_decisions",
        *_attempt(),
        _text("decision"),
        _text("decided_by"),
        _text("reason"),
        _now("decided_at"),
    )


def _storage() -> None:
    """Room on the page for updates that touch no index (HOT), and no second compression of output."""
    op.execute(
        "ALTER TABLE job_run_steps SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, "
        "autovacuum_analyze_scale_factor = 0.05)"
    )
    op.execute("ALTER TABLE job_runs SET (fillfactor = 50)")
    op.execute("ALTER TABLE job_run_targets SET (fillfactor = 70)")
    op.execute("ALTER TABLE job_run_counts SET (fillfactor = 20)")
    op.execute("ALTER TABLE job_run_outputs ALTER stdout SET STORAGE EXTERNAL, ALTER stderr SET STORAGE EXTERNAL")
