from portal.authz.permissions import Permission
from tests.contracts.rights.route import Route, Things

from .users import ABOVE

_CODE = Route(public=True, body=lambda _: {"challenge": "x", "code": "123456"}, answers=(401,))


def _password(_: Things) -> dict[str, str]:
    return {"password": "not it"}


# Wrong on purpose; after some failures from one address the next ones have to wait.
_PROOF = Route(in_person=True, body=_password, answers=(422, 429))

ROUTES = {
    "POST /api/v1/auth/login/enrol": Route(public=True, body=lambda _: {"challenge": "x"}, answers=(401,)),
    "POST /api/v1/auth/login/code": _CODE,
    "POST /api/v1/auth/browser/login/code": _CODE,
    "GET /api/v1/auth/second-factor": Route(in_person=True),
    "POST /api/v1/auth/second-factor": _PROOF,
    "POST /api/v1/auth/second-factor/confirm": Route(in_person=True, body=lambda _: {"code": "1"}, answers=(409,)),
    "POST /api/v1/auth/second-factor/recovery-codes": _PROOF,
    "POST /api/v1/auth/second-factor/disable": _PROOF,
    # They have none.
    "DELETE /api/v1/users/{user_id}/second-factor": Route(
        Permission.USERS_MANAGE, of="user", needs=ABOVE, in_person=True, answers=(409,)
    ),
}
