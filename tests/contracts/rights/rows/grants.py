import httpx

from portal.authz.permissions import Permission
from tests.contracts.rights.route import Need, Route, Things
from tests.integration.portal.world import add


def _viewer_in(things: Things) -> dict[str, str]:
    return {"user": "admin", "role": "viewer", "kind": "job_folder", "place": things["folder"]}


ROUTES = {
    "GET /api/v1/grants": Route(Permission.ROLES_MANAGE),
    "POST /api/v1/grants": Route(
        Permission.ROLES_MANAGE,
        needs=(Need(Permission.JOBS_VIEW, "job", 422),),  # a folder of which one sees nothing is not there
        body=_viewer_in,
    ),
    "DELETE /api/v1/grants/{grant_id}": Route(Permission.ROLES_MANAGE, of="grant"),
}


async def make(admin: httpx.AsyncClient, things: Things) -> None:
    made = await add(admin, "/grants", {**_viewer_in(things), "kind": "target_group", "place": things["group"]})
    things["grant"] = made["id"]
