"""Changing one's own password."""

from opsconductor.errors import InvalidInputError, Problem
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.kit.ids import now

from .client import Client
from .passwords import check_password, hash_password, password_matches
from .repository import IdentityRepository
from .schemas import PasswordChange
from .throttle import LoginThrottle


async def change_password(
    identity: IdentityRepository,
    throttle: LoginThrottle,
    audit: AuditLog,
    actor: Actor,
    change: PasswordChange,
    client: Client,
) -> None:
    """Set a new password; every other sign-in of the user ends."""
    await throttle.begin(actor.username, client.source)
    user = await identity.get_user(actor)
    current, new = change.current_password.get_secret_value(), change.new_password.get_secret_value()
    if not await password_matches(current, user.password_hash):
        raise InvalidInputError([Problem("current_password", "is not the current password")])
    await throttle.succeed(actor.username, client.source)
    if current == new:
        raise InvalidInputError([Problem("new_password", "is the password you have already")])
    await check_password("new_password", new, user.username, [user.email, user.first_name, user.last_name])
    user.password_hash = await hash_password(new)
    user.must_change_password = False
    user.updated_at = now()
    await identity.revoke_all(user.id, but=actor.session_id)
    audit.record(actor, "user.password_changed", "user", user.id)
