"""What the handover depends on."""

from typing import Annotated

from fastapi import Depends

from portal.kit.database import SessionDep

from .repository import RunTokenRepository


def get_run_tokens(session: SessionDep) -> RunTokenRepository:
    """Tokens of runs."""
    return RunTokenRepository(session)


RunTokensDep = Annotated[RunTokenRepository, Depends(get_run_tokens)]
