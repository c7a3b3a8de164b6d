"""The audit log as a file."""

import csv
import io
import json
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Literal

from fastapi.responses import StreamingResponse

from portal.authz.actor import Actor
from portal.kit.database import Sessions

from .log import audited
from .models import AuditEntry
from .repository import AuditFilter, AuditRepository
from .schemas import AuditRead

Form = Literal["jsonl", "csv"]
_MEDIA_TYPES: dict[Form, str] = {"jsonl": "application/jsonl", "csv": "text/csv; charset=utf-8"}
_TEXT: dict[str, Any] = {"schema": {"type": "string"}}
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {"application/jsonl": _TEXT, "text/csv": _TEXT}}
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def respond(sessions: Sessions, actor: Actor, wanted: AuditFilter, form: Form, source: str) -> StreamingResponse:
    """The file as a response that is written while it is read; that somebody took it is on the log before."""
    asked = wanted.facts()
    async with audited(sessions, source) as (_, audit):
        audit.record(actor, "audit.exported", "audit", "", format=form, **({"filter": asked} if asked else {}))
    headers = {"Content-Disposition": f'attachment; filename="audit.{form}"'}
    return StreamingResponse(_stream(sessions, wanted, form), media_type=_MEDIA_TYPES[form], headers=headers)


async def _stream(sessions: Sessions, wanted: AuditFilter, form: Form) -> AsyncGenerator[str]:
    write = _csv if form == "csv" else _jsonl
    if form == "csv":
        yield _csv_line(list(AuditRead.model_fields))
    async with sessions() as session:
        async for chunk in AuditRepository(session).chunks(wanted):
            yield write(chunk)


def _jsonl(entries: Sequence[AuditEntry]) -> str:
    return "".join(AuditRead.model_validate(entry).model_dump_json() + "\n" for entry in entries)


def _csv(entries: Sequence[AuditEntry]) -> str:
    rows = (AuditRead.model_validate(entry).model_dump(mode="json") for entry in entries)
    return "".join(_csv_line([_cell(value) for value in row.values()]) for row in rows)


def _csv_line(values: Sequence[object]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()


def _cell(value: object) -> object:
    """A text that a spreadsheet would run as a formula gets an apostrophe before it (OWASP, CSV injection)."""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
    return f"'{text}" if isinstance(text, str) and text.startswith(_FORMULA) else text
