"""Answers that a client may know already (RFC 9110, section 8.8.3)."""

import re
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from fastapi import Response
from pydantic import BaseModel

Body = TypeVar("Body", bound=BaseModel)
_TAG = re.compile(r'(?:W/)?("[^"]*")')
NOT_MODIFIED: Final[dict[int | str, dict[str, Any]]] = {304: {"description": "Known already"}}


@dataclass(frozen=True, slots=True)
class Tagged(Generic[Body]):
    """A body with its entity tag; no body: the client has it.

    Attributes:
        tag: Quoted, as in the ETag header.
    """

    tag: str
    body: Body | None = None


def is_known(header: str | None, tag: str) -> bool:
    """Whether `If-None-Match` names the tag; a proxy that compresses marks it as weak (RFC 9110, section 13.1.2)."""
    return header is not None and tag in _TAG.findall(header)


def json_response(answer: Tagged[Any]) -> Response:
    """200 with the body, or 304. The client asks again each time, so a right that was taken away counts at once."""
    headers = {"ETag": answer.tag, "Cache-Control": "private, no-cache"}
    if answer.body is None:
        return Response(status_code=304, headers=headers)
    return Response(answer.body.model_dump_json(), media_type="application/json", headers=headers)
