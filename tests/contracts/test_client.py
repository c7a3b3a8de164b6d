"""The typed client and the API's description agree."""

import ast
import inspect
import json
import re
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from opsconductor.client import AsyncClient, Client, PortalProblemError, Retry, models
from opsconductor.client.calls import Answer, AsyncResource, Resource
from tests.contracts import client_source
from tests.contracts.client_operations import BROWSER_ONLY, OPERATIONS

DOCUMENT = json.loads(client_source.DOCUMENT.read_text())
ID = "0192f0c1-0000-7000-8000-000000000001"


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    return client_source.written()


def test_what_is_written_is_what_the_description_says(written: dict[str, str]) -> None:
    """After a change that is meant: `python -m tests.contracts.client_source` writes it anew."""
    there = {name: (client_source.CLIENT / name).read_text() for name in written}
    assert [name for name in written if there[name] != written[name]] == []
    modules = {f"resources/{file.name}" for file in (client_source.CLIENT / "resources").glob("*.py")}
    assert modules == {name for name in written if name.startswith("resources/")}


def test_every_operation_has_a_method_or_a_reason() -> None:
    """A new route needs a line in `client_operations.py`: what to call it, or why no program does."""
    described = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, each in DOCUMENT["paths"].items()
        for method in each
    }
    offered = [operation for methods in OPERATIONS.values() for operation in methods.values()]
    assert sorted([*offered, *BROWSER_ONLY]) == sorted(described)
    assert all(BROWSER_ONLY.values())


def test_every_method_says_what_it_takes_and_gives(written: dict[str, str]) -> None:
    for name, text in written.items():
        for function in ast.walk(ast.parse(text)):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and function.name[0] != "_":
                said, wanted = ast.get_docstring(function) or "", arguments(function)
                assert [each for each in wanted if not re.search(rf"^    (\*\*)?{each}: \S", said, re.M)] == [], name
                assert said.splitlines()[0].split(), f"{name}: {function.name}"


def arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    found = function.args
    each = [*found.args[1:], *found.kwonlyargs, *([found.kwarg] if found.kwarg else [])]
    return [argument.arg for argument in each]


def answers() -> list[type[Answer]]:
    return [
        each
        for _, each in inspect.getmembers(models, inspect.isclass)
        if issubclass(each, Answer) and each is not Answer
    ]


@pytest.mark.parametrize("model", answers(), ids=lambda model: model.__name__)
def test_the_fields_of_answers_are_those_of_their_schemas(model: type[Answer]) -> None:
    schemas = {client_source.class_name(name): name for name in DOCUMENT["components"]["schemas"]}
    schema = DOCUMENT["components"]["schemas"][schemas[model.__name__]]
    names = {name: field.alias or name for name, field in model.model_fields.items()}
    assert set(names.values()) == set(schema["properties"])
    required = {names[name] for name, field in model.model_fields.items() if field.is_required()}
    assert required == set(schema.get("required", ()))


def operations() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    nobody = Client("http://portal.test", "token")
    for name, resource in vars(nobody).items():
        if isinstance(resource, Resource):
            found += [(name, method) for method, _ in inspect.getmembers(resource, callable) if method[0] != "_"]
    nobody.close()
    return found


@pytest.mark.parametrize(("resource", "method"), operations())
def test_every_method_calls_an_operation_of_the_api(resource: str, method: str) -> None:
    asked: list[httpx2.Request] = []

    def refuse(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(418)

    transport = httpx2.MockTransport(refuse)
    client = Client("http://portal.test", "token", retry=Retry(attempts=1), transport=transport)
    with client, pytest.raises(PortalProblemError):
        use(getattr(getattr(client, resource), method))
    template = re.sub(ID, "{}", asked[0].url.path)
    known = {re.sub(r"{\w+}", "{}", path): methods for path, methods in DOCUMENT["paths"].items()}
    assert asked[0].method.lower() in known[template]


def use(call: Callable[..., Any]) -> None:
    keys = [each for each in inspect.signature(call).parameters.values() if each.kind is each.POSITIONAL_OR_KEYWORD]
    next(call(*[ID for _ in keys]))


async def test_both_clients_offer_the_same() -> None:
    def offered(client: Client | AsyncClient, kind: type) -> dict[str, dict[str, str]]:
        resources = {name: each for name, each in vars(client).items() if isinstance(each, kind)}
        return {
            name: {
                method: str([*inspect.signature(call).parameters.values()])
                for method, call in inspect.getmembers(each, callable)
                if method[0] != "_"
            }
            for name, each in resources.items()
        }

    one, other = Client("http://portal.test", "token"), AsyncClient("http://portal.test", "token")
    assert offered(one, Resource) == offered(other, AsyncResource)
    one.close()
    await other.close()
