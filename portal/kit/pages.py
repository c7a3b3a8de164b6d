"""Cursor pages: every list answers `items`, `next_page` and `previous_page`, and takes `cursor` and `size`."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from fastapi import Depends, HTTPException, Query
from fastapi_pagination.cursor import CursorPage, CursorParams
from fastapi_pagination.ext.sqlalchemy import apaginate  # pyright: ignore[reportUnknownVariableType] (partly typed)
from sqlakeyset import InvalidPage
from sqlalchemy import ColumnElement
from sqlalchemy.exc import InterfaceError, OperationalError, StatementError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel
from sqlmodel.sql.expression import SelectOfScalar

from opsconductor.errors import InvalidInputError, Problem

Row = TypeVar("Row", bound=SQLModel)
Page = CursorPage
_DATABASE_AWAY = (OperationalError, InterfaceError)
_BAD_CURSOR = InvalidInputError([Problem("cursor", "is not a cursor of this list", "start again without it")])


class PageParams(CursorParams):
    """Which page of a list."""

    size: int = Query(50, ge=1, le=500, description="Items a page")


PageDep = Annotated[PageParams, Depends()]


async def paginate(session: AsyncSession, query: SelectOfScalar[Row], params: CursorParams) -> CursorPage[Row]:
    """One page of a query whose order ends in a unique column."""
    try:
        return await apaginate(session, query, params=params)
    except (InvalidPage, StatementError, TypeError, HTTPException) as error:
        if params.cursor is None or isinstance(error, _DATABASE_AWAY):
            raise
        raise _BAD_CURSOR from error


def paged(page: CursorPage[Row], read: Callable[[Row], Any]) -> dict[str, Any]:
    """The page with each row as its read schema."""
    return {**page.model_dump(exclude={"items"}), "items": [read(row) for row in page.items]}


def order(sort: str, columns: Mapping[str, Any], unique: Any) -> list[ColumnElement[Any]]:
    """`-created_at` → columns to order by, made total by a unique column."""
    name = sort.removeprefix("-")
    if name not in columns:
        raise InvalidInputError([Problem("sort", f"cannot sort by this; one of {', '.join(sorted(columns))}")])
    if sort.startswith("-"):
        return [columns[name].desc(), unique.desc()]
    return [columns[name].asc(), unique.asc()]
