"""Whether a code is right. Every attempt is counted before it is looked at, so that many at once gain nothing."""

import math
from dataclasses import dataclass
from typing import Final, Literal

from portal.identity.models import User
from portal.identity.throttle import wait_after
from portal.kit.database import Sessions
from portal.kit.ids import now

from .codes import code_hash, plain, step_of
from .errors import ChallengeNotValidError, SecondFactorFailedError, TooManyCodesError
from .models import SecondFactor
from .repository import SecondFactorRepository
from .sealing import SecretSealer

_ALLOWED: Final = 5
"""Wrong codes in a row before the waiting begins. Whoever tries codes knows the password, so this locks nobody out."""

Way = Literal["totp", "recovery_code"]


@dataclass(frozen=True, slots=True)
class CodeCheck:
    """Checks codes of users.

    Attributes:
        sessions: For the count, which stays when the request fails.
        factors: In the request's transaction.
        sealer: Opens the secrets.
    """

    sessions: Sessions
    factors: SecondFactorRepository
    sealer: SecretSealer

    async def begin(self, challenge_hash: str) -> None:
        """Count an attempt to meet a challenge as failed until it succeeds.

        Its own transaction ends before the request's begins: a request never holds two connections, so many at once
        cannot use the pool up against each other.

        Raises:
            ChallengeNotValidError: There is no such challenge.
            TooManyCodesError: Too many codes were wrong already.
        """
        async with self.sessions() as session, session.begin():
            factors = SecondFactorRepository(session)
            challenge = await factors.find_challenge(challenge_hash)
            if challenge is None:
                raise ChallengeNotValidError
            factor = await factors.find(challenge.user_id, lock=True)
            if factor is not None:
                _count(factor)

    async def take(self, user: User, code: str) -> tuple[SecondFactor, Way]:
        """Use a code of the user's app up, or one of their recovery codes.

        Raises:
            SecondFactorFailedError: It is none, or was used before.
        """
        factor = await self.factors.find(user.id, lock=True)
        way = await self._way(factor, plain(code)) if factor is not None else None
        if factor is None or way is None:
            raise SecondFactorFailedError(user.id, user.username)
        factor.failures, factor.blocked_until = 0, None
        return factor, way

    async def _way(self, factor: SecondFactor, code: str) -> Way | None:
        if not code.isdigit():
            confirmed = factor.confirmed_at is not None
            taken = confirmed and await self.factors.take_recovery_code(factor.user_id, code_hash(code))
            return "recovery_code" if taken else None
        secret = await self.sealer.open(factor.sealed_secret, factor.user_id)
        step = step_of(secret, code, now())
        if step is None or step <= factor.last_step:
            return None
        factor.last_step = step
        return "totp"


def _count(factor: SecondFactor) -> None:
    at = now()
    if factor.blocked_until is not None and factor.blocked_until > at:
        raise TooManyCodesError(max(1, math.ceil((factor.blocked_until - at).total_seconds())))
    factor.failures += 1
    wait = wait_after(factor.failures, _ALLOWED)
    factor.blocked_until = at + wait if wait else None
