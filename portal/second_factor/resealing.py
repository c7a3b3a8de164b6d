"""The apps' secrets under a new key of the keyring."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from blocks.keyring import Keyring
from opsconductor.errors import SealedError

from .models import SecondFactor
from .sealing import reseal


async def reseal_second_factors(session: AsyncSession, keyring: Keyring) -> tuple[int, Mapping[str, str]]:
    """Seal every secret that is under another key than the active one again, in this transaction.

    Returns:
        How many were sealed again, and whose do not open, with the reason.
    """
    resealed, stuck = 0, dict[str, str]()
    for factor in await session.scalars(select(SecondFactor).with_for_update()):
        try:
            sealed = reseal(factor.sealed_secret, keyring, factor.user_id)
        except SealedError as error:
            stuck[f"second factor of user {factor.user_id}"] = str(error)
            continue
        resealed += sealed != factor.sealed_secret
        factor.sealed_secret = sealed
    return resealed, stuck
