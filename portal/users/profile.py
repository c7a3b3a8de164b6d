"""What people see and change of themselves."""

from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.identity.repository import IdentityRepository
from portal.identity.schemas import UserRead
from portal.identity.service import read_user

from .preferences import NotificationPreferences, UiPreferences
from .schemas import ProfileUpdate
from .service import change, refuse_nulls


async def get(identity: IdentityRepository, actor: Actor) -> UserRead:
    """One's own profile."""
    user = await identity.get_user(actor)
    return read_user(user, await identity.role_name(user))


async def update(identity: IdentityRepository, audit: AuditLog, actor: Actor, body: ProfileUpdate) -> UserRead:
    """Change one's own profile; what is absent stays."""
    changes = body.model_dump(exclude_unset=True)
    refuse_nulls(changes)
    user = await identity.get_user(actor)
    before = user.model_dump(mode="json", include=set(changes))
    change(user, changes)
    audit.record(actor, "profile.updated", "user", user.id, before=before, after=changes)
    return read_user(user, await identity.role_name(user))


async def get_ui_preferences(identity: IdentityRepository, actor: Actor) -> UiPreferences:
    """How pages look for the actor."""
    return UiPreferences.model_validate((await identity.get_user(actor)).ui_preferences)


async def set_ui_preferences(
    identity: IdentityRepository, audit: AuditLog, actor: Actor, body: UiPreferences
) -> UiPreferences:
    """Choose how pages look."""
    user = await identity.get_user(actor)
    change(user, {"ui_preferences": body.model_dump(mode="json")})
    audit.record(actor, "preferences.updated", "user", user.id, after=user.ui_preferences)
    return body


async def get_notification_preferences(identity: IdentityRepository, actor: Actor) -> NotificationPreferences:
    """What the actor is told of."""
    return NotificationPreferences.model_validate((await identity.get_user(actor)).notification_preferences)


async def set_notification_preferences(
    identity: IdentityRepository, audit: AuditLog, actor: Actor, body: NotificationPreferences
) -> NotificationPreferences:
    """Choose what one is told of, and how."""
    user = await identity.get_user(actor)
    change(user, {"notification_preferences": body.model_dump(mode="json")})
    # The address of a webhook often is its secret.
    after = body.model_dump(mode="json", exclude={"webhook"}) | {"webhook": body.webhook is not None}
    audit.record(actor, "notification_preferences.updated", "user", user.id, after=after)
    return body
