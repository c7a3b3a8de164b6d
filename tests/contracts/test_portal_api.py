"""What every route of the portal declares, and the API's description."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import ValidationError

from portal.app import create_app
from portal.authz.guard import UnguardedRouteError, guards, public, refuse_unguarded_routes, require, route_table
from portal.authz.permissions import Permission
from portal.kit.routing import GuardedRoute
from portal.kit.text import RequestModel
from portal.settings import Settings
from tests.contracts import client_source
from tests.doubles.gateway import RememberingGateway

SNAPSHOT = Path(__file__).parent / "openapi.json"
OPEN = {
    "/docs",
    "/api/v1/auth/browser/login",
    "/api/v1/auth/browser/refresh",
    "/api/v1/auth/login",
    "/api/v1/auth/login/enrol",
    "/api/v1/auth/login/code",
    "/api/v1/auth/browser/login/code",
    "/api/v1/auth/refresh",
    "/api/v1/auth/sso",
    "/api/v1/auth/sso/start",
    "/api/v1/auth/sso/callback",
    "/api/v1/auth/sso/token",
    "/api/v1/openapi.json",
    "/internal/runs/{run_id}/credentials",
    "/health",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/prefect-login",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    home = tmp_path_factory.mktemp("home")
    settings = Settings(home=home, database_url="postgresql://nobody@127.0.0.1:9/none")
    return create_app(settings, lambda _: RememberingGateway())


def _bodies(model: type[RequestModel] = RequestModel) -> Iterator[type[RequestModel]]:
    for below in model.__subclasses__():
        yield below
        yield from _bodies(below)


def _types(schema: dict[str, Any]) -> set[str]:
    return {str(one.get("type")) for one in schema.get("anyOf", [schema])} - {"null"}


def _takes(body: type[RequestModel], name: str, value: object) -> bool:
    try:
        body.model_validate({name: value})
    except ValidationError as error:
        return all(found["loc"][:1] != (name,) for found in error.errors())
    return True


def test_numbers_and_booleans_in_bodies_are_json_numbers_and_booleans(app: FastAPI):
    """What else pydantic would take for them; 100 is within the bounds of every integer."""
    others = {"integer": ("100", 100.0, True), "number": ("100", True), "boolean": ("true", 1, 1.0)}
    seen, loose = set[str](), list[str]()
    for body in set(_bodies()):
        properties = body.model_json_schema()["properties"]
        for name in properties:
            types = _types(properties[name])
            if types and types <= set(others):
                seen |= types
                wrong = [value for kind in types for value in others[kind] if _takes(body, name, value)]
                loose += [f"{body.__name__}.{name} takes {value!r}" for value in wrong]
    assert loose == []
    assert seen >= {"integer", "boolean"}


def test_every_route_names_its_permission(app: FastAPI):
    known = {str(permission) for permission in Permission} | {"signed in"}
    for method, path, guard in route_table(app):
        if path in OPEN:
            assert guard in ("public", "guarded_inside"), path
        else:
            assert guard in known, f"{method} {path}: {guard or 'no guard'}"


def test_the_guard_is_asked_first(app: FastAPI):
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        if dependant is not None:
            assert any(guards(dependant.dependencies[0])), f"{route.path}: something else may refuse before its guard"
            early = bool(route.methods) and not isinstance(route.original_route, GuardedRoute)
            assert not early, f"{route.path}: its body is read before its guard"


def test_an_undeclared_route_stops_the_start(app: FastAPI):
    forgetful = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @forgetful.get("/open", dependencies=[Depends(public)])
    async def declared() -> None: ...

    @forgetful.get("/guarded")
    async def guarded(actor: Annotated[object, Depends(require(Permission.JOBS_VIEW))]) -> None: ...

    refuse_unguarded_routes(forgetful)

    @forgetful.post("/forgotten")
    async def forgotten() -> None: ...

    with pytest.raises(UnguardedRouteError, match="POST /forgotten"):
        refuse_unguarded_routes(forgetful)


def test_the_description_is_the_one_that_was_agreed(app: FastAPI):
    """After a change that is meant: `python -m tests.contracts.test_portal_api` writes it anew."""
    assert app.openapi() == json.loads(SNAPSHOT.read_text())


def test_every_refusal_is_described_as_a_problem(app: FastAPI):
    described = app.openapi()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            for status, stated in operation["responses"].items():
                shared = stated.get("$ref", "").rpartition("/")[2]
                answer = described["components"]["responses"][shared] if shared else stated
                if path.startswith("/api/") and int(status) >= 400:
                    assert list(answer["content"]) == ["application/problem+json"], f"{method} {path} {status}"
    assert "HTTPValidationError" not in json.dumps(described)


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), database_url="postgresql://nobody@127.0.0.1:9/none")
        described = create_app(settings, lambda _: RememberingGateway()).openapi()
    SNAPSHOT.write_text(json.dumps(described, indent=1, sort_keys=True) + "\n")
    client_source.write()
