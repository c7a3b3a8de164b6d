"""The typed client and the API's description agree."""

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

DOCUMENT = json.loads(client_source.DOCUMENT.read_text())
ID = "0192f0c1-0000-7000-8000-000000000001"


@pytest.mark.parametrize("name", ["models.py", "bodies.py", "resources.py"])
def test_what_is_written_is_what_the_description_says(name: str) -> None:
    """After a change that is meant: `python -m tests.contracts.client_source` writes it anew."""
    assert (client_source.CLIENT / name).read_text() == client_source.written()[name]


def answers() -> list[type[Answer]]:
    return [
        each
        for _, each in inspect.getmembers(models, inspect.isclass)
        if issubclass(each, Answer) and each is not Answer
    ]


@pytest.mark.parametrize("model", answers(), ids=lambda model: model.__name__)
def test_the_fields_of_answers_are_those_of_their_schemas(model: type[Answer]) -> None:
    names = {client_source.class_name(name): name for name in DOCUMENT["components"]["schemas"]}
    schema = DOCUMENT["components"]["schemas"][names[model.__name__]]
    assert set(model.model_fields) == set(schema["properties"])
    required = {name for name, field in model.model_fields.items() if field.is_required()}
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
