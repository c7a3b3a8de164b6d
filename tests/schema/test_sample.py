"""A small, seeded part of the campaign; `python -m tests.schema.campaign` is the whole."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
import schemathesis
from requests import Request
from schemathesis import Case

from opsconductor.cli.machine.cluster import Cluster
from tests.fixtures.portal import Prepared

from .campaign import Sender
from .ground import Ground, grounds
from .people import PEOPLE
from .verdict import Doors, Finding, findings
from .wire import Answer

pytestmark = pytest.mark.asyncio(loop_scope="module")
CASES = 120
PROBLEM = {"content-type": ["application/problem+json"]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ground(
    postgres: Cluster, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Ground]:
    async with grounds(postgres, prepared, tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.mark.parametrize(("role", "answered"), [("anonymous", 0), ("custom", 0.2), ("admin", 0.4)])
async def test_cases_are_answered_as_described(ground: Ground, role: str, answered: float):
    sender = Sender(ground, PEOPLE[role], 1)
    await sender.send_all(CASES, share=0.3)
    assert not sender.tally.found
    assert sender.tally.cases >= CASES
    assert sender.tally.of_class(2) >= answered * sender.tally.cases


def judge(ground: Ground, label: str, answer: Answer, role: str = "viewer") -> set[str]:
    schema = schemathesis.openapi.from_dict(ground.app.openapi())
    (operation,) = (found.ok() for found in schema.get_all_operations() if found.ok().label == label)
    case: Case = operation.Case()
    request = Request(operation.method.upper(), f"http://portal.test{operation.path}").prepare()
    found: list[Finding] = list(findings(PEOPLE[role], case, answer, answer.response(request), label, whole=True))
    return {finding.kind for finding in found}


async def test_what_must_not_be_is_found(ground: Ground):
    users, me = "GET /api/v1/users", "GET /api/v1/profile"
    fine = Answer(403, PROBLEM, _problem(403), None)
    assert judge(ground, users, fine) == set()
    assert judge(ground, users, replace(fine, status=200)) == {"undocumented", "surprise"}
    assert judge(ground, users, replace(fine, status=404, content=_problem(404))) == {"undocumented", "surprise"}
    assert judge(ground, users, replace(fine, content=b"{}")) == {"undocumented"}
    assert judge(ground, users, replace(fine, headers={"content-type": ["text/html"]})) == {"undocumented"}
    assert judge(ground, me, Answer(500, PROBLEM, _problem(500), None)) == {"5xx"}
    assert judge(ground, me, fine, "anonymous") == {"surprise"}
    assert judge(ground, users, replace(fine, content=_problem(403, "correct horse"))) == {"surprise"}


def _problem(status: int, detail: str = "") -> bytes:
    return (
        f'{{"type": "x", "title": "x", "status": {status}, "detail": "{detail}", "instance": "", "request_id": "",'
        ' "retryable": false, "problems": []}'
    ).encode()


async def test_a_route_is_found_by_its_path(ground: Ground):
    doors = Doors(ground.app)
    assert doors.find("GET", "/api/v1/jobs/1") == "GET /api/v1/jobs/{job_id}"
    assert doors.find("POST", "/api/v1/jobs/validate") == "POST /api/v1/jobs/validate"
    assert doors.find("GET", "/api/v1/jobs/a/b") is None


async def test_who_may_do_more_is_seen(ground: Ground):
    await ground.renew()
    powers = ground.powers()
    assert "users:manage" in powers["user-custom"]
    assert "users:manage" not in powers["user-viewer"]
