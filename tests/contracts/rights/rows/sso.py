from portal.authz.permissions import Permission
from tests.contracts.rights.route import Route

from .users import ABOVE

_MANAGE = Permission.USERS_MANAGE

# This portal has no provider.
ROUTES = {
    "GET /api/v1/auth/sso": Route(public=True),
    "GET /api/v1/auth/sso/start": Route(public=True, answers=(404,)),
    "GET /api/v1/auth/sso/callback": Route(public=True, query=lambda _: {"state": "x"}, answers=(404,)),
    "POST /api/v1/auth/sso/token": Route(public=True, body=lambda _: {"code": "x", "verifier": "x"}, answers=(401,)),
    "GET /api/v1/users/{user_id}/sso": Route(_MANAGE, of="user", in_person=True),
    "POST /api/v1/users/{user_id}/sso": Route(
        _MANAGE,
        of="user",
        needs=ABOVE,
        in_person=True,
        body=lambda _: {"subject": "x"},
        answers=(404,),
    ),
    "DELETE /api/v1/users/{user_id}/sso": Route(_MANAGE, of="user", needs=ABOVE, in_person=True, answers=(404,)),
}
