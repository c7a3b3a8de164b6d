from portal.authz.permissions import Permission
from tests.contracts.rights.route import Need, Route

_NEW = {"name": "another", "address": "another.test"}

_INTO_GROUP = (Need(Permission.TARGETS_VIEW, "group", 422), Need(Permission.GROUPS_MANAGE, "group"))

ROUTES = {
    "GET /api/v1/targets": Route(Permission.TARGETS_VIEW, lists=("target",)),
    "POST /api/v1/targets": Route(
        Permission.TARGETS_CREATE,
        into="target",
        needs=_INTO_GROUP,
        body=lambda t: {**_NEW, "groups": [t["group"]]},
    ),
    # Each target has its own result: what may not be changed is refused one by one.
    "PATCH /api/v1/targets": Route(
        Permission.TARGETS_EDIT, body=lambda t: {"targets": [t["target"]], "changes": {"port": 2222}}
    ),
    "POST /api/v1/targets/delete": Route(Permission.TARGETS_DELETE, body=lambda t: {"targets": [t["target"]]}),
    "POST /api/v1/targets/preview": Route(
        Permission.TARGETS_VIEW, lists=("target",), body=lambda _: {"select": "group:own or group:others"}
    ),
    "GET /api/v1/targets/{target_id}": Route(Permission.TARGETS_VIEW, of="target"),
    "GET /api/v1/targets/{target_id}/runs": Route(Permission.JOBS_VIEW, of="target", anywhere=True),
    "PATCH /api/v1/targets/{target_id}": Route(Permission.TARGETS_EDIT, of="target", body=lambda _: {"port": 2222}),
    "POST /api/v1/targets/{target_id}/accept-host-key": Route(Permission.TARGETS_EDIT, of="target", body=lambda _: {}),
    "DELETE /api/v1/targets/{target_id}": Route(Permission.TARGETS_DELETE, of="target"),
}
