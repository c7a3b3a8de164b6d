"""What is wrong with an answer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import FastAPI
from schemathesis import Case, Response
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.routing import compile_path

from portal.authz.guard import route_table
from tests.contracts.rights.identities import Identity
from tests.contracts.rights.rows import ROUTES

from .wire import Answer

SECRET = "correct horse"
_REVEALS = "POST /api/v1/credentials/{credential_id}/reveal"
_DESCRIPTION = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that must not be.

    Attributes:
        kind: `5xx`, `undocumented` or `surprise`.
    """

    kind: str
    operation: str
    what: str


class Doors:
    """Which route a request comes to: a drawn path may be another route's, or nobody's."""

    def __init__(self, app: FastAPI) -> None:
        self._patterns = [(method, compile_path(path)[0], f"{method} {path}") for method, path, _ in route_table(app)]

    def find(self, method: str, path: str) -> str | None:
        """Method and path template of the route."""
        return next((line for verb, pattern, line in self._patterns if verb == method and pattern.match(path)), None)


def findings(
    who: Identity, case: Case, answer: Answer, response: Response, line: str | None, *, whole: bool
) -> Iterator[Finding]:
    """Everything that is wrong.

    Args:
        line: The route that it came to.
        whole: Whether the body was sent as it was drawn.
    """
    label = case.operation.label
    if answer.broke is not None or (answer.status >= 500 and not _is_told(case, answer.status)):
        yield Finding("5xx", label, f"{answer.status} {answer.broke!r:.300}")
    elif line == label:
        yield from (Finding("undocumented", label, text) for text in _undocumented(case, response, whole=whole))
    elif line is None and answer.status not in (404, 405):
        yield Finding("undocumented", label, f"nobody's path is answered {answer.status}")
    if line is not None:
        yield from (Finding("surprise", line, text) for text in surprises(who, line, answer))


def _is_told(case: Case, status: int) -> bool:
    return status == 503 and str(status) in case.operation.responses.status_codes


def _undocumented(case: Case, response: Response, *, whole: bool) -> Iterator[str]:
    checks = [*_DESCRIPTION, negative_data_rejection] if whole else _DESCRIPTION
    try:
        case.validate_response(response, checks=checks)
    except FailureGroup as group:
        for failure in group.exceptions:
            message = re.sub(r"\s+", " ", f"{failure.title}: {failure.message}")
            yield f"{response.status_code} {message[:400]}"


def surprises(who: Identity, line: str, answer: Answer) -> Iterator[str]:
    """What contradicts the rights matrix, whatever the request was."""
    route = ROUTES[line]
    if SECRET.encode() in answer.content and line != _REVEALS:
        yield "shows a secret"
    if route.public:
        return
    if not who.signed_in:
        if answer.status != 401:
            yield f"answers {answer.status} to nobody, not 401"
    elif answer.status == 401:
        yield "answers 401 to somebody who is signed in"
    elif route.permission is not None and not who.may(route.permission) and answer.status != 403:
        yield f"answers {answer.status}, not 403, to somebody without {route.permission}"
