"""Every published job as an importable flow: `flows.jobs:j_<hex of the job's id>`.

The latest published version gives the flow its signature. What a run does is the version in its record.
"""

from typing import Any
from uuid import UUID

import psycopg
from prefect import Flow

from flows.plan import Plan
from flows.prefect_flow import to_flow
from flows.stock_session import database_url

_LATEST = "SELECT plan FROM published_jobs WHERE job_id = %s ORDER BY version DESC LIMIT 1"


def entrypoint(job_id: UUID) -> str:
    """The entrypoint of a job's deployment."""
    return f"flows.jobs:j_{job_id.hex}"


def __getattr__(name: str) -> Flow[..., Any]:
    prefix, _, digits = name.partition("_")
    if prefix != "j" or len(digits) != 32:
        raise AttributeError(f"flows.jobs has no {name}")
    try:
        job_id = UUID(digits)
    except ValueError:
        raise AttributeError(f"flows.jobs has no {name}") from None
    with psycopg.connect(database_url()) as connection:
        row = connection.execute(_LATEST, (job_id,)).fetchone()
    if row is None:
        raise AttributeError(f"job {job_id} was never published")
    return to_flow(Plan.model_validate(row[0]), job_id)
