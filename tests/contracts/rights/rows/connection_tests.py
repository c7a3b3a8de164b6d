import httpx

from portal.authz.permissions import Permission
from tests.contracts.rights.route import Need, Route, Things

_USE = (Need(Permission.CREDENTIALS_USE, "credential"),)
_SELECT = (Need(Permission.TARGETS_VIEW, "target", 422), Need(Permission.TARGETS_CONNECT, "target"), *_USE)

ROUTES = {
    "POST /api/v1/targets/{target_id}/test": Route(Permission.TARGETS_CONNECT, of="target", needs=_USE),
    "POST /api/v1/connection-tests": Route(
        Permission.TARGETS_CONNECT, picks="target", needs=_SELECT, body=lambda t: {"select": f"group:{t['group']}"}
    ),
    "GET /api/v1/connection-tests/{test_id}": Route(Permission.TARGETS_VIEW, of="connection_test"),
    "GET /api/v1/connection-tests/{test_id}/results": Route(Permission.TARGETS_VIEW, of="connection_test"),
}


async def make(admin: httpx.AsyncClient, things: Things) -> None:
    made = await admin.post(f"/api/v1/targets/{things['target']}/test")
    assert made.status_code == 202, made.text
    things["test"] = made.json()["id"]
