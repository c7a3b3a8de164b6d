"""HTTP surface of the second factor."""

from uuid import UUID

from fastapi import Depends, Response

from portal.audit.log import AuditDep
from portal.authz.guard import guarded_inside, public
from portal.identity.client import ClientDep
from portal.identity.deps import (
    CookiesDep,
    IdentityDep,
    IssuerDep,
    SettingsDep,
    ThrottleDep,
    WithPassword,
    from_our_pages,
)
from portal.kit.problems import problems
from portal.kit.routing import Router
from portal.users.deps import MayManageInPerson, UsersDep

from . import browser, service, signing_in
from .deps import CheckDep, FactorsDep, InPerson, SealerDep
from .schemas import (
    BrowserSecondStepRead,
    Challenge,
    ChallengeAnswer,
    Code,
    EnrolmentRead,
    PasswordProof,
    RecoveryCodesRead,
    SecondFactorRead,
    SecondStepRead,
)

router = Router(tags=["auth"])


@router.post("/auth/login/enrol", responses=problems(409), dependencies=[Depends(public)])
async def enrol_at_login(
    body: Challenge, identity: IdentityDep, factors: FactorsDep, sealer: SealerDep
) -> EnrolmentRead:
    """A secret for an authenticator app, where a sign-in says that one has to be enrolled first."""
    return await signing_in.enrol(identity, factors, sealer, body.challenge.get_secret_value())


@router.post("/auth/login/code", responses=problems(429), dependencies=[Depends(public)])
async def answer_challenge(
    body: ChallengeAnswer, identity: IdentityDep, check: CheckDep, audit: AuditDep, issuer: IssuerDep, client: ClientDep
) -> SecondStepRead:
    """The second step of a sign-in: a code of the app, or a recovery code."""
    return await signing_in.answer(identity, check, audit, issuer, body, client)


@router.post(
    "/auth/browser/login/code",
    responses=problems(429),
    dependencies=[Depends(guarded_inside), Depends(from_our_pages)],
)
async def answer_challenge_in_browser(
    body: ChallengeAnswer,
    identity: IdentityDep,
    check: CheckDep,
    audit: AuditDep,
    issuer: IssuerDep,
    client: ClientDep,
    cookies: CookiesDep,
    response: Response,
) -> BrowserSecondStepRead:
    """The second step of a browser's sign-in; its tokens are cookies."""
    return await browser.answer(identity, check, audit, issuer, body, client, cookies, response)


@router.get("/auth/second-factor", responses=problems())
async def read_second_factor(
    actor: InPerson, identity: IdentityDep, factors: FactorsDep, settings: SettingsDep
) -> SecondFactorRead:
    """Whether you have a second factor, and have to."""
    return await service.get(identity, factors, settings, actor)


@router.post("/auth/second-factor", status_code=201, responses=problems(409, 429))
async def enrol_second_factor(
    body: PasswordProof,
    actor: WithPassword,
    identity: IdentityDep,
    factors: FactorsDep,
    throttle: ThrottleDep,
    sealer: SealerDep,
    client: ClientDep,
) -> EnrolmentRead:
    """A secret for your authenticator app; it counts once its first code confirms it."""
    return await service.enrol(identity, factors, throttle, sealer, actor, body, client)


@router.post("/auth/second-factor/confirm", responses=problems(409))
async def confirm_second_factor(
    body: Code, actor: InPerson, identity: IdentityDep, check: CheckDep, audit: AuditDep
) -> RecoveryCodesRead:
    """Confirm your app by its first code; gives recovery codes, once."""
    return await service.confirm(identity, check, audit, actor, body)


@router.post("/auth/second-factor/recovery-codes", responses=problems(409, 429))
async def renew_recovery_codes(
    body: PasswordProof,
    actor: WithPassword,
    identity: IdentityDep,
    factors: FactorsDep,
    throttle: ThrottleDep,
    audit: AuditDep,
    client: ClientDep,
) -> RecoveryCodesRead:
    """New recovery codes; those before are worth nothing."""
    return await service.renew_codes(identity, factors, throttle, audit, actor, body, client)


@router.post("/auth/second-factor/disable", status_code=204, responses=problems(409, 429))
async def disable_second_factor(
    body: PasswordProof,
    actor: WithPassword,
    identity: IdentityDep,
    factors: FactorsDep,
    throttle: ThrottleDep,
    audit: AuditDep,
    settings: SettingsDep,
    client: ClientDep,
) -> None:
    """Do without a second factor from now on."""
    await service.disable(identity, factors, throttle, audit, settings, actor, body, client)


@router.delete("/users/{user_id}/second-factor", status_code=204, responses=problems(404, 409))
async def reset_second_factor(
    user_id: UUID,
    actor: MayManageInPerson,
    users: UsersDep,
    identity: IdentityDep,
    factors: FactorsDep,
    audit: AuditDep,
) -> None:
    """Remove the second factor of a user who lost their app; all of their sign-ins end."""
    await service.reset(users, identity, factors, audit, actor, user_id)
