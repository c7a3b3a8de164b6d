"""Changing one's own password."""

from pydantic import SecretStr

from opsconductor.errors import InvalidInputError, Problem
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.kit.ids import now

from .client import Client
from .models import User
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
    user = await confirm_password(identity, throttle, actor, change.current_password, client, path="current_password")
    current, new = change.current_password.get_secret_value(), change.new_password.get_secret_value()
    if current == new:
        raise InvalidInputError([Problem("new_password", "is the password you have already")])
    await check_password("new_password", new, user.username, [user.email, user.first_name, user.last_name])
    user.password_hash = await hash_password(new)
    user.must_change_password = False
    user.updated_at = now()
    await identity.revoke_all(user.id, but=actor.session_id)
    audit.record(actor, "user.password_changed", "user", user.id)


async def confirm_password(
    identity: IdentityRepository,
    throttle: LoginThrottle,
    actor: Actor,
    password: SecretStr,
    client: Client,
    *,
    path: str = "password",
) -> User:
    """The actor themselves, who gave their password again: for what a stolen sign-in must not be enough for.

    The attempt is counted in a transaction of its own, before the request's has asked anything: see `WithPassword`.

    Raises:
        InvalidInputError: It is not their password; names the field at `path`.
        TooManyLoginsError: Too many attempts failed already.
    """
    await throttle.begin(actor.username, client.source)
    user = await identity.get_user(actor)
    if not await password_matches(password.get_secret_value(), user.password_hash):
        raise InvalidInputError([Problem(path, "is not the current password")])
    await throttle.succeed(actor.username, client.source)
    return user
