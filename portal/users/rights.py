"""Who may do what to whom: nobody reaches, through another user, what they may not do themselves."""

from portal.authz.actor import Actor
from portal.authz.giving import check_within
from portal.identity.models import User

from .errors import LastAdminError
from .repository import UserRepository


async def check_above(users: UserRepository, actor: Actor, user: User) -> None:
    """Refuse changes of a user who may do more: with their password, or without them, one would have their rights.

    Raises:
        PermissionDeniedError: They may.
    """
    if user.id != actor.user_id:
        check_within(actor, await users.rights(user), f"user {user.username}, who has it")


async def check_admin_left(users: UserRepository, user: User) -> None:
    """Refuse to take the last admin away; of two admins who demote each other at once, one stays.

    Raises:
        LastAdminError: The user is the last one.
    """
    if await users.lock_admins() == frozenset({user.id}):
        raise LastAdminError(user.username)
