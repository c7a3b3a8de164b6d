"""Our maintenance as deployments: what is deployed, with what, and when; the same as in `prefect.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

MAINTENANCE_TAG: Final = "opsconductor-maintenance"
TEST_JOB_ID: Final = UUID("00000000-0000-7000-8000-00000000c0de")
"""The built-in job of connection tests, and of health checks by login."""


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A deployment of a maintenance flow.

    Attributes:
        name: Of the deployment.
        flow: Name of its flow in Prefect.
        entrypoint: Of the flow; the worker knows its own flows by it.
        description: What people read about it.
        cron: When it runs, in UTC; or else
        interval_seconds: how often.
        parameters: Of the flow.
    """

    name: str
    flow: str
    entrypoint: str
    description: str
    cron: str | None = None
    interval_seconds: int | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def full_name(self) -> str:
        """What Prefect calls it: `flow/deployment`."""
        return f"{self.flow}/{self.name}"


MAINTENANCE: Final = (
    Maintenance(
        name="daily",
        flow="opsconductor retention",
        entrypoint="flows/maintenance.py:retention",
        description=(
            "Deletes output, events and runs of the past, and Prefect's flow runs; runs that go on, and pinned ones, "
            "keep everything."
        ),
        cron="17 3 * * *",
        parameters={
            "output_days": 30,
            "output_runs_per_job": None,
            "output_megabytes": None,
            "event_days": 90,
            "event_runs_per_job": None,
            "run_days": None,
            "runs_per_job": None,
            "flow_run_days": 30,
            "check_flow_run_days": 1,
        },
    ),
    Maintenance(
        name="every-ten-minutes",
        flow="opsconductor health",
        entrypoint="flows/maintenance.py:health",
        description="Fails when runs wait or stand still.",
        interval_seconds=600,
    ),
    Maintenance(
        name="every-minute",
        flow="opsconductor target health",
        entrypoint="flows/target_health.py:watch_targets",
        description="Looks at the targets whose health check is due; without such checks it does nothing.",
        interval_seconds=60,
        parameters={"tcp_timeout_seconds": 5, "login_patience_seconds": 900, "history_days": 90},
    ),
)
