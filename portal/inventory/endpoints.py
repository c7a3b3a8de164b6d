"""HTTP surface of inventory files."""

from typing import Annotated, Any

from fastapi import Query, Response

from portal.kit.problems import problems
from portal.kit.routing import Router
from portal.targets.deps import MayCreate, MayView, RegisterDep

from . import exporting, importing
from .deps import InventoryDep
from .formats import FORMATS, FormatName
from .schemas import ImportReport, InventoryImport

router = Router(prefix="/inventory", tags=["inventory"])
SelectQuery = Annotated[str, Query(max_length=4000, description="Which targets, such as `group:web and tag:prod`.")]
_PARSED = ("application/json", "application/yaml")
_CONTENT: dict[str, Any] = {
    one.media_type: {"schema": {"type": "object" if one.media_type in _PARSED else "string"}}
    for one in FORMATS.values()
}
_FILE: dict[int | str, dict[str, Any]] = {200: {"description": "The file.", "content": _CONTENT}}


@router.post("/import", responses=problems(404, 409))
async def import_inventory(
    body: InventoryImport, actor: MayCreate, repository: InventoryDep, register: RegisterDep
) -> ImportReport:
    """Add and change targets as a file says: all of it, or nothing; a dry run only says what would be done."""
    return await importing.import_inventory(repository, register, actor, body)


@router.get("/export", response_class=Response, responses={**_FILE, **problems()})
async def export_inventory(
    actor: MayView,
    repository: InventoryDep,
    register: RegisterDep,
    file_format: Annotated[FormatName, Query(alias="format")],
    select: SelectQuery = "all",
) -> Response:
    """Targets as a file, without secrets."""
    text = await exporting.export_inventory(repository, register, actor, file_format, select)
    return Response(text, media_type=FORMATS[file_format].media_type)
