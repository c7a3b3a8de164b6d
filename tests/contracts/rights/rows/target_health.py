import httpx

from portal.authz.permissions import Permission
from tests.contracts.rights.route import Need, Route, Things

_KEY = {"group_id": "group_id"}
_TARGET = (Need(Permission.TARGETS_CONNECT, "target"),)
_GROUP = (Need(Permission.TARGETS_CONNECT, "group"),)
_CHECK = {"mode": "tcp"}

ROUTES = {
    "GET /api/v1/target-health": Route(Permission.TARGETS_VIEW),
    "GET /api/v1/targets/{target_id}/health": Route(Permission.TARGETS_VIEW, of="target"),
    "GET /api/v1/targets/{target_id}/health/history": Route(Permission.TARGETS_VIEW, of="target"),
    "PUT /api/v1/targets/{target_id}/health/check": Route(
        Permission.TARGETS_EDIT, of="target", needs=_TARGET, body=lambda _: _CHECK
    ),
    "DELETE /api/v1/targets/{target_id}/health/check": Route(Permission.TARGETS_EDIT, of="target", needs=_TARGET),
    "GET /api/v1/groups/{group_id}/health/check": Route(Permission.TARGETS_VIEW, of="group", use=_KEY),
    "PUT /api/v1/groups/{group_id}/health/check": Route(
        Permission.GROUPS_MANAGE, of="group", use=_KEY, needs=_GROUP, body=lambda _: _CHECK
    ),
    "DELETE /api/v1/groups/{group_id}/health/check": Route(
        Permission.GROUPS_MANAGE, of="group", use=_KEY, needs=_GROUP
    ),
}


async def make(admin: httpx.AsyncClient, things: Things) -> None:
    for path in (f"targets/{things['target']}", f"groups/{things['group_id']}"):
        made = await admin.put(f"/api/v1/{path}/health/check", json=_CHECK)
        assert made.status_code == 200, made.text
