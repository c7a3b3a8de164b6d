"""What the flow's database role may do, and nothing else."""

from typing import Final

from psycopg import sql
from sqlalchemy import Connection, text

from .tables import EXECUTION_COLUMNS

FLOW_ROLE: Final = "opsconductor_run"

_READ: Final = ("published_jobs", "job_runs", "job_run_targets", "job_run_decisions")
_WRITE: Final = ("job_run_steps", "job_run_counts")
_APPEND: Final = ("job_run_outputs", "job_run_events")
_TARGET_COLUMNS: Final = ("outcome", "reason", "first_seen_key")


def flow_grants(role: str = FLOW_ROLE) -> list[str]:
    """The GRANT statements of the flow's role: a flow process may claim, write pairs and tell events."""
    name = sql.Identifier(role).as_string()
    return [
        f"GRANT USAGE ON SCHEMA public TO {name}",
        *(f"GRANT SELECT ON {table} TO {name}" for table in _READ),
        f"GRANT UPDATE ({', '.join(EXECUTION_COLUMNS)}) ON job_runs TO {name}",
        f"GRANT UPDATE ({', '.join(_TARGET_COLUMNS)}) ON job_run_targets TO {name}",
        *(f"GRANT SELECT, INSERT, UPDATE ON {table} TO {name}" for table in _WRITE),
        *(f"GRANT SELECT, INSERT ON {table} TO {name}" for table in _APPEND),
    ]


def grant_flow_role(connection: Connection, role: str = FLOW_ROLE) -> bool:
    """Let the role do the work of flow processes; False when the server has no such role."""
    found = connection.execute(text("SELECT FROM pg_roles WHERE rolname = :role"), {"role": role}).first()
    if found is None:
        return False
    for statement in flow_grants(role):
        connection.execute(text(statement))
    return True
