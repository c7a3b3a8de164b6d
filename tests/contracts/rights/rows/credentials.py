from portal.authz.permissions import Permission
from tests.contracts.rights.route import Need, Route

_SECRET = {"kind": "ssh_password", "username": "ops", "password": "correct horse"}
_EDIT = (Need(Permission.TARGETS_VIEW, "target", 404), Need(Permission.TARGETS_EDIT, "target"))
_CONNECT = (Need(Permission.TARGETS_VIEW, "target", 404), Need(Permission.TARGETS_CONNECT, "target"))

ROUTES = {
    "GET /api/v1/credentials": Route(Permission.CREDENTIALS_VIEW, lists=("credential",)),
    "POST /api/v1/credentials": Route(
        Permission.CREDENTIALS_CREATE, everywhere=True, body=lambda _: {"name": "another", "secret": _SECRET}
    ),
    "GET /api/v1/credentials/{credential_id}": Route(Permission.CREDENTIALS_VIEW, of="credential"),
    "PATCH /api/v1/credentials/{credential_id}": Route(
        Permission.CREDENTIALS_EDIT, of="credential", body=lambda _: {"description": "looked at"}
    ),
    "POST /api/v1/credentials/{credential_id}/rotate": Route(
        Permission.CREDENTIALS_EDIT, of="credential", body=lambda _: {"secret": _SECRET}
    ),
    "POST /api/v1/credentials/{credential_id}/reveal": Route(
        Permission.CREDENTIALS_REVEAL, of="credential", in_person=True, body=lambda _: {"reason": "a good one"}
    ),
    "GET /api/v1/credentials/{credential_id}/accesses": Route(Permission.CREDENTIALS_EDIT, of="credential"),
    "GET /api/v1/credentials/{credential_id}/uses": Route(Permission.CREDENTIALS_VIEW, of="credential"),
    "GET /api/v1/credentials/export": Route(Permission.CREDENTIALS_VIEW),
    "PUT /api/v1/credentials/{credential_id}/bindings/{place}/{place_id}": Route(
        Permission.CREDENTIALS_USE, of="credential", needs=_EDIT, use={"place_id": "target"}
    ),
    "DELETE /api/v1/credentials/{credential_id}/bindings/{place}/{place_id}": Route(
        Permission.CREDENTIALS_USE, of="credential", needs=_EDIT, use={"place_id": "target"}, answers=(204, 409)
    ),
    "POST /api/v1/credentials/{credential_id}/test": Route(
        Permission.CREDENTIALS_USE, of="credential", needs=_CONNECT, body=lambda t: {"target_id": t["target"]}
    ),
    "GET /api/v1/targets/{target_id}/credential": Route(Permission.TARGETS_VIEW, of="target"),
    "DELETE /api/v1/credentials/{credential_id}": Route(
        Permission.CREDENTIALS_DELETE, of="credential", use={"credential_id": "spare_credential"}
    ),
}
