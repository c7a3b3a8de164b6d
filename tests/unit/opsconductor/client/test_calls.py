"""Calls are repeated where that does no harm, by both clients alike; refusals say everything that the portal said."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx2
import pytest

from opsconductor.client import AsyncClient, Client, PortalAwayError, PortalProblemError, Retry
from opsconductor.client.problems import InvalidRequestError, MissingError, NotSignedInError, PartAwayError, RateError
from opsconductor.errors import InvalidInputError, NotFoundError, OpsError, TooManyRequestsError

ROLE = {
    "id": "0192f0c1-0000-7000-8000-000000000001", "name": "look", "description": "", "permissions": [],
    "built_in": False, "users": 0, "grants": 0,
    "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
}  # fmt: skip
QUICK = Retry(attempts=4, first_seconds=0.001, longest_seconds=0.5)
Answer = httpx2.Response | Exception


class Portal:
    """Gives prepared answers, and remembers what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)


def sync(portal: Portal, use: Callable[[Any], Any]) -> Any:
    with Client("http://portal.test", "token", retry=QUICK, transport=httpx2.MockTransport(portal)) as client:
        return use(client)


def asynchronous(portal: Portal, use: Callable[[Any], Any]) -> Any:
    async def work() -> Any:
        transport = httpx2.MockTransport(portal)
        async with AsyncClient("http://portal.test", "token", retry=QUICK, transport=transport) as client:
            return await use(client)

    return asyncio.run(work())


@pytest.fixture(params=[sync, asynchronous])
def run(request: pytest.FixtureRequest) -> Callable[[Portal, Callable[[Any], Any]], Any]:
    return request.param


def refused(status: int, **headers: str) -> httpx2.Response:
    body = {
        "type": "urn:opsconductor:problem:busy", "title": "Busy", "status": status, "detail": "not now",
        "instance": "/api/v1/roles", "request_id": "r-1", "retryable": True, "problems": [],
    }  # fmt: skip
    return httpx2.Response(status, json=body, headers=headers)


@pytest.mark.parametrize(
    "trouble",
    [httpx2.ConnectError("gone"), httpx2.ReadTimeout("slow"), refused(503), refused(429, **{"retry-after": "0"})],
)
def test_what_only_looks_is_asked_again(run: Callable[..., Any], trouble: Answer) -> None:
    portal = Portal(trouble, trouble, httpx2.Response(200, json=ROLE))
    assert run(portal, lambda client: client.roles.get("one")).name == "look"
    assert len(portal.asked) == 3
    assert {request.headers["authorization"] for request in portal.asked} == {"Bearer token"}


@pytest.mark.parametrize(
    "change",
    [
        lambda client: client.roles.create(name="look", permissions=[]),
        lambda client: client.roles.update("one", description="new"),
        lambda client: client.runs.cancel("one"),
    ],
)
def test_what_might_be_done_twice_is_sent_once(run: Callable[..., Any], change: Callable[[Any], Any]) -> None:
    for trouble, error in ((httpx2.ReadTimeout("slow"), PortalAwayError), (refused(503), PartAwayError)):
        portal = Portal(trouble)
        with pytest.raises(error):
            run(portal, change)
        assert len(portal.asked) == 1


def test_a_run_is_started_again_under_the_same_key(run: Callable[..., Any]) -> None:
    portal = Portal(httpx2.ReadTimeout("slow"), refused(404))
    with pytest.raises(NotFoundError):
        run(portal, lambda client: client.runs.start(job="look"))
    first, second = (request.headers["idempotency-key"] for request in portal.asked)
    assert first == second
    assert portal.asked[0].content == b'{"job":"look"}'


def test_a_wait_that_is_too_long_is_the_callers(run: Callable[..., Any]) -> None:
    portal = Portal(refused(429, **{"retry-after": "60"}))
    with pytest.raises(RateError) as caught:
        run(portal, lambda client: client.roles.get("one"))
    assert caught.value.retry_after_seconds == 60
    assert isinstance(caught.value, TooManyRequestsError)


def test_patience_has_an_end(run: Callable[..., Any]) -> None:
    portal = Portal(*[httpx2.ConnectError("gone")] * 9)
    with pytest.raises(PortalAwayError, match=r"portal\.test"):
        run(portal, lambda client: client.roles.get("one"))
    assert len(portal.asked) == QUICK.attempts


def test_a_refusal_has_the_fields_of_its_document(run: Callable[..., Any]) -> None:
    with pytest.raises(PortalProblemError) as caught:
        run(Portal(refused(418)), lambda client: client.roles.get("one"))
    error = caught.value
    assert (error.type, error.title, error.detail) == ("urn:opsconductor:problem:busy", "Busy", "not now")
    assert (error.http_status, error.request_id, str(error)) == (418, "r-1", "not now")


def test_a_refused_field_is_named(run: Callable[..., Any]) -> None:
    problem = {"path": "name", "message": "is taken", "hint": "take another", "line": None}
    answer = httpx2.Response(422, json={"detail": "refused", "problems": [problem]})
    with pytest.raises(InvalidRequestError, match="name: is taken") as caught:
        run(Portal(answer), lambda client: client.roles.create(name="x", permissions=[]))
    assert isinstance(caught.value, InvalidInputError)
    assert [each.path for each in caught.value.problems] == ["name"]


def test_an_answer_that_is_no_document_is_an_error_all_the_same(run: Callable[..., Any]) -> None:
    with pytest.raises(OpsError, match="502"):
        run(Portal(httpx2.Response(502, text="<html>")), lambda client: client.roles.get("one"))


def test_a_key_cannot_leave_its_place_in_the_path(run: Callable[..., Any]) -> None:
    portal = Portal(refused(404))
    with pytest.raises(MissingError):
        run(portal, lambda client: client.roles.get("../users/x?y"))
    assert portal.asked[0].url.raw_path == b"/api/v1/roles/..%2Fusers%2Fx%3Fy"


def test_secrets_that_are_shown_once_are_not_printed() -> None:
    token = {
        "id": ROLE["id"], "name": "robot", "owner": "ada", "scopes": [], "hint": "…", "created_at": ROLE["created_at"],
        "expires_at": ROLE["created_at"], "last_used_at": None, "last_used_source": "", "token": "opsc_canary",
    }  # fmt: skip
    made = sync(Portal(httpx2.Response(201, json=token)), lambda client: client.tokens.create(name="robot", scopes=[]))
    assert "canary" not in repr(made)
    assert made.token.get_secret_value() == "opsc_canary"


def saved(client: Any) -> Any:
    """A whole file; for both clients."""
    pieces = client.runs.download_output("one", target="web01")
    if isinstance(client, Client):
        return b"".join(pieces)

    async def joined() -> bytes:
        return b"".join([piece async for piece in pieces])

    return joined()


def test_a_file_is_asked_for_again_until_it_comes(run: Callable[..., Any]) -> None:
    portal = Portal(httpx2.ConnectError("gone"), refused(503), httpx2.Response(200, content=b"hello\n"))
    assert run(portal, saved) == b"hello\n"
    assert [request.url.query for request in portal.asked] == [b"target=web01"] * 3


def test_a_file_that_is_refused_says_why(run: Callable[..., Any]) -> None:
    with pytest.raises(MissingError, match="not now"):
        run(Portal(refused(404)), saved)


class Breaking(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body whose connection is lost on the way."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"hel"
        raise httpx2.ReadError("gone")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"hel"
        raise httpx2.ReadError("gone")


def test_a_file_that_breaks_off_is_no_whole_file(run: Callable[..., Any]) -> None:
    with pytest.raises(PortalAwayError):
        run(lambda _: httpx2.Response(200, stream=Breaking()), saved)


def test_without_a_token_none_is_sent() -> None:
    portal = Portal(refused(401))
    with (
        Client("http://portal.test", transport=httpx2.MockTransport(portal)) as client,
        pytest.raises(NotSignedInError),
    ):
        client.auth.login(username="ada", password="wrong")
    assert "authorization" not in portal.asked[0].headers


def test_what_stands_beside_the_api_is_found_there(run: Callable[..., Any]) -> None:
    portal = Portal(refused(404))
    with pytest.raises(MissingError):
        run(portal, lambda client: client.health.live())
    assert portal.asked[0].url.path == "/health/live"


def test_words_of_python_are_asked_for_as_the_portal_knows_them(run: Callable[..., Any]) -> None:
    portal = Portal(httpx2.Response(200, json={"from": 7, "to": 9}))
    changes = run(portal, lambda client: client.runs.matrix("one", after=7, from_=0, to=3))
    assert portal.asked[0].url.query == b"after=7&from=0&to=3"
    assert (changes.from_, changes.to) == (7, 9)
