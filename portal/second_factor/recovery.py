"""For who lost their app and their recovery codes, where nobody else can reset it; run by the machine's operator."""

from opsconductor.errors import NotFoundError
from portal.audit.log import audited
from portal.identity.repository import IdentityRepository
from portal.kit.database import Sessions

from .errors import NoSecondFactorError
from .repository import SecondFactorRepository


async def reset_second_factor(sessions: Sessions, username: str) -> None:
    """Remove the second factor of a user and end all of their sign-ins.

    Raises:
        NotFoundError: Nobody has that name.
        NoSecondFactorError: They have none.
    """
    async with audited(sessions) as (session, audit):
        identity, factors = IdentityRepository(session), SecondFactorRepository(session)
        user = await identity.find_by_username(username)
        if user is None:
            raise NotFoundError("user", username)
        factor = await factors.find(user.id, lock=True)
        if factor is None:
            raise NoSecondFactorError
        await factors.forget(factor)
        await identity.revoke_all(user.id)
        audit.record(None, "second_factor.reset", "user", user.id, username=user.username)
