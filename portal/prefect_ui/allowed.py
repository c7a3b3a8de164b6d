"""Which of Prefect's pages and calls may pass: an allow-list of method and path.

Prefect's reads are mostly POST. Block documents, variables, saved inputs of flow runs and every write are
never among them; so is what a new version of Prefect adds, until it is named here.
"""

import re
from typing import Final

_ID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NAME: Final = r"[^/]{1,200}"
_LISTED: Final = "flows|flow_runs|task_runs|deployments|artifacts|artifacts/latest|work_pools|work_queues"

_GET: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:health|ready|version|admin/settings|admin/version)",
        rf"(?:flows|flow_runs|task_runs|deployments|artifacts|work_queues|automations|concurrency_limits)/{_ID}",
        rf"(?:flow_run_states|task_run_states)/(?:{_ID})?",
        rf"flow_runs/{_ID}/(?:graph|graph-v2|logs/download)",
        rf"flows/name/{_NAME}",
        rf"deployments/name/{_NAME}/{_NAME}",
        rf"deployments/{_ID}/(?:schedules|work_queue_check)",
        rf"artifacts/{_NAME}/latest",
        rf"work_pools/{_NAME}(?:/queues/{_NAME})?",
        rf"work_queues/(?:name/{_NAME}|{_ID}/status)",
        rf"automations/related-to/{_NAME}",
        rf"ui/task_runs/{_ID}",
        rf"v2/concurrency_limits/{_NAME}",
        r"events/filter/next",
        r"collections/views/[a-z-]+",
    )
)
_POST: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:{_LISTED})/(?:filter|count)",
        r"(?:flows|flow_runs|task_runs|deployments)/paginate",
        r"(?:flow_runs|task_runs)/history",
        r"flow_runs/lateness",
        r"(?:logs|events|automations|task_workers|concurrency_limits|v2/concurrency_limits|saved_searches)/filter",
        r"automations/count",
        r"events/count-by/[a-z]+",
        rf"work_pools/{_NAME}/(?:queues|workers)/filter",
        rf"(?:work_pools/{_NAME}|work_queues/{_ID})/concurrency_status",
        r"ui/flow_runs/(?:history|count-task-runs)",
        r"ui/flows/(?:count-deployments|next-runs)",
        r"ui/task_runs/(?:count|dashboard/counts)",
    )
)
_READS: Final = {"GET": _GET, "HEAD": _GET, "POST": _POST}


def api_call_allowed(method: str, path: str) -> bool:
    """Whether a call of Prefect's API may pass; `path` is what follows `/api/`."""
    trimmed = path.removesuffix("/") if method == "POST" else path
    return any(pattern.fullmatch(trimmed) for pattern in _READS.get(method, ()))


def page_allowed(method: str, path: str) -> bool:
    """Whether a page or file of Prefect's UI may pass."""
    segments = path.split("/")
    return method in ("GET", "HEAD") and ".." not in segments and "\\" not in path and path.isprintable()
