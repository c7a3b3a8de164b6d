"""Who says the name of a target."""

from collections.abc import Collection

from opsconductor.errors import InvalidInputError
from opsconductor.sdk.selector import name_patterns, parse_selector
from portal.authz.actor import Actor
from portal.authz.permissions import Permission

from .errors import TargetNamedError
from .models import Target
from .repository import TargetRepository

_SEEN_WITH = {
    "job": ("job {}", Permission.JOBS_VIEW),
    "group": ("the selector of group {}", Permission.TARGETS_VIEW),
    "credential": ("the allowed targets of credential {}", Permission.CREDENTIALS_VIEW),
}


async def check_unnamed(targets: TargetRepository, actor: Actor, target: Target) -> None:
    """For a target that gets another name: `not host:web09` would let a job run on it.

    Raises:
        TargetNamedError: Jobs, groups or credentials name it; patterns that fit it name nobody.
    """
    asked = await targets.list_selectors(target.name)
    users = [use for use in asked if target.name in _names(use.selector)]
    if users:
        seen = [_SEEN_WITH[use.kind][0].format(use.name) for use in users if _is_seen(actor, use.kind)]
        raise TargetNamedError(target.name, seen, len(users) - len(seen))


def _is_seen(actor: Actor, kind: str) -> bool:
    return actor.scope(_SEEN_WITH[kind][1]).everywhere


def _names(select: str) -> Collection[str]:
    try:
        return name_patterns(parse_selector(select))
    except InvalidInputError:  # a document of a version with another language
        return ()
