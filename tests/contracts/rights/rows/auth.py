from tests.contracts.rights.route import Route

ROUTES = {
    "POST /api/v1/auth/login": Route(public=True, body=lambda _: {"username": "who", "password": "x"}, answers=(401,)),
    "POST /api/v1/auth/refresh": Route(public=True, body=lambda _: {"refresh_token": "x"}, answers=(401,)),
    "POST /api/v1/auth/logout": Route(in_person=True),
    "GET /api/v1/auth/me": Route(),
    "POST /api/v1/auth/password": Route(
        in_person=True, body=lambda _: {"current_password": "x", "new_password": "short"}, answers=(422,)
    ),
    "POST /api/v1/auth/browser-link": Route(in_person=True),
}
