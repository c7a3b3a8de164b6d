"""Enrolling an authenticator app: a secret is shown once, and a first code confirms it."""

from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.identity.models import User
from portal.kit.ids import now

from .codes import code_hash, new_recovery_codes, new_secret, otpauth_uri
from .errors import SecondFactorEnabledError
from .models import SecondFactor
from .repository import SecondFactorRepository
from .schemas import EnrolmentRead
from .sealing import SecretSealer


async def begin_enrolment(factors: SecondFactorRepository, sealer: SecretSealer, user: User) -> EnrolmentRead:
    """A new secret for the user's app, instead of one that was never confirmed.

    Raises:
        SecondFactorEnabledError: There is a confirmed one.
    """
    factor = await factors.find(user.id, lock=True)
    if factor is not None and factor.confirmed_at is not None:
        raise SecondFactorEnabledError
    secret = new_secret()
    await factors.hold_keys()
    sealed = await sealer.seal(secret, user.id)
    if factor is None:
        factors.add(SecondFactor(user_id=user.id, sealed_secret=sealed))
    else:
        factor.sealed_secret, factor.last_step = sealed, 0
    return EnrolmentRead(secret=secret, uri=otpauth_uri(secret, user.username))


async def finish_enrolment(
    factors: SecondFactorRepository, audit: AuditLog, actor: Actor, factor: SecondFactor
) -> list[str]:
    """The second factor counts from now on; gives the recovery codes."""
    factor.confirmed_at = now()
    audit.record(actor, "second_factor.enabled", "user", factor.user_id)
    return await renew_recovery_codes(factors, factor)


async def renew_recovery_codes(factors: SecondFactorRepository, factor: SecondFactor) -> list[str]:
    """New recovery codes; those before are worth nothing."""
    codes = new_recovery_codes()
    await factors.replace_recovery_codes(factor.user_id, [code_hash(code) for code in codes])
    return codes
