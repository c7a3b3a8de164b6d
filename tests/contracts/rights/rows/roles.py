import httpx

from portal.authz.permissions import Permission
from tests.contracts.rights.route import Need, Route, Things
from tests.integration.portal.world import add

_GIVES = (Need(Permission.JOBS_VIEW, "anything"),)

ROUTES = {
    "GET /api/v1/permissions": Route(),
    "GET /api/v1/roles": Route(),
    "POST /api/v1/roles": Route(
        Permission.ROLES_MANAGE, needs=_GIVES, body=lambda _: {"name": "another", "permissions": ["jobs:view"]}
    ),
    "GET /api/v1/roles/{role_id}": Route(of="role"),
    "PATCH /api/v1/roles/{role_id}": Route(
        Permission.ROLES_MANAGE, of="role", needs=_GIVES, body=lambda _: {"permissions": ["jobs:view"]}
    ),
    "DELETE /api/v1/roles/{role_id}": Route(Permission.ROLES_MANAGE, of="role"),
}


async def make(admin: httpx.AsyncClient, things: Things) -> None:
    made = await add(admin, "/roles", {"name": f"role-of-{things['group']}", "permissions": []})
    things["role"] = made["id"]
