"""The API's description, for programs and for the client generators."""

from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.openapi.utils import get_openapi

from portal.authz.guard import public

from .problems import Problem, refusal
from .routing import Router

_BEFORE_ANY_ROUTE = {408: "BodyTooSlow", 413: "BodyTooLarge", 429: "TooManyRequests", 503: "Away"}
router = Router(include_in_schema=False, dependencies=[Depends(public)])


@router.get("/openapi.json")
async def read_openapi(request: Request) -> dict[str, Any]:
    """The description (OpenAPI 3.1)."""
    return request.app.openapi()


def add_description(app: FastAPI) -> None:
    """Describe the app once, with the problem document that every refusal is."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
            _add_problem(schema)
            _add_refusals(schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = describe


def _add_problem(schema: dict[str, Any]) -> None:
    components = schema.setdefault("components", {})
    components.setdefault("securitySchemes", {}).update(
        bearer={"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        cookie={
            "type": "apiKey", "in": "cookie", "name": "__Host-opsconductor_access",
            "description": "For browsers, from POST /auth/browser/login; without `__Host-` where there is no https.",
        },
    )  # fmt: skip
    schema["security"] = [{"bearer": []}, {"cookie": []}]
    described = Problem.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    schemas = components.setdefault("schemas", {})
    schemas.update(described.pop("$defs", {}))
    schemas["Problem"] = described
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)


def _add_refusals(schema: dict[str, Any]) -> None:
    """What is refused before any route is asked, so that routes need not say it."""
    schema["components"]["responses"] = {name: refusal(status) for status, name in _BEFORE_ANY_ROUTE.items()}
    for path, methods in schema["paths"].items():
        for operation in methods.values() if path.startswith("/api/") else ():
            for status in (408, 413, 429, 503) if "requestBody" in operation else (429, 503):
                shared = {"$ref": f"#/components/responses/{_BEFORE_ANY_ROUTE[status]}"}
                operation["responses"].setdefault(str(status), shared)
