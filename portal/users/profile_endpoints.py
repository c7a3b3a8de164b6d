"""HTTP surface of one's own profile and preferences."""

from portal.audit.log import AuditDep
from portal.identity.deps import IdentityDep, InPerson, SignedIn
from portal.identity.schemas import UserRead
from portal.kit.problems import problems
from portal.kit.routing import Router

from . import profile
from .preferences import NotificationPreferences, UiPreferences
from .schemas import ProfileUpdate

router = Router(prefix="/profile", tags=["profile"])


@router.get("", responses=problems())
async def read_profile(actor: SignedIn, identity: IdentityDep) -> UserRead:
    """One's own profile."""
    return await profile.get(identity, actor)


@router.patch("", responses=problems())
async def update_profile(body: ProfileUpdate, actor: InPerson, identity: IdentityDep, audit: AuditDep) -> UserRead:
    """Change one's own profile; what is absent stays. Role, name and activity are for those who manage users."""
    return await profile.update(identity, audit, actor, body)


@router.get("/preferences", responses=problems())
async def read_preferences(actor: SignedIn, identity: IdentityDep) -> UiPreferences:
    """How pages look: time zone, theme, density."""
    return await profile.get_ui_preferences(identity, actor)


@router.put("/preferences", responses=problems())
async def set_preferences(
    body: UiPreferences, actor: InPerson, identity: IdentityDep, audit: AuditDep
) -> UiPreferences:
    """Choose how pages look; what is absent gets its default."""
    return await profile.set_ui_preferences(identity, audit, actor, body)


@router.get("/notifications", responses=problems())
async def read_notification_preferences(actor: InPerson, identity: IdentityDep) -> NotificationPreferences:
    """What one is told of, and how."""
    return await profile.get_notification_preferences(identity, actor)


@router.put("/notifications", responses=problems())
async def set_notification_preferences(
    body: NotificationPreferences, actor: InPerson, identity: IdentityDep, audit: AuditDep
) -> NotificationPreferences:
    """Choose what one is told of, and how; what is absent gets its default."""
    return await profile.set_notification_preferences(identity, audit, actor, body)
