"""One's own second factor, and those of users who lost theirs."""

from uuid import UUID

from opsconductor.errors import InvalidInputError, Problem
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.identity.client import Client
from portal.identity.own_password import confirm_password
from portal.identity.repository import IdentityRepository
from portal.identity.throttle import LoginThrottle
from portal.settings import Settings
from portal.users.repository import UserRepository
from portal.users.service import get_lesser_user

from .checking import CodeCheck
from .enrolment import begin_enrolment, finish_enrolment, renew_recovery_codes
from .errors import NoSecondFactorError, SecondFactorEnabledError, SecondFactorFailedError, SecondFactorRequiredError
from .models import SecondFactor
from .repository import SecondFactorRepository
from .schemas import Code, EnrolmentRead, PasswordProof, RecoveryCodesRead, SecondFactorRead
from .sealing import SecretSealer


async def get(
    identity: IdentityRepository, factors: SecondFactorRepository, settings: Settings, actor: Actor
) -> SecondFactorRead:
    """Whether the actor has a second factor, and has to."""
    user = await identity.get_user(actor)
    factor = await factors.find(user.id)
    return SecondFactorRead(
        enabled=factor is not None and factor.confirmed_at is not None,
        required=settings.needs_second_factor(await identity.role_name(user)),
        confirmed_at=factor.confirmed_at if factor else None,
        recovery_codes_left=await factors.count_recovery_codes(user.id),
    )


async def enrol(
    identity: IdentityRepository,
    factors: SecondFactorRepository,
    throttle: LoginThrottle,
    sealer: SecretSealer,
    actor: Actor,
    body: PasswordProof,
    client: Client,
) -> EnrolmentRead:
    """A new secret for the actor's app; it counts once a code confirms it."""
    user = await confirm_password(identity, throttle, actor, body.password, client)
    return await begin_enrolment(factors, sealer, user)


async def confirm(
    identity: IdentityRepository, check: CodeCheck, audit: AuditLog, actor: Actor, body: Code
) -> RecoveryCodesRead:
    """Confirm the app by its first code."""
    user = await identity.get_user(actor)
    found = await check.factors.find(user.id)
    if found is None:
        raise NoSecondFactorError
    if found.confirmed_at is not None:
        raise SecondFactorEnabledError
    try:
        factor, _ = await check.take(user, body.code.get_secret_value())
    except SecondFactorFailedError:
        # Not a refused sign-in: a client must not take it for an expired token.
        raise InvalidInputError(
            [Problem("code", "is wrong or was used before", "wait for the app's next one")]
        ) from None
    return RecoveryCodesRead(recovery_codes=await finish_enrolment(check.factors, audit, actor, factor))


async def renew_codes(
    identity: IdentityRepository,
    factors: SecondFactorRepository,
    throttle: LoginThrottle,
    audit: AuditLog,
    actor: Actor,
    body: PasswordProof,
    client: Client,
) -> RecoveryCodesRead:
    """New recovery codes instead of the old ones."""
    await confirm_password(identity, throttle, actor, body.password, client)
    factor = await _get_confirmed(factors, actor.user_id)
    audit.record(actor, "recovery_codes.renewed", "user", actor.user_id)
    return RecoveryCodesRead(recovery_codes=await renew_recovery_codes(factors, factor))


async def disable(
    identity: IdentityRepository,
    factors: SecondFactorRepository,
    throttle: LoginThrottle,
    audit: AuditLog,
    settings: Settings,
    actor: Actor,
    body: PasswordProof,
    client: Client,
) -> None:
    """Do without a second factor from now on."""
    user = await confirm_password(identity, throttle, actor, body.password, client)
    factor = await _get_confirmed(factors, user.id)
    role = await identity.role_name(user)
    if settings.needs_second_factor(role):
        raise SecondFactorRequiredError(role)
    await factors.forget(factor)
    audit.record(actor, "second_factor.disabled", "user", user.id)


async def reset(
    users: UserRepository,
    identity: IdentityRepository,
    factors: SecondFactorRepository,
    audit: AuditLog,
    actor: Actor,
    user_id: UUID,
) -> None:
    """Remove the second factor of a user who lost their app and their recovery codes."""
    user = await get_lesser_user(users, actor, user_id)
    factor = await factors.find(user_id, lock=True)
    if factor is None:
        raise NoSecondFactorError
    await factors.forget(factor)
    await identity.revoke_all(user_id)
    audit.record(actor, "second_factor.reset", "user", user_id, username=user.username)


async def _get_confirmed(factors: SecondFactorRepository, user_id: UUID) -> SecondFactor:
    factor = await factors.find(user_id, lock=True)
    if factor is None or factor.confirmed_at is None:
        raise NoSecondFactorError
    return factor
