import httpx

from portal.authz.permissions import Permission
from tests.contracts.rights.route import Need, Route, Things
from tests.integration.portal.world import add

# Who changes a user must have what that user has: these are viewers.
ABOVE = tuple(Need(Permission(name), "anything") for name in ("jobs:view", "targets:view", "credentials:view"))
_MANAGE = Permission.USERS_MANAGE

ROUTES = {
    "GET /api/v1/users": Route(_MANAGE),
    "POST /api/v1/users": Route(_MANAGE, needs=ABOVE, body=lambda _: {"username": "another", "role": "viewer"}),
    "GET /api/v1/users/{user_id}": Route(_MANAGE, of="user"),
    "PATCH /api/v1/users/{user_id}": Route(_MANAGE, of="user", needs=ABOVE, body=lambda _: {"title": "Dr."}),
    "DELETE /api/v1/users/{user_id}": Route(_MANAGE, of="user", needs=ABOVE),
    "POST /api/v1/users/{user_id}/reset-password": Route(
        _MANAGE, of="user", needs=ABOVE, in_person=True, body=lambda _: {}
    ),
    "GET /api/v1/users/{user_id}/sessions": Route(_MANAGE, of="user"),
    "DELETE /api/v1/users/{user_id}/sessions": Route(_MANAGE, of="user", needs=ABOVE),
    # They have no sign-in to end.
    "DELETE /api/v1/users/{user_id}/sessions/{session_id}": Route(_MANAGE, of="user", needs=ABOVE, answers=(404,)),
}


async def make(admin: httpx.AsyncClient, things: Things) -> None:
    made = await add(admin, "/users", {"username": f"of-{things['group']}", "role": "viewer"})
    things["user"] = made["id"]
