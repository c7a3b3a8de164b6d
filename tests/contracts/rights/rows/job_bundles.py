from portal.authz.permissions import Permission
from tests.contracts.rights.route import Route, Things
from tests.contracts.rights.world import job_yaml


def _bundle(things: Things) -> dict[str, object]:
    job = {"folder": things["folder"], "yaml": job_yaml("imported")}
    return {"bundle": {"format": "opsconductor-bundle/v1", "jobs": [job]}}


ROUTES = {
    "POST /api/v1/job-bundles/export": Route(Permission.JOBS_VIEW, of="job", body=lambda t: {"jobs": [t["job"]]}),
    "POST /api/v1/job-bundles/import": Route(Permission.JOBS_CREATE, into="job", body=_bundle),
}
