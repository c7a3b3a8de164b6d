from portal.authz.permissions import Permission
from tests.contracts.rights.route import Route

ROUTES = {
    "GET /api/v1/job-folders": Route(Permission.JOBS_VIEW),
    "POST /api/v1/job-folders/move": Route(
        Permission.JOBS_EDIT, everywhere=True, body=lambda t: {"path": t["folder"], "new_path": "elsewhere"}
    ),
}
