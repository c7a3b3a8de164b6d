"""The API's description, for programs and for the client generators."""

from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.openapi.utils import get_openapi

from portal.authz.guard import public

from .problems import Problem

router = APIRouter(include_in_schema=False, dependencies=[Depends(public)])


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
