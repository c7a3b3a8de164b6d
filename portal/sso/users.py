"""From an account at the provider to a user here, and to the role that their groups give them."""

from sqlalchemy.exc import IntegrityError

from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.authz.models import Role
from portal.identity.models import User
from portal.identity.repository import IdentityRepository
from portal.kit.ids import now
from portal.settings import SsoSettings
from portal.users.repository import UserRepository
from portal.users.rights import check_admin_left

from .claims import SsoClaims
from .errors import SsoUsernameTakenError, SsoUserRefusedError
from .models import SsoIdentity
from .repository import SsoRepository


async def user_of(
    users: UserRepository,
    accounts: SsoRepository,
    identity: IdentityRepository,
    audit: AuditLog,
    settings: SsoSettings,
    claims: SsoClaims,
) -> User:
    """The user who signs in with this account, with the role of today's groups; made now where that is allowed.

    Raises:
        SsoUserRefusedError: They are unknown, disabled, or in no group that has a role.
        SsoUsernameTakenError: Their name belongs to somebody who was never linked to this account.
        LastAdminError: Their groups would take the last admin away.
    """
    account = await accounts.find(settings.issuer, claims.subject)
    user = await identity.find_user(account.user_id) if account else None
    if user is not None and not user.active:
        raise SsoUserRefusedError("your user is disabled here; ask an admin", claims.subject)
    role = await _role(identity, settings, claims, known=user is not None)
    if account is None or user is None:
        if role is None:
            raise SsoUserRefusedError("no role is set up for new users; ask an admin", claims.subject)
        return await _create(accounts, identity, audit, settings, claims, role)
    account.last_login_at = now()
    if role is not None and user.role_id != role.id:
        await check_admin_left(users, user)
        before = await identity.role_name(user)
        user.role_id, user.updated_at = role.id, now()
        await identity.tell_changed(user.id)
        audit.record(_as(user), "user.role_changed", "user", user.id, before=before, after=role.name, by="groups")
    return user


async def _role(identity: IdentityRepository, settings: SsoSettings, claims: SsoClaims, *, known: bool) -> Role | None:
    """The role that the groups give; None where nobody mapped any and the user has one already."""
    groups = set(claims.groups)
    name = next((mapped.role for mapped in settings.roles if mapped.group in groups), None)
    if name is None and known and not settings.roles:
        return None
    name = name or settings.default_role
    if name is None:
        raise SsoUserRefusedError("none of your groups has a role here; ask an admin for one", claims.subject)
    role = await identity.find_role(name)
    if role is None:
        raise SsoUserRefusedError(
            f"the role {name} that portal.toml names does not exist; tell an admin", claims.subject
        )
    return role


async def _create(
    accounts: SsoRepository,
    identity: IdentityRepository,
    audit: AuditLog,
    settings: SsoSettings,
    claims: SsoClaims,
    role: Role,
) -> User:
    if not settings.create_users:
        raise SsoUserRefusedError("you are not a user here yet; ask an admin to add and link you", claims.subject)
    if not claims.username or len(claims.username) > 200:
        raise SsoUserRefusedError(
            f"the provider does not say what you are called ({settings.username_claim})", claims.subject
        )
    if await identity.find_by_username(claims.username) is not None:
        raise SsoUsernameTakenError(claims.username, claims.subject)
    user = User(
        username=claims.username,
        email=claims.email,
        first_name=claims.first_name,
        last_name=claims.last_name,
        role_id=role.id,
    )
    identity.add(user)
    try:
        await identity.flush()
    except IntegrityError as error:  # somebody took the name a moment ago
        raise SsoUsernameTakenError(claims.username, claims.subject) from error
    accounts.add(SsoIdentity(user_id=user.id, issuer=settings.issuer, subject=claims.subject, last_login_at=now()))
    audit.record(_as(user), "user.created", "user", user.id, username=user.username, role=role.name, by="sso")
    audit.record(_as(user), "sso.linked", "user", user.id, issuer=settings.issuer, subject=claims.subject)
    return user


def _as(user: User) -> Actor:
    return Actor(user.id, user.username, user.id, frozenset())
