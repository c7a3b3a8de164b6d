from portal.authz.permissions import Permission
from tests.contracts.rights.route import Route
from tests.contracts.rights.world import job_yaml

ROUTES = {
    "GET /api/v1/jobs": Route(Permission.JOBS_VIEW, lists=("job",)),
    "POST /api/v1/jobs": Route(
        Permission.JOBS_CREATE, into="job", body=lambda t: {"yaml": job_yaml("another"), "folder": t["folder"]}
    ),
    "POST /api/v1/jobs/validate": Route(Permission.JOBS_VIEW, body=lambda _: {"yaml": job_yaml("another")}),
    "GET /api/v1/jobs/{job_id}": Route(Permission.JOBS_VIEW, of="job"),
    "PATCH /api/v1/jobs/{job_id}": Route(Permission.JOBS_EDIT, of="job", body=lambda _: {"tags": ["new"]}),
    "DELETE /api/v1/jobs/{job_id}": Route(Permission.JOBS_DELETE, of="job"),
    "GET /api/v1/jobs/{job_id}/versions": Route(Permission.JOBS_VIEW, of="job"),
    "GET /api/v1/jobs/{job_id}/versions/{version}": Route(Permission.JOBS_VIEW, of="job"),
    "POST /api/v1/jobs/{job_id}/versions/{version}/restore": Route(Permission.JOBS_EDIT, of="job", body=lambda _: {}),
    "POST /api/v1/jobs/{job_id}/clone": Route(Permission.JOBS_CREATE, of="job", body=lambda _: {"name": "copy"}),
    "GET /api/v1/jobs/{job_id}/parameters/schema": Route(Permission.JOBS_VIEW, of="job"),
    "GET /api/v1/jobs/{job_id}/statistics": Route(Permission.JOBS_VIEW, of="job"),
    "GET /api/v1/jobs/{job_id}/diff": Route(
        Permission.JOBS_VIEW, of="job", query=lambda _: {"before": "1", "after": "1"}
    ),
}
