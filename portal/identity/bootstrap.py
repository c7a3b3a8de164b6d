"""The first admin, and a new password for one who lost theirs; run by the machine's operator, not over HTTP."""

from opsconductor.errors import NotFoundError
from portal.audit.log import audited
from portal.kit.database import Sessions

from .models import User
from .passwords import hash_password, one_time_password
from .repository import IdentityRepository

_FIRST_ROLE = "admin"


async def bootstrap(sessions: Sessions, username: str = "admin") -> str | None:
    """Make the first admin; gives the one-time password, or None when there is somebody already."""
    async with audited(sessions) as (session, audit):
        identity = IdentityRepository(session)
        if await identity.any_user():
            return None
        password = one_time_password()
        role = await identity.find_role(_FIRST_ROLE)
        if role is None:
            raise NotFoundError("role", _FIRST_ROLE)
        user = User(
            username=username, role_id=role.id, password_hash=await hash_password(password), must_change_password=True
        )
        identity.add(user)
        audit.record(None, "user.created", "user", user.id, username=username, role=role.name)
        return password


async def reset_password(sessions: Sessions, username: str) -> str:
    """Give a user a new one-time password and end all of their sign-ins.

    Raises:
        NotFoundError: Nobody has that name.
    """
    async with audited(sessions) as (session, audit):
        identity = IdentityRepository(session)
        user = await identity.find_by_username(username)
        if user is None:
            raise NotFoundError("user", username)
        password = one_time_password()
        user.password_hash = await hash_password(password)
        user.must_change_password = True
        await identity.revoke_all(user.id)
        audit.record(None, "user.password_reset", "user", user.id)
        return password
