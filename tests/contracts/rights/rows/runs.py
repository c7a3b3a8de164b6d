from portal.authz.permissions import Permission
from tests.contracts.rights.route import Need, Route

_CONNECT = (Need(Permission.TARGETS_CONNECT, "target"), Need(Permission.CREDENTIALS_USE, "credential"))
_SELECT = (Need(Permission.TARGETS_VIEW, "target", 422), *_CONNECT)

ROUTES = {
    "GET /api/v1/runs": Route(Permission.JOBS_VIEW, lists=("run",)),
    "POST /api/v1/runs": Route(Permission.JOBS_RUN, of="job", needs=_SELECT, body=lambda t: {"job_id": t["job"]}),
    "POST /api/v1/runs/preview": Route(Permission.JOBS_RUN, of="job", body=lambda t: {"job_id": t["job"]}),
    "PUT /api/v1/runs/{run_id}/pin": Route(Permission.JOBS_RUN, of="run"),
    "DELETE /api/v1/runs/{run_id}/pin": Route(Permission.JOBS_RUN, of="run"),
    "GET /api/v1/runs/{run_id}": Route(Permission.JOBS_VIEW, of="run"),
    "GET /api/v1/runs/{run_id}/targets": Route(Permission.JOBS_VIEW, of="run"),
    "GET /api/v1/runs/{run_id}/targets/{target_ord}/steps": Route(Permission.JOBS_VIEW, of="run"),
    "GET /api/v1/runs/{run_id}/targets/{target_ord}/steps/{step_ord}/attempts/{attempt}/output": Route(
        Permission.JOBS_VIEW, of="run"
    ),
    "GET /api/v1/runs/{run_id}/output": Route(Permission.JOBS_VIEW, of="run"),
    "GET /api/v1/runs/{run_id}/output/search": Route(Permission.JOBS_VIEW, of="run", query=lambda _: {"q": "up"}),
    "GET /api/v1/runs/{run_id}/steps/{step_id}/groups": Route(Permission.JOBS_VIEW, of="run"),
    "GET /api/v1/runs/{run_id}/timeline": Route(Permission.JOBS_VIEW, of="run"),
    "GET /api/v1/runs/{run_id}/compare/{other_id}": Route(
        Permission.JOBS_VIEW, of="run", use={"other_id": "queued_run"}
    ),
    "GET /api/v1/runs/{run_id}/matrix": Route(Permission.JOBS_VIEW, of="run"),
    "GET /api/v1/runs/{run_id}/events": Route(Permission.JOBS_VIEW, of="run"),
    "WEBSOCKET /api/v1/runs/{run_id}/events": Route(Permission.JOBS_VIEW, of="run"),
    "WEBSOCKET /api/v1/runs/{run_id}/live": Route(Permission.JOBS_VIEW, of="run"),
    "POST /api/v1/runs/{run_id}/decisions/many": Route(
        Permission.APPROVALS_DECIDE, of="run", body=lambda _: {"step": "probe", "decision": "ran"}
    ),
    "POST /api/v1/runs/{run_id}/rerun/preview": Route(
        Permission.JOBS_RUN, of="run", needs=_CONNECT, body=lambda _: {"targets": "all"}
    ),
    "POST /api/v1/runs/{run_id}/cancel": Route(Permission.JOBS_CANCEL, of="run", use={"run_id": "queued_run"}),
    "POST /api/v1/runs/{run_id}/rerun": Route(
        Permission.JOBS_RUN, of="run", needs=_CONNECT, body=lambda _: {"targets": "all"}
    ),
    "POST /api/v1/runs/{run_id}/resume": Route(Permission.JOBS_RUN, of="run", needs=_CONNECT),
    "POST /api/v1/runs/{run_id}/decisions": Route(
        Permission.APPROVALS_DECIDE,
        of="run",
        body=lambda t: {"target": t["target_name"], "step": "probe", "decision": "ran"},
    ),
}
