from portal.authz.permissions import Permission
from tests.contracts.rights.route import Route

_SECRET = {"kind": "ssh_password", "username": "ops", "password": "correct horse"}

ROUTES = {
    "GET /api/v1/credentials": Route(Permission.CREDENTIALS_VIEW, lists=("credential",)),
    "POST /api/v1/credentials": Route(
        Permission.CREDENTIALS_CREATE, everywhere=True, body=lambda _: {"name": "another", "secret": _SECRET}
    ),
    "GET /api/v1/credentials/{credential_id}": Route(Permission.CREDENTIALS_VIEW, of="credential"),
    "PATCH /api/v1/credentials/{credential_id}": Route(
        Permission.CREDENTIALS_EDIT, of="credential", body=lambda _: {"secret": _SECRET}
    ),
    "DELETE /api/v1/credentials/{credential_id}": Route(
        Permission.CREDENTIALS_DELETE, of="credential", use={"credential_id": "spare_credential"}
    ),
}
