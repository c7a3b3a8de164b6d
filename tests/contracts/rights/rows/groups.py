from portal.authz.permissions import Permission
from tests.contracts.rights.route import Route

_KEY = {"group_id": "group_id"}

ROUTES = {
    "GET /api/v1/groups": Route(Permission.TARGETS_VIEW, lists=("group",)),
    "POST /api/v1/groups": Route(Permission.GROUPS_MANAGE, everywhere=True, body=lambda _: {"name": "another"}),
    "GET /api/v1/groups/tree": Route(Permission.TARGETS_VIEW, lists=("group",)),
    "GET /api/v1/groups/{group_id}": Route(Permission.TARGETS_VIEW, of="group", use=_KEY),
    "PATCH /api/v1/groups/{group_id}": Route(
        Permission.GROUPS_MANAGE, of="group", use=_KEY, body=lambda _: {"description": "another"}
    ),
    "DELETE /api/v1/groups/{group_id}": Route(
        Permission.GROUPS_MANAGE, of="group", use=_KEY, query=lambda _: {"force": "true"}
    ),
    "GET /api/v1/groups/{group_id}/use": Route(Permission.GROUPS_MANAGE, of="group", use=_KEY),
    "GET /api/v1/groups/{group_id}/targets": Route(Permission.TARGETS_VIEW, of="group", use=_KEY),
    "PATCH /api/v1/groups/{group_id}/members": Route(
        Permission.GROUPS_MANAGE, of="group", use=_KEY, body=lambda t: {"add": [t["target"]]}
    ),
}
