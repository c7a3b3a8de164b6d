"""What the second factor's endpoints depend on."""

from typing import Annotated

from fastapi import Depends

from portal.authz.actor import Actor
from portal.authz.guard import in_person
from portal.identity.deps import SettingsDep
from portal.kit.database import SessionDep, SessionsDep

from .checking import CodeCheck
from .repository import SecondFactorRepository
from .sealing import SecretSealer


def get_factors(session: SessionDep) -> SecondFactorRepository:
    """Second factors."""
    return SecondFactorRepository(session)


def get_sealer(settings: SettingsDep) -> SecretSealer:
    """Seals and opens their secrets."""
    return SecretSealer(settings.keyring_file)


FactorsDep = Annotated[SecondFactorRepository, Depends(get_factors)]
SealerDep = Annotated[SecretSealer, Depends(get_sealer)]


def get_check(sessions: SessionsDep, factors: FactorsDep, sealer: SealerDep) -> CodeCheck:
    """Checks codes."""
    return CodeCheck(sessions, factors, sealer)


CheckDep = Annotated[CodeCheck, Depends(get_check)]
InPerson = Annotated[Actor, Depends(in_person)]
