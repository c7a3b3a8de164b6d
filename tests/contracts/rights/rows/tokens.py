import httpx

from portal.authz.permissions import Permission
from tests.contracts.rights.route import Need, Route, Things
from tests.integration.portal.world import add

ROUTES = {
    "GET /api/v1/tokens": Route(lists=("token",)),
    "POST /api/v1/tokens": Route(
        in_person=True,
        needs=(Need(Permission.USERS_MANAGE, "anything", 422),),
        body=lambda _: {"name": "another", "scopes": ["users:manage"]},
    ),
    "GET /api/v1/tokens/{token_id}": Route(of="token"),
    "DELETE /api/v1/tokens/{token_id}": Route(of="token", in_person=True),
}


async def make(admin: httpx.AsyncClient, things: Things) -> None:
    made = await add(admin, "/tokens", {"name": f"of-{things['group']}", "scopes": ["jobs:view"]})
    things["token"] = made["id"]
