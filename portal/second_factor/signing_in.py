"""Signing in, in one step or two: the password, then a code where there is a second factor."""

from datetime import timedelta
from typing import Final

from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.identity.client import Client
from portal.identity.issuer import Issuer
from portal.identity.models import User
from portal.identity.repository import IdentityRepository
from portal.identity.schemas import Login, TokenRead
from portal.identity.service import check_password, open_session
from portal.identity.throttle import LoginThrottle
from portal.identity.tokens import opaque_token, token_hash
from portal.kit.ids import now

from .checking import CodeCheck
from .enrolment import begin_enrolment, finish_enrolment
from .errors import ChallengeNotValidError
from .models import LoginChallenge
from .repository import SecondFactorRepository
from .schemas import ChallengeAnswer, ChallengeRead, EnrolmentRead, SecondStepRead
from .sealing import SecretSealer

_CHALLENGE_LASTS: Final = timedelta(minutes=5)


async def log_in(
    identity: IdentityRepository,
    factors: SecondFactorRepository,
    throttle: LoginThrottle,
    audit: AuditLog,
    issuer: Issuer,
    body: Login,
    client: Client,
) -> TokenRead | ChallengeRead:
    """The first step: a sign-in for the user with this password, or a challenge to show a code as well."""
    user = await check_password(identity, throttle, body, client)
    factor = await factors.find(user.id)
    enabled = factor is not None and factor.confirmed_at is not None
    if enabled or issuer.settings.needs_second_factor(await identity.role_name(user)):
        return _challenge(factors, user, enrolment_due=not enabled)
    return await open_session(identity, audit, issuer, user, client, way="password")


async def enrol(
    identity: IdentityRepository, factors: SecondFactorRepository, sealer: SecretSealer, challenge: str
) -> EnrolmentRead:
    """A secret for the app of somebody whose role needs a second factor, and who has none yet."""
    found = await factors.find_challenge(token_hash(challenge))
    user = await identity.find_user(found.user_id) if found else None
    if user is None or not user.active:
        raise ChallengeNotValidError
    return await begin_enrolment(factors, sealer, user)


async def answer(
    identity: IdentityRepository,
    check: CodeCheck,
    audit: AuditLog,
    issuer: Issuer,
    body: ChallengeAnswer,
    client: Client,
) -> SecondStepRead:
    """The second step: a sign-in for the user of this challenge, if the code is right."""
    challenge = token_hash(body.challenge.get_secret_value())
    await check.begin(challenge)
    user = await _take_challenge(identity, check.factors, challenge)
    factor, way = await check.take(user, body.code.get_secret_value())
    actor = Actor(user.id, user.username, user.id, frozenset())
    codes = [] if factor.confirmed_at else await finish_enrolment(check.factors, audit, actor, factor)
    tokens = await open_session(identity, audit, issuer, user, client, way=f"password, {way}")
    return SecondStepRead(recovery_codes=codes, **tokens.model_dump())


def _challenge(factors: SecondFactorRepository, user: User, *, enrolment_due: bool) -> ChallengeRead:
    token = opaque_token()
    expires_at = now() + _CHALLENGE_LASTS
    factors.add(LoginChallenge(token_hash=token_hash(token), user_id=user.id, expires_at=expires_at))
    seconds = int(_CHALLENGE_LASTS.total_seconds())
    return ChallengeRead(challenge=token, expires_in_seconds=seconds, enrolment_due=enrolment_due)


async def _take_challenge(identity: IdentityRepository, factors: SecondFactorRepository, challenge_hash: str) -> User:
    """Its user. It is used up only when the request succeeds: a wrong code can be tried again."""
    user_id = await factors.take_challenge(challenge_hash)
    user = await identity.find_user(user_id) if user_id else None
    if user is None or not user.active:
        raise ChallengeNotValidError
    return user
