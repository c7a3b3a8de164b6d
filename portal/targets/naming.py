"""Who says the name of a target."""

from collections.abc import Collection

from opsconductor.errors import InvalidInputError
from opsconductor.sdk.selector import name_patterns, parse_selector

from .errors import TargetNamedError
from .models import Target
from .repository import TargetRepository


async def check_unnamed(targets: TargetRepository, target: Target) -> None:
    """For a target that gets another name: `not host:web09` would let a job run on it.

    Raises:
        TargetNamedError: Jobs, groups or credentials name it; patterns that fit it name nobody.
    """
    asked = await targets.list_selectors(target.name)
    users = [who for who, select in asked if target.name in _names(select)]
    if users:
        raise TargetNamedError(target.name, users)


def _names(select: str) -> Collection[str]:
    try:
        return name_patterns(parse_selector(select))
    except InvalidInputError:  # a document of a version with another language
        return ()
