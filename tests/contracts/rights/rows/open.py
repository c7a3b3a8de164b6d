"""Routes for everybody, and those that check a credential of their own kind."""

from tests.contracts.rights.route import Route

ROUTES = {
    "GET /api/v1/openapi.json": Route(public=True),
    "GET /docs": Route(public=True),
    "GET /health": Route(public=True, answers=(200, 503)),
    "GET /health/live": Route(public=True),
    "GET /health/ready": Route(public=True),
    "GET /metrics": Route(public=True),
    "GET /prefect-login": Route(public=True, query=lambda _: {"token": "none"}, answers=(401,)),
    "GET /internal/runs/{run_id}/credentials": Route(public=True, query=lambda _: {"epoch": "1"}, answers=(401, 404)),
}
