from tests.contracts.rights.route import Route

_LOGIN = Route(public=True, body=lambda _: {"username": "who", "password": "x"}, answers=(401,))

ROUTES = {
    "POST /api/v1/auth/browser/login": _LOGIN,
    "POST /api/v1/auth/browser/refresh": Route(public=True, answers=(401,)),
    "GET /api/v1/auth/sessions": Route(in_person=True),
    "DELETE /api/v1/auth/sessions": Route(in_person=True),
    # Nobody's own: what is not one's own is not there.
    "DELETE /api/v1/auth/sessions/{session_id}": Route(in_person=True, of="session", answers=(404,)),
    "POST /api/v1/auth/login": _LOGIN,
    "POST /api/v1/auth/refresh": Route(public=True, body=lambda _: {"refresh_token": "x"}, answers=(401,)),
    "POST /api/v1/auth/logout": Route(in_person=True),
    "GET /api/v1/auth/me": Route(),
    "POST /api/v1/auth/password": Route(
        in_person=True,
        body=lambda _: {"current_password": "not it", "new_password": "violet harbour 71 lantern"},
        answers=(422, 429),  # wrong on purpose; after some failures the next ones have to wait
    ),
    "POST /api/v1/auth/browser-link": Route(in_person=True),
}
