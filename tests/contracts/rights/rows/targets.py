from portal.authz.permissions import Permission
from tests.contracts.rights.route import Route

_NEW = {"name": "another", "address": "another.test"}

ROUTES = {
    "GET /api/v1/targets": Route(Permission.TARGETS_VIEW, lists=("target",)),
    "POST /api/v1/targets": Route(
        Permission.TARGETS_CREATE, into="target", body=lambda t: {**_NEW, "groups": [t["group"]]}
    ),
    "POST /api/v1/targets/import": Route(
        Permission.TARGETS_CREATE, into="target", body=lambda t: {"targets": [{**_NEW, "groups": [t["group"]]}]}
    ),
    "POST /api/v1/targets/preview": Route(
        Permission.TARGETS_VIEW, lists=("target",), body=lambda _: {"select": "group:own or group:others"}
    ),
    "GET /api/v1/targets/{target_id}": Route(Permission.TARGETS_VIEW, of="target"),
    "PATCH /api/v1/targets/{target_id}": Route(Permission.TARGETS_EDIT, of="target", body=lambda _: {"port": 2222}),
    "POST /api/v1/targets/{target_id}/accept-host-key": Route(Permission.TARGETS_EDIT, of="target", body=lambda _: {}),
    "DELETE /api/v1/targets/{target_id}": Route(Permission.TARGETS_DELETE, of="target"),
}
