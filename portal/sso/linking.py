"""Which accounts at the provider a user signs in with; for those who manage users."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError

from opsconductor.errors import NotFoundError
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.identity.repository import IdentityRepository
from portal.users.repository import UserRepository
from portal.users.service import get_lesser_user, get_user

from .errors import SsoNotSetUpError, SubjectLinkedError
from .models import SsoIdentity
from .provider import Provider
from .repository import SsoRepository
from .schemas import SsoIdentityRead, SsoLink


async def list_accounts(
    users: UserRepository, accounts: SsoRepository, actor: Actor, user_id: UUID
) -> list[SsoIdentityRead]:
    """The user's accounts."""
    await get_user(users, actor, user_id)
    return [_read(account) for account in await accounts.list_of(user_id)]


async def link(
    provider: Provider | None,
    users: UserRepository,
    accounts: SsoRepository,
    audit: AuditLog,
    actor: Actor,
    user_id: UUID,
    body: SsoLink,
) -> SsoIdentityRead:
    """Let a user sign in with an account."""
    user = await get_lesser_user(users, actor, user_id)
    if provider is None:
        raise SsoNotSetUpError
    account = SsoIdentity(user_id=user.id, issuer=provider.settings.issuer, subject=body.subject)
    accounts.add(account)
    try:
        await accounts.flush()
    except IntegrityError as error:
        raise SubjectLinkedError from error
    audit.record(actor, "sso.linked", "user", user.id, issuer=account.issuer, subject=account.subject)
    return _read(account)


async def unlink(
    users: UserRepository,
    accounts: SsoRepository,
    identity: IdentityRepository,
    audit: AuditLog,
    actor: Actor,
    user_id: UUID,
) -> None:
    """Single sign-on does not sign the user in any more; all of their sign-ins end."""
    user = await get_lesser_user(users, actor, user_id)
    if not await accounts.unlink(user.id):
        raise NotFoundError("account", f"of {user.username}")
    await identity.revoke_all(user.id)
    audit.record(actor, "sso.unlinked", "user", user.id, username=user.username)


def _read(account: SsoIdentity) -> SsoIdentityRead:
    return SsoIdentityRead(**account.model_dump(include=set(SsoIdentityRead.model_fields)))
