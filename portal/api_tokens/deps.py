"""What the API tokens endpoints depend on."""

from typing import Annotated

from fastapi import Depends, Query

from portal.authz.actor import Actor
from portal.authz.guard import in_person, signed_in
from portal.kit.database import SessionDep
from portal.kit.text import Line

from .repository import ApiTokenFilter, ApiTokenRepository


def get_tokens(session: SessionDep) -> ApiTokenRepository:
    """API tokens."""
    return ApiTokenRepository(session)


def get_filter(
    q: Annotated[Line | None, Query(description="Part of a name.")] = None,
    user: Annotated[Line | None, Query(description="Only tokens of this user.")] = None,
    sort: Annotated[Line, Query(description="name, created_at or expires_at; `-` before it: backwards.")] = "name",
) -> ApiTokenFilter:
    """Which tokens to list."""
    return ApiTokenFilter(q, user, sort)


ApiTokensDep = Annotated[ApiTokenRepository, Depends(get_tokens)]
FilterDep = Annotated[ApiTokenFilter, Depends(get_filter)]
SignedIn = Annotated[Actor, Depends(signed_in)]
InPerson = Annotated[Actor, Depends(in_person)]
