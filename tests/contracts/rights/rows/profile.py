from tests.contracts.rights.route import Route

ROUTES = {
    "GET /api/v1/profile": Route(),
    "PATCH /api/v1/profile": Route(in_person=True, body=lambda _: {"title": "Dr."}),
    "GET /api/v1/profile/preferences": Route(),
    "PUT /api/v1/profile/preferences": Route(in_person=True, body=lambda _: {}),
    "GET /api/v1/profile/notifications": Route(in_person=True),
    "PUT /api/v1/profile/notifications": Route(in_person=True, body=lambda _: {}),
}
